"""From the panel's sheets to its result: what it comes to now, and what it is frozen as."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from nominations.models import Edition, Nomination
from nominations.rules import competition_ranks
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.figures import decimal_text
from portal.sentences import Sentence
from review import rules
from review.models import Assignment, Discussion, PanelMember
from review.services.conflicts import standing

RECUSED, UNFINISHED, VALID = "recused", "unfinished", "valid"
GONE = (PanelMember.Standing.DECLINED, PanelMember.Standing.REPLACED)


@dataclass(frozen=True)
class Marks:
    """One expert's sheet for one nomination: its points and total where it is valid, else why it is not."""

    expert: str
    status: str
    points: dict[str, Decimal] = field(default_factory=dict)
    total: Fraction | None = None
    # Of an unfinished one: opened once more by the office and not handed in again; of a member who has left.
    reopened: bool = False
    left: bool = False

    def as_input(self) -> dict:
        """As it is frozen: points only where they count."""
        facts = {"expert": self.expert, "valid": self.status == VALID, "status": self.status}
        if self.status == VALID:
            facts["scores"] = {code: decimal_text(value) for code, value in sorted(self.points.items())}
        return facts


@dataclass
class Standing:
    """One nomination under review: its sheets, what they come to, its place."""

    nomination: Nomination
    marks: list[Marks]
    outcome: rules.ExpertScore
    rank: int | None = None
    nominee: bool = False
    missed_by: Fraction | None = None  # points below the cut, for those who are not nominees

    @property
    def unfinished(self) -> int:
        """Those still to come: of a member who has left nothing comes."""
        return sum(1 for each in self.marks if each.status == UNFINISHED and not each.left)

    @property
    def reopened(self) -> list[str]:
        """By number, whose sheet was opened once more and has not come back."""
        return [each.expert for each in self.marks if each.reopened and not each.left]

    @property
    def recused(self) -> int:
        return sum(1 for each in self.marks if each.status == RECUSED)

    @property
    def left(self) -> int:
        """Sheets that members who have left did not finish."""
        return sum(1 for each in self.marks if each.status == UNFINISHED and each.left)

    @property
    def spread(self) -> Fraction | None:
        totals = [each.total for each in self.marks if each.status == VALID]
        return max(totals) - min(totals) if totals else None

    @property
    def dropped(self) -> dict[str, str]:
        """By expert: "high" or "low" where the sheet is the one set aside (the first of equals)."""
        if self.outcome.low is None:
            return {}
        valid = [each for each in self.marks if each.status == VALID]
        low = next(each.expert for each in valid if each.total == self.outcome.low)
        high = next(
            each.expert for each in reversed(valid) if each.total == self.outcome.high and each.expert != low
        )
        return {low: "low", high: "high"}


@dataclass
class ReviewPreview:
    """What closing would do: ranked, best first; those without a score block it."""

    edition: Edition
    standings: list[Standing]
    cut: Fraction | None
    grew_by: int
    warning: Sentence | None
    # Until when the discussion runs, where it runs.
    discussed_until: datetime | None = None
    # Without a vote nobody is cut: all are ranked by the expert score.
    has_vote: bool = True

    @property
    def nominees(self) -> list[Standing]:
        return [each for each in self.standings if each.nominee]

    @property
    def missed(self) -> list[Standing]:
        if not self.has_vote:
            return []
        return [each for each in self.standings if each.rank is not None and not each.nominee]

    @property
    def ranked(self) -> list[Standing]:
        return [each for each in self.standings if each.rank is not None]

    @property
    def short(self) -> list[Standing]:
        """Those with too few valid sheets for a score."""
        return [each for each in self.standings if each.outcome.score is None]

    @property
    def at_the_cut(self) -> list[Standing]:
        """Those who share the last score that is in, where more than one does."""
        equal = [each for each in self.nominees if each.outcome.score == self.cut]
        return equal if len(equal) > 1 else []

    @property
    def unfinished(self) -> int:
        return sum(each.unfinished for each in self.standings)

    @property
    def recused(self) -> int:
        return sum(each.recused for each in self.standings)

    @property
    def left(self) -> int:
        return sum(each.left for each in self.standings)

    @property
    def reopened(self) -> list[Standing]:
        return [each for each in self.standings if each.reopened]

    @property
    def blocked(self) -> Refused | None:
        if not self.standings:
            return Refused("没有处于专家评审环节的企业，请先关闭资格审查。")
        if self.short:
            return Refused(
                "还有 {count} 家企业的有效评分表不足 {minimum} 份，不能关闭专家评审：{names}。"
                "请催促提交或补派专家。",
                count=len(self.short),
                minimum=self.edition.min_sheets,
                names="、".join(each.nomination.subject_name for each in self.short[:5]),
            )
        if self.reopened:
            return Refused(
                "还有 {count} 家企业的评分表重开后没有再次提交，不能关闭专家评审：{names}。请催促专家提交。",
                count=len(self.reopened),
                names="、".join(
                    f"{each.nomination.subject_name}（{'、'.join(each.reopened)}）"
                    for each in self.reopened[:5]
                ),
            )
        if self.discussed_until:
            return Refused(
                "讨论轮还没有结束（{when} 截止），不能关闭专家评审，请在截止后再关闭。",
                when=f"{timezone.localtime(self.discussed_until):%Y-%m-%d %H:%M}",
            )
        return None


def preview_review(edition: Edition, *, now: datetime | None = None) -> ReviewPreview:
    """The panel's result as it would be frozen now; with `now`, whether a discussion is still open too."""
    nominations = list(
        edition.nominations.filter(state=State.REVIEW)
        .select_related("enterprise", "recommender")
        .order_by("subject_key")
    )
    marks = marks_of(edition, nominations)
    standings = [
        Standing(
            nomination,
            marks[nomination.pk],
            rules.expert_score(
                [each.total for each in marks[nomination.pk] if each.status == VALID],
                min_sheets=edition.min_sheets,
                trim_from=edition.trim_from,
            ),
        )
        for nomination in nominations
    ]
    scores = {each.nomination.pk: each.outcome.score for each in standings if each.outcome.score is not None}
    has_vote = edition.has(StepKind.VOTING)
    chosen = rules.nominees(scores, edition.nominees if has_vote else 0)
    ranks = competition_ranks(scores)
    for each in standings:
        each.rank = ranks.get(each.nomination.pk)
        each.nominee = each.nomination.pk in chosen.chosen
        if has_vote and each.rank is not None and not each.nominee:
            each.missed_by = chosen.cut - each.outcome.score
    standings.sort(key=lambda each: (each.rank is None, each.rank or 0))
    round_ = Discussion.objects.filter(edition=edition, ends_at__gt=now).first() if now else None
    until = round_.ends_at if round_ else None
    return ReviewPreview(edition, standings, chosen.cut, chosen.grew_by, chosen.warning, until, has_vote)


def marks_of(edition: Edition, nominations) -> dict[int, list[Marks]]:
    """By nomination, the sheet of each expert it was given to, in the order of the panel's numbers."""
    weights = {each.code: each.weight for each in edition.dimensions.all()}
    assignments = (
        Assignment.objects.filter(nomination__in=nominations)
        .select_related("member", "sheet", "recusal")
        .prefetch_related("sheet__scores__dimension", "sheet__reopenings")
        .order_by("member__code")
    )
    barred = standing(edition)
    marks = defaultdict(list)
    for assignment in assignments:
        conflict = (assignment.member_id, assignment.nomination_id) in barred
        marks[assignment.nomination_id].append(_marks(assignment, weights, conflict))
    return marks


def _marks(assignment, weights, conflict: bool) -> Marks:
    code = assignment.member.code
    if conflict or getattr(assignment, "recusal", None):
        return Marks(code, RECUSED)
    sheet = getattr(assignment, "sheet", None)
    if sheet is not None and rules.counts_as_before(
        handed_in=sheet.submitted_at is not None, before=sheet.before_discussion is not None
    ):
        points = {each: Decimal(text) for each, text in sheet.before_discussion["scores"].items()}
        return Marks(code, VALID, points, rules.sheet_total(points, weights))
    if sheet is None or not sheet.submitted_at:
        reopened = sheet is not None and len(sheet.reopenings.all()) > 0
        return Marks(code, UNFINISHED, reopened=reopened, left=assignment.member.standing in GONE)
    points = {score.dimension.code: score.points for score in sheet.scores.all()}
    return Marks(code, VALID, points, rules.sheet_total(points, weights))
