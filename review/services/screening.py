"""Closing the screening: who is qualified, who is refused and why, and who keeps it open."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from review import rules
from review.models import Consultation, Finding, Opinion
from review.services.findings import as_rule, divisions, positive_of, propose_findings
from review.services.opinions import at_screening

#: The words of an answer in the store, and in the rule.
RESULTS = {"clear": rules.CLEAR, "problem": rules.PROBLEM, "unable": rules.UNVERIFIABLE}


@dataclass
class Case:
    """One nomination at screening: the verdict, why, and which questions have no valid answer."""

    nomination: Nomination
    verdict: str
    reasons: list
    missing: list[Consultation]
    opinions: dict[int, Opinion]  # by consultation
    findings: list[rules.Finding]

    @property
    def why(self) -> str:
        return "；".join(str(reason).rstrip("。") for reason in self.reasons)


@dataclass
class ScreeningPreview:
    """What closing would do today. It can be done when nothing is open."""

    edition: Edition
    questions: list[Consultation]
    cases: list[Case] = field(default_factory=list)
    # Sent back from here to be mended, and still within the time given for it.
    awaited: list[Nomination] = field(default_factory=list)

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
    def missing(self) -> int:
        return sum(len(case.missing) for case in self.cases)

    @property
    def blocked(self) -> Refused | None:
        if not self.questions:
            return Refused("还没有向任何部门征求意见，请先设定征求意见的部门和核查项。")
        if self.awaited:
            return Refused(
                "{names}正在补正，期限未到，请等补正或期满后再关闭资格审查。",
                names="、".join(each.subject_name for each in self.awaited),
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
                names="、".join(case.nomination.subject_name for case in self.open[:5]),
            )
        return None


def preview_screening(edition: Edition, *, now: datetime) -> ScreeningPreview:
    """Who would be qualified, refused, or keep the step open, judged on the day of `now`."""
    today = localdate(now)
    questions = list(edition.consultations.select_related("department"))
    nominations = list(at_screening(edition).select_related("declaration"))
    opinions = defaultdict(dict)
    for opinion in Opinion.objects.filter(nomination__in=nominations):
        opinions[opinion.nomination_id][opinion.consultation_id] = opinion
    findings = defaultdict(dict)
    for finding in Finding.objects.filter(nomination__in=nominations):
        findings[finding.nomination_id][finding.item] = finding
    city = divisions()
    preview = ScreeningPreview(edition, questions, awaited=list(_awaited(edition, today)))
    for nomination in nominations:
        found = findings[nomination.pk]
        positive = positive_of(nomination, found, city, today=today)
        preview.cases.append(
            _case(nomination, questions, opinions[nomination.pk], positive, found, edition, today)
        )
    return preview


def _awaited(edition, today):
    """Whoever lets the time pass stays a draft, and the step need not wait for it."""
    return edition.nominations.at(State.DRAFT).filter(
        returns__from_state=State.SCREENING, returns__mended_at__isnull=True, returns__deadline__gte=today
    )


def _case(nomination, questions, opinions, positive, found, edition, today) -> Case:
    by_key = {(question.department.short_name, question.item): question for question in questions}
    own = {item: finding for item, finding in found.items() if item in rules.ITEM}
    answers = [
        rules.Answer(
            department=question.department.short_name,
            item=question.item,
            result=RESULTS[opinion.answer],
            looked_up_on=opinion.looked_up_on,
            # What a department could not verify is settled by the office's own look-up.
            resolved=opinion.answer == Opinion.Answer.UNABLE and _settled(own.get(question.item)),
        )
        for question in questions
        if (opinion := opinions.get(question.pk))
    ]
    judged = positive + [as_rule(finding) for finding in own.values() if not _settled(finding)]
    screening = rules.screen(judged, answers, by_key, valid_days=edition.finding_days, today=today)
    reasons = list(screening.reasons)
    if screening.verdict == rules.REFUSED:
        reasons = _reasons(judged, questions, opinions)
    missing = [by_key[key] for key in screening.missing]
    return Case(nomination, screening.verdict, reasons, missing, opinions, judged)


def _settled(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict == Finding.Verdict.PASSED


def _reasons(judged, questions, opinions):
    """Why it is refused, with what each department wrote."""
    reasons = [
        rules.sentence("{title}：{reason}", title=each.title, reason=each.reason)
        for each in judged
        if each.verdict == rules.UNMET
    ]
    for question in questions:
        opinion = opinions.get(question.pk)
        if opinion and opinion.answer == Opinion.Answer.PROBLEM:
            reasons.append(
                rules.sentence(
                    "{item}：{department}答复有问题，{explanation}",
                    item=rules.ITEM[question.item].title,
                    department=question.department.short_name,
                    explanation=opinion.explanation,
                )
            )
    return reasons


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
            advance(case.nomination, "reject", by=by, now=now, note=case.why)
    codes = {
        name: sorted(case.nomination.enterprise.credit_code for case in group)
        for name, group in (("qualified", preview.qualified), ("refused", preview.refused))
    }
    close_step(edition, StepKind.SCREENING, by=by, now=now)
    audit.record("review.close_screening", edition, by=by, now=now, **codes)
    return preview
