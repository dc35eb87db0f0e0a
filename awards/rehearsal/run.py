"""The rehearsal: each step by the service that does it in the browser, at its time, under one hat."""

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils import timezone

from awards.models import Notice
from awards.rehearsal.paper import (
    BALLOTS,
    NOMINATIONS,
    OPINIONS,
    SCORES,
    VISITS,
    Paper,
    morning,
    read_paper,
)
from awards.services import (
    closing_inspection,
    honour_tables,
    inspecting,
    naming,
    notice_papers,
    publishing,
    shortlist_papers,
    shortlisting,
)
from nominations import subjects
from nominations.models import Category, Edition, Nomination
from nominations.services.conclusion import close_recommendation, conclude
from nominations.services.editions import create_edition, dimensions_of
from nominations.services.intake import apply_intake
from nominations.states import State, StepKind
from portal.errors import N_, Refused
from portal.ground import lay
from portal.models import Membership, Organisation, Role, User
from portal.workbook import Column, read
from review.rules import ITEM_BY_TITLE
from review.services import consultations, freezing, opinion_lists, panel, scores, screening, tables
from voting.services import paper as ballot_paper
from voting.services.polls import close_poll, open_poll, set_up_poll


class Rehearsal:
    """One drive through the paper. `now` moves from step to step; nothing reads the wall clock."""

    def __init__(self, paper: Paper, progress):
        self.paper, self.progress = paper, progress
        self.now = paper.begins
        lay(self.now)
        self.by = office_hat()
        self.edition: Edition | None = None
        self.ballots: dict[str, int] = {}

    def run(self) -> None:
        every: tuple[tuple[str | None, str, Callable[[], None]], ...] = (
            (None, N_("设立届次"), self.set_up),
            (None, N_("组织推荐"), self.recommend),
            (None, N_("资格审查"), self.screen),
            (StepKind.REVIEW, N_("专家评审"), self.review),
            (StepKind.VOTING, N_("公众投票"), self.vote),
            (None, N_("计算综合得分"), self.draw),
            (StepKind.INSPECTION, N_("差额考察"), self.inspect),
            (None, N_("公示"), self.publish),
            (None, N_("命名"), self.name),
        )
        steps = [(title, step) for kind, title, step in every if kind not in self.paper.off]
        whole = self.progress.add_task("全程", total=len(steps))
        for title, step in steps:
            self.progress.update(whole, description=title)
            step()
            self.progress.advance(whole)

    def reach(self, moment: datetime) -> None:
        """Let the clock go forward to a moment; it never goes back."""
        self.now = max(self.now, moment)

    def set_up(self) -> None:
        decisions = dict(self.paper.decisions)
        category = category_of(decisions.pop("category", None))
        dimensions = weighed(category, decisions.pop("dimension_weights"))
        self.opens, self.closes = decisions.pop("poll_opens", None), decisions.pop("poll_closes", None)
        decisions.pop("notice_published")
        self.edition = self._create(decisions, category, dimensions)

    def _create(self, decisions, category, dimensions) -> Edition:
        fields = {**decisions, "title": free_title(self.by.organisation, decisions["title"])}
        try:
            return self._edition(fields, category, dimensions)
        except ValidationError as invalid:
            found = "；".join(f"{name} {'，'.join(words)}" for name, words in invalid.message_dict.items())
            raise Refused("edition.json 中的规则不可用：{found}", found=found) from None

    def _edition(self, fields, category, dimensions) -> Edition:
        return create_edition(
            by=self.by,
            now=self.now,
            host=self.by.organisation,
            category=category,
            dimensions=dimensions,
            dates={StepKind.VOTING: (self.opens, self.closes)} if self.opens else {},
            # The paper is complete as it stands: answers do not lapse, and former winners may come again.
            finding_days=3650,
            allow_former=True,
            **fields,
        )

    def recommend(self) -> None:
        self.reach(self.now + timedelta(hours=1))
        apply_intake(self.edition, self.paper.open(NOMINATIONS), by=self.by, now=self.now, recommended=True)
        close_recommendation(self.edition, by=self.by, now=self.now)

    def screen(self) -> None:
        file = self.paper.open(OPINIONS)
        questions, last_day = self._questions(file)
        consultations.consult(self.edition, questions, by=self.by, now=self.now)
        self.reach(timezone.make_aware(datetime.combine(last_day, time(18))))
        replies = opinion_lists.read_opinions(self.edition, file, by=self.by, now=self.now)
        opinion_lists.apply_opinions(self.edition, replies, by=self.by, now=self.now)
        self.reach(self.now + timedelta(hours=1))
        screening.close_screening(self.edition, by=self.by, now=self.now)

    def _questions(self, file):
        """Who answers what, as the paper itself shows; one unknown here is an error when it is read."""
        sheet = read(
            file,
            [Column("部门", "department"), Column("核查项", "item"), Column("查询日期", "day", "date")],
        )
        known = {
            name: organisation
            for organisation in Organisation.objects.filter(
                kind__in=(*Organisation.CONSULTED, Organisation.Kind.CITY), active=True
            )
            for name in (organisation.short_name, organisation.name)
        }
        pairs = {
            (known[row["department"]], ITEM_BY_TITLE[row["item"]].code)
            for row in sheet
            if row["department"] in known and row["item"] in ITEM_BY_TITLE
        }
        days = [row["day"] for row in sheet if row["day"]]
        return sorted(pairs, key=lambda pair: (pair[0].position, pair[1])), max(days, default=self.now.date())

    def review(self) -> None:
        file = self.paper.open(SCORES)
        self.reach(self.now + timedelta(hours=12))
        panel.seat_panel(self.edition, scores.panel_from_scores(file, self.edition), by=self.by, now=self.now)
        panel.assign_all(self.edition, by=self.by, now=self.now)
        sheets = scores.read_scores(self.edition, file, by=self.by, now=self.now)
        scores.apply_scores(self.edition, sheets, by=self.by, now=self.now)
        self.reach(self.now + timedelta(hours=1))
        freezing.close_review(self.edition, by=self.by, now=self.now)

    def vote(self) -> None:
        poll = set_up_poll(
            self.edition,
            by=self.by,
            now=self.now,
            opens=self.opens,
            closes=self.closes,
            # A sweeper on the same database would close it halfway: its time is long past.
            closes_itself=False,
        )
        self.reach(self.opens)
        poll = open_poll(poll, by=self.by, now=self.now)
        ballots = ballot_paper.read_ballots(self.paper.open(BALLOTS))
        task = self.progress.add_task("选票", total=len(ballots))
        self.reach(self.closes)
        counts = ballot_paper.cast_many(
            poll,
            ballots,
            by=self.by,
            now=self.now,
            progress=lambda lines: self.progress.advance(task, lines),
        )
        self.ballots = {reason: getattr(counts, reason) for reason in ("cast", "void", "again", "outside")}
        close_poll(poll, by=self.by, now=self.now)

    def draw(self) -> None:
        self.reach(self.now + timedelta(hours=1))
        asked = shortlisting.ask_shortlist(self.edition, by=self.by, now=self.now)
        drawn = shortlisting.draw_shortlist(asked.pk, now=self.now)
        if drawn.status != drawn.Status.DONE:
            raise Refused("考察名单没有生成：{reason}", reason=drawn.message)
        self.shortlist = drawn

    def inspect(self) -> None:
        inspecting.plan_inspections(self.edition, by=self.by, now=self.now)
        file = self.paper.open(VISITS)
        days = [row["day"] for row in read(file, [Column("考察日期", "day", "date")]) if row["day"]]
        if days:
            self.reach(timezone.make_aware(datetime.combine(max(days), time(18))))
        inspecting.apply_inspections(self.edition, file, by=self.by, now=self.now)
        self.reach(self.now + timedelta(hours=1))
        closing_inspection.close_inspection(self.edition, by=self.by, now=self.now)

    def publish(self) -> None:
        self.reach(self.paper.notice_day)
        proposal = publishing.propose(self.edition)
        self.notice: Notice = publishing.publish_notice(
            self.edition,
            chosen=proposal.ids,
            provisional_confirmed=True,
            by=self.by,
            now=self.now,
        )

    def name(self) -> None:
        self.reach(morning(self.notice.ends_on + timedelta(days=1)))
        naming.name_winners(self.edition, decision="", by=self.by, now=self.now)
        conclude(self.edition, by=self.by, now=self.now)

    def summary(self) -> dict:
        """What it came to, in the words of `summary.json`; lists in the order of rank.

        An enterprise is named by its credit code; a result by the code and its own name, a space between.
        """
        rows = self.shortlist.rows.select_related("nomination__enterprise")
        ranked = [
            (row.nomination_id, coded(row.nomination), row.shortlisted)
            for row in rows.order_by("rank", "nomination__subject_key")
        ]
        noticed = set(self.notice.rows.values_list("nomination_id", flat=True))
        named = set(self.edition.nominations.filter(state=State.NAMED).values_list("pk", flat=True))
        # Who was never scored was refused before.
        refused = self.edition.nominations.filter(
            state=State.REJECTED, review_row__isnull=True, shortlist_row__isnull=True
        ).select_related("enterprise")
        return {
            "refused": sorted(coded(each) for each in refused),
            "nominees": len(ranked),
            "ballots": self.ballots,
            "shortlisted": [code for _pk, code, listed in ranked if listed],
            "notice": [code for pk, code, _listed in ranked if pk in noticed],
            "notice_ends": self.notice.ends_on.isoformat(),
            "honours": [code for pk, code, _listed in ranked if pk in named],
        }

    def write(self, out: Path) -> dict:
        """Leave the results in a folder: all of them or, when one cannot be written, none."""
        summary = self.summary()
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
            fresh = Path(folder)
            (fresh / "result.json").write_bytes(shortlist_papers.result_bytes(self.shortlist))
            text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
            (fresh / "summary.json").write_text(text, encoding="utf-8")
            if self.edition.has(StepKind.REVIEW):
                tables.write_score_table(self.edition, fresh / "评分汇总表.xlsx", by=self.by)
            shortlist_papers.write_composite_table(self.edition, fresh / "综合成绩表.xlsx", by=self.by)
            notice_papers.write_notice_table(self.notice, fresh / "公示名单.xlsx")
            notice_papers.write_notice_document(self.notice, fresh / "公示公告.docx")
            honour_tables.write_honours_table(self.edition, fresh / "命名名单.xlsx", by=self.by)
            out.mkdir(exist_ok=True)
            for file in fresh.iterdir():
                shutil.move(file, out / file.name)
        return summary


def rehearse(folder: Path, out: Path, *, progress) -> dict:
    """Drive the paper in `folder` through every step and leave the results in `out`; returns the summary.

    The edition stays in the database, unpublished: the office and the auditor can walk through it, the
    public and the participants never see it.
    """
    rehearsal = Rehearsal(read_paper(folder), progress)
    rehearsal.run()
    return rehearsal.write(out)


def coded(nomination: Nomination) -> str:
    """The credit code; where something of the enterprise is selected, that and its name."""
    code = nomination.enterprise.credit_code
    return f"{code} {nomination.subject_name}" if subjects.beside(nomination) else code


def category_of(code: str | None) -> Category:
    """The category of the code; without one the first there is."""
    if code is None:
        return Category.objects.first()
    known = {each.code: each for each in Category.objects.all()}
    if code not in known:
        raise Refused(
            "edition.json 中的类别“{code}”没有登记，应为：{codes}。",
            code=code,
            codes="、".join(f"{each.code}（{each.name}）" for each in known.values()),
        )
    return known[code]


def weighed(category: Category, weights: dict | None) -> list | None:
    """The dimensions of the category's rubric with these weights; None where nobody scores."""
    if weights is None:
        return None
    names = {code: name for code, name, _weight in dimensions_of(category)}
    if set(weights) != set(names):
        said = "、".join(f"{code}（{name}）" for code, name in names.items())
        raise Refused("edition.json 的评审维度应为：{names}。", names=said)
    return [(code, names[code], weights[code]) for code in names]


def office_hat() -> Membership:
    """The hat a rehearsal is driven under: the city office's, of a user nobody can sign in as."""
    city = Organisation.objects.get(code="city")
    user, made = User.objects.get_or_create(
        username="-rehearsal-", defaults={"full_name": "演练", "is_active": True}
    )
    if made:
        user.set_unusable_password()
        user.save()
    return Membership.objects.get_or_create(user=user, role=Role.OFFICE, organisation=city)[0]


def free_title(host: Organisation, title: str) -> str:
    """The paper's title; with a number where the same paper was rehearsed before."""
    number, free = 1, title
    while Edition.objects.filter(host=host, title=free).exists():
        number += 1
        free = f"{title}（{number}）"
    return free
