"""Closing the screening: who is qualified, who is refused and why, and who keeps it open."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import override

from nominations.models import Edition, Nomination, Return
from nominations.services import advance
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Listing, Refused
from portal.models import Membership
from portal.permissions import require
from review import rules
from review.models import Consultation
from review.services.batches import at_screening, unsent
from review.services.findings import propose_findings
from review.services.judging import Case, judge, questions_of

NAMED_AT_MOST = 5


@dataclass
class ScreeningPreview:
    """What closing would do today. It can be done when nothing is open."""

    edition: Edition
    questions: list[Consultation]
    cases: list[Case] = field(default_factory=list)
    today: date = date.min
    # Sent back from here to be mended, and not mended yet.
    returns: list[Return] = field(default_factory=list)
    # At screening, and put before no department so far.
    unsent: list[Nomination] = field(default_factory=list)

    @property
    def qualified(self) -> list[Case]:
        return [case for case in self.cases if case.verdict == rules.QUALIFIED]

    @property
    def refused(self) -> list[Case]:
        return [case for case in self.cases if case.verdict == rules.REFUSED]

    @property
    def open(self) -> list[Case]:
        return [case for case in self.cases if case.verdict == rules.OPEN]

    @property
    def awaited(self) -> list[Nomination]:
        """Still within the time given to mend."""
        return [each.nomination for each in self.returns if each.deadline >= self.today]

    @property
    def left_behind(self) -> list[Nomination]:
        """Who let the time pass stays a draft, and the step need not wait for it."""
        return [each.nomination for each in self.returns if each.deadline < self.today]

    @property
    def held_up(self) -> list[Nomination]:
        """Not sent to the departments, and something still to be answered."""
        lacking = {case.nomination.pk for case in self.cases if case.missing}
        return [each for each in self.unsent if each.pk in lacking]

    @property
    def waiting(self) -> list[Case]:
        """Everyone that keeps the step open: not decided, or refused while an answer is still missing."""
        return [case for case in self.cases if case.missing or case.verdict == rules.OPEN]

    @property
    def missing(self) -> int:
        return sum(len(case.missing) for case in self.cases)

    @property
    def unasked(self) -> list[rules.Item]:
        """Exclusions that no department is asked about; nothing is missing where nobody is asked."""
        asked = {question.item for question in self.questions}
        return [item for item in rules.ITEMS if item.kind == rules.EXCLUSION and item.code not in asked]

    @property
    def blocked(self) -> Refused | None:
        if not self.questions:
            return Refused("还没有向任何部门征求意见，请先设定征求意见的部门和核查项。")
        if self.awaited:
            return Refused(
                "{names}正在补正，期限未到，请等补正或期满后再关闭资格审查。",
                names=Listing(each.subject_name for each in self.awaited),
            )
        if self.held_up:
            return Refused(
                "还有 {count} 家企业没有送部门联审：{names}。请先送出。",
                count=len(self.held_up),
                names=Listing(each.subject_name for each in self.held_up[:NAMED_AT_MOST]),
            )
        if self.missing:
            return Refused(
                "还有 {count} 项核查没有有效的答复（涉及 {names} 家企业），请催办后再关闭资格审查。",
                count=self.missing,
                names=sum(1 for case in self.cases if case.missing),
            )
        if self.open:
            return Refused(
                "还有 {count} 家企业未能得出结论，请先补正或作出审查结论：{names}。",
                count=len(self.open),
                names=Listing(case.nomination.subject_name for case in self.open[:NAMED_AT_MOST]),
            )
        return None


def preview_screening(edition: Edition, *, now: datetime) -> ScreeningPreview:
    """Who would be qualified, refused, or keep the step open, judged on the day of `now`."""
    nominations = list(at_screening(edition).select_related("declaration"))
    questions = questions_of(edition)
    cases = judge(edition, nominations, questions, now=now)
    return ScreeningPreview(
        edition,
        questions,
        cases,
        localdate(now),
        returns=list(_returns(edition)),
        unsent=list(unsent(edition)),
    )


def _returns(edition):
    return (
        Return.objects.filter(
            nomination__edition=edition,
            nomination__state=State.DRAFT,
            from_state=State.SCREENING,
            mended_at__isnull=True,
        )
        .select_related("nomination__recommender")
        .order_by("deadline", "pk")
    )


@transaction.atomic
def close_screening(edition: Edition, *, by: Membership, now: datetime) -> ScreeningPreview:
    """S1 四.3②: the qualified go on as candidates, the refused end here with their reasons."""
    require(by, "review.close_screening", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.SCREENING)
    # Everyone is held, so that no answer comes in between judging and moving.
    held = [each.pk for each in at_screening(edition).order_by("pk").select_for_update(of=("self",))]
    preview = preview_screening(edition, now=now)
    if preview.blocked:
        raise preview.blocked
    propose_findings(edition, by=by, now=now)
    cases = {case.nomination.pk: case for case in preview.cases}
    for pk in held:
        case = cases[pk]
        if case.verdict == rules.QUALIFIED:
            advance(case.nomination, "qualify", by=by, now=now)
        else:
            advance(case.nomination, "reject", by=by, now=now, note=_kept(case))
    codes = {
        name: sorted(case.nomination.enterprise.credit_code for case in group)
        for name, group in (("qualified", preview.qualified), ("refused", preview.refused))
    }
    close_step(edition, StepKind.SCREENING, by=by, now=now)
    audit.record("review.close_screening", edition, by=by, now=now, **codes)
    return preview


def _kept(case: Case) -> str:
    """What is kept is kept in Chinese, whichever language the person reads."""
    with override("zh-hans"):
        return case.why
