"""From the panel's sheets to its result: what it comes to now, and what it is frozen as."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db import transaction

from nominations.models import Edition, Nomination
from nominations.rules import competition_ranks
from nominations.services import advance
from nominations.services.editions import rules_of
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.figures import decimal_text, exact_text, two_places
from portal.models import Membership
from portal.permissions import require
from portal.sentences import Sentence, sentence
from review import rules
from review.models import Assignment, Result, ResultRow
from review.services.conflicts import standing

RECUSED, UNFINISHED, VALID = "recused", "unfinished", "valid"


@dataclass(frozen=True)
class Marks:
    """One expert's sheet for one nomination: its points and total where it is valid, else why it is not."""

    expert: str
    status: str
    points: dict[str, Decimal] = field(default_factory=dict)
    total: Fraction | None = None

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
        return sum(1 for each in self.marks if each.status == UNFINISHED)

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

    @property
    def nominees(self) -> list[Standing]:
        return [each for each in self.standings if each.nominee]

    @property
    def missed(self) -> list[Standing]:
        return [each for each in self.standings if each.rank is not None and not each.nominee]

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
        return None


def preview_review(edition: Edition) -> ReviewPreview:
    """The panel's result as it would be frozen now."""
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
    chosen = rules.nominees(scores, edition.nominees)
    ranks = competition_ranks(scores)
    for each in standings:
        each.rank = ranks.get(each.nomination.pk)
        each.nominee = each.nomination.pk in chosen.chosen
        if each.rank is not None and not each.nominee:
            each.missed_by = chosen.cut - each.outcome.score
    standings.sort(key=lambda each: (each.rank is None, each.rank or 0))
    return ReviewPreview(edition, standings, chosen.cut, chosen.grew_by, chosen.warning)


def standings_of(edition: Edition) -> list[Standing]:
    """The frozen result where there is one, else what it would be now; best first."""
    result = Result.objects.filter(edition=edition).first()
    return _frozen(result) if result else preview_review(edition).standings


def _frozen(result: Result) -> list[Standing]:
    """The result as it stands in its rows; the sheets as they stand in its inputs."""
    rule, rows = result.inputs["rules"], result.rows.select_related("nomination__enterprise")
    weights = {code: Decimal(weight) for code, weight in rule["dimension_weights"].items()}
    standings = []
    for row in rows:
        sheets = result.inputs["nominations"][str(row.nomination_id)]["sheets"]
        marks = [_read(sheet, weights) for sheet in sheets]
        totals = sorted(each.total for each in marks if each.status == VALID)
        trimmed = row.sheets >= rule["trim_from"]
        outcome = rules.ExpertScore(
            row.score,
            row.sheets,
            totals[0] if trimmed else None,
            totals[-1] if trimmed else None,
            row.mean,
            row.median,
            Fraction(row.deviation) ** 2,
        )
        standings.append(Standing(row.nomination, marks, outcome, row.rank, row.nominee))
    return standings


def _read(sheet: dict, weights) -> Marks:
    if not sheet["valid"]:
        return Marks(sheet["expert"], sheet["status"])
    points = {code: Decimal(value) for code, value in sheet["scores"].items()}
    return Marks(sheet["expert"], VALID, points, rules.sheet_total(points, weights))


def marks_of(edition: Edition, nominations) -> dict[int, list[Marks]]:
    """By nomination, the sheet of each expert it was given to, in the order of the panel's numbers."""
    weights = {each.code: each.weight for each in edition.dimensions.all()}
    assignments = (
        Assignment.objects.filter(nomination__in=nominations)
        .select_related("member", "sheet", "recusal")
        .prefetch_related("sheet__scores__dimension")
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
    if sheet is None or not sheet.submitted_at:
        return Marks(code, UNFINISHED)
    points = {score.dimension.code: score.points for score in sheet.scores.all()}
    return Marks(code, VALID, points, rules.sheet_total(points, weights))


@transaction.atomic
def close_review(edition: Edition, *, by: Membership, now: datetime) -> Result:
    """S1 四.3③: the nominees go to the vote, the others end here; the result is frozen with its inputs."""
    require(by, "review.close_review", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    # Nominations first, then sheets: who is saving now is waited for, who comes later finds it closed.
    held = [
        each.pk
        for each in edition.nominations.filter(state=State.REVIEW)
        .select_for_update(of=("self",))
        .order_by("pk")
    ]
    list(Assignment.objects.filter(nomination__in=held).select_for_update(of=("self",)).order_by("pk"))
    preview = preview_review(edition)
    if preview.blocked:
        raise preview.blocked
    result = _freeze(preview, by=by, now=now)
    for each in sorted(preview.standings, key=lambda each: each.nomination.pk):
        if each.nominee:
            advance(each.nomination, "put_to_vote", by=by, now=now)
        else:
            advance(each.nomination, "reject", by=by, now=now, note=str(why_not(each, preview.cut)))
    close_step(edition, StepKind.REVIEW, by=by, now=now)
    audit.record(
        "review.close_review",
        edition,
        by=by,
        now=now,
        digest=result.digest,
        nominees=[each.nomination.enterprise.credit_code for each in preview.nominees],
        cut=str(preview.cut),
        unfinished=preview.unfinished,
    )
    return result


def why_not(standing: Standing, cut: Fraction) -> Sentence:
    """Rank, score and distance to the cut; exact where two places would hide the difference."""
    shown = two_places if two_places(standing.missed_by) else exact_text
    return sentence(
        "专家评审第 {rank} 名，得分 {score}，低于提名的最后得分 {cut}，相差 {gap}。",
        rank=standing.rank,
        score=shown(standing.outcome.score),
        cut=shown(cut),
        gap=shown(standing.missed_by),
    )


def inputs_of(preview: ReviewPreview) -> dict:
    """All that the result follows from, as plain values: the rules, and each nomination's sheets."""
    rule = rules_of(preview.edition)
    return {
        "format": "xuanshu-review/1",
        "rules": {key: rule[key] for key in ("dimension_weights", "min_sheets", "trim_from", "nominees")},
        "nominations": {
            str(each.nomination.pk): {
                "enterprise": each.nomination.subject_name,
                "credit_code": each.nomination.enterprise.credit_code,
                "sheets": [marks.as_input() for marks in each.marks],
            }
            for each in preview.standings
        },
    }


def digest_of(inputs: dict) -> str:
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _freeze(preview: ReviewPreview, *, by, now) -> Result:
    inputs = inputs_of(preview)
    result = Result.objects.create(
        edition=preview.edition, inputs=inputs, digest=digest_of(inputs), frozen_at=now, frozen_by=by
    )
    ResultRow.objects.bulk_create(
        ResultRow(
            result=result,
            nomination=each.nomination,
            score=each.outcome.score,
            mean=each.outcome.mean,
            median=each.outcome.median,
            deviation=_root(each.outcome.variance),
            sheets=each.outcome.valid,
            rank=each.rank,
            nominee=each.nominee,
        )
        for each in preview.standings
    )
    return result


def _root(variance: Fraction) -> Decimal:
    root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return root.quantize(Decimal("0.0001"), ROUND_HALF_UP)
