"""Closing the screening: who is qualified, who is refused and why, and who keeps it open."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import override

from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Listing, Refused
from portal.models import Membership
from portal.permissions import require
from portal.speech import said
from review import rules
from review.models import Consultation, Finding, Opinion, Overrule
from review.services.findings import (
    as_rule,
    divisions,
    lacking,
    mended,
    positive_of,
    propose_findings,
    scope_of,
)
from review.services.opinions import at_screening

#: The words of an answer in the store, and in the rule.
RESULTS = {"clear": rules.CLEAR, "problem": rules.PROBLEM, "unable": rules.UNVERIFIABLE}
NAMED_AT_MOST = 5


@dataclass
class Case:
    """One nomination at screening: the verdict, why, and which questions have no valid answer."""

    nomination: Nomination
    verdict: str
    reasons: list
    missing: list[Consultation]
    opinions: dict[int, Opinion]  # by consultation
    findings: list[rules.Finding]  # what was judged by
    stored: dict[str, Finding] = field(default_factory=dict)  # by item
    overrules: dict[int, Overrule] = field(default_factory=dict)  # by consultation, of its present answer
    mended_at: datetime | None = None

    @property
    def why(self) -> str:
        return "；".join(said(reason).rstrip("。") for reason in self.reasons)

    @property
    def pending(self) -> list[Overrule]:
        return [each for each in self.overrules.values() if each.confirmed is None]


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
    return ScreeningPreview(edition, questions, cases, awaited=list(_awaited(edition, localdate(now))))


def questions_of(edition: Edition) -> list[Consultation]:
    return list(edition.consultations.select_related("department"))


def judge(
    edition: Edition, nominations: Iterable[Nomination], questions: list[Consultation], *, now: datetime
) -> list[Case]:
    """The one judgement, for the page of one and for the closing of all. A constant number of queries."""
    nominations = list(nominations)
    facts = _Facts(nominations)
    return [_case(nomination, edition, questions, facts, localdate(now)) for nomination in nominations]


class _Facts:
    """What is known of these nominations, by nomination."""

    def __init__(self, nominations):
        self.opinions, self.findings = defaultdict(dict), defaultdict(dict)
        self.overrules = defaultdict(lambda: defaultdict(list))
        for opinion in Opinion.objects.filter(nomination__in=nominations).select_related("answered_by__user"):
            self.opinions[opinion.nomination_id][opinion.consultation_id] = opinion
        for finding in Finding.objects.filter(nomination__in=nominations).select_related("found_by__user"):
            self.findings[finding.nomination_id][finding.item] = finding
        aside = Overrule.objects.filter(opinion__nomination__in=nominations).select_related(
            "opinion", "proposed_by__user", "decided_by__user"
        )
        for each in aside.order_by("pk"):
            self.overrules[each.opinion.nomination_id][each.opinion.consultation_id].append(each)
        self.mended = mended(nominations)
        city, missing = divisions(), lacking(nominations)
        self.scopes = {each.pk: scope_of(each, city, missing[each.pk]) for each in nominations}


def _awaited(edition, today):
    """Whoever lets the time pass stays a draft, and the step need not wait for it."""
    return edition.nominations.at(State.DRAFT).filter(
        returns__from_state=State.SCREENING, returns__mended_at__isnull=True, returns__deadline__gte=today
    )


def _case(nomination, edition, questions, facts, today: date) -> Case:
    pk = nomination.pk
    opinions, found, mended_at = facts.opinions[pk], facts.findings[pk], facts.mended.get(pk)
    by_key = {(question.department.short_name, question.item): question for question in questions}
    own = {item: finding for item, finding in found.items() if item in rules.ITEM}
    answers = [
        _answer(question, opinion, own.get(question.item), facts.overrules[pk][question.pk])
        for question in questions
        if (opinion := opinions.get(question.pk))
    ]
    judged = positive_of(found, facts.scopes[pk], today=today, mended_at=mended_at)
    judged += [as_rule(finding, mended_at) for finding in own.values() if not _settled(finding)]
    screening = rules.screen(judged, answers, by_key, valid_days=edition.finding_days, today=today)
    overrules = {
        question: each
        for question, rows in facts.overrules[pk].items()
        for each in rows
        if not each.lapsed and question in opinions
    }
    reasons = list(screening.reasons)
    if screening.verdict == rules.REFUSED:
        reasons = _reasons(judged, questions, opinions, overrules)
    return Case(
        nomination,
        screening.verdict,
        reasons,
        [by_key[key] for key in screening.missing],
        opinions,
        judged,
        found,
        overrules,
        mended_at,
    )


def _answer(question, opinion, finding, overrules) -> rules.Answer:
    """A department's answer with what the office made of it."""
    aside = rules.set_aside(opinion.version, [(each.opinion_version, each.confirmed) for each in overrules])
    problem = opinion.answer == Opinion.Answer.PROBLEM
    # What a department could not verify is settled by the office's own look-up.
    verified = opinion.answer == Opinion.Answer.UNABLE and _settled(finding)
    return rules.Answer(
        department=question.department.short_name,
        item=question.item,
        result=RESULTS[opinion.answer],
        looked_up_on=opinion.looked_up_on,
        resolved=verified or (problem and aside == rules.OVERRULED),
        pending=problem and aside == rules.PENDING,
        settled_on=finding.looked_up_on if verified else None,
    )


def _settled(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict == Finding.Verdict.PASSED


def _reasons(judged, questions, opinions, overrules):
    """Why it is refused, with what each department wrote."""
    reasons = [
        rules.sentence("{title}：{reason}", title=each.title, reason=each.reason)
        for each in judged
        if each.verdict == rules.UNMET
    ]
    for question in questions:
        opinion, aside = opinions.get(question.pk), overrules.get(question.pk)
        if opinion and opinion.answer == Opinion.Answer.PROBLEM and not (aside and aside.confirmed):
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
