"""What one nomination at screening comes to: the rule, the departments and the office put together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.timezone import localdate

from nominations.models import Edition, Nomination
from portal.speech import said
from review import rules
from review.models import Consultation, Finding, Opinion, Overrule
from review.services.findings import as_rule, divisions, lacking, mended, positive_of, scope_of

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
    findings: list[rules.Finding]  # what was judged by
    answers: list[rules.Answer] = field(default_factory=list)
    stored: dict[str, Finding] = field(default_factory=dict)  # by item
    overrules: dict[int, Overrule] = field(default_factory=dict)  # by consultation, of its present answer
    # By consultation, whatever was ever proposed, of older answers too.
    proposals: dict[int, list[Overrule]] = field(default_factory=dict)
    mended_at: datetime | None = None

    @property
    def why(self) -> str:
        return "；".join(said(reason).rstrip("。") for reason in self.reasons)

    @property
    def pending(self) -> list[Overrule]:
        return [each for each in self.overrules.values() if each.confirmed is None]


def questions_of(edition: Edition) -> list[Consultation]:
    return list(edition.consultations.select_related("department"))


def judge(
    edition: Edition,
    nominations: Iterable[Nomination],
    questions: list[Consultation],
    *,
    now: datetime,
    named: bool = False,
) -> list[Case]:
    """The one judgement, for the page of one and for the closing of all. A constant number of queries.

    `nominations` have their declarations at hand; `named`: with the names of those who answered and found.
    """
    nominations = list(nominations)
    facts, today = _Facts(nominations, named), localdate(now)
    city, missing = divisions(), lacking(nominations)
    cases = []
    for nomination in nominations:
        scope = scope_of(nomination, city, missing[nomination.pk])
        found, mended_at = facts.findings[nomination.pk], facts.mended.get(nomination.pk)
        conditions = positive_of(found, scope, today=today, mended_at=mended_at)
        cases.append(_case(nomination, questions, facts, conditions, edition.finding_days, today))
    return cases


def read(nominations: Iterable[Nomination], questions: list[Consultation], *, now: datetime) -> list[Case]:
    """The same for those whose screening is over: what was found then, and nothing is made anew.

    The verdict is what the answers came to; what became of the nomination is its state.
    """
    nominations = list(nominations)
    facts, cases = _Facts(nominations, True), []
    for nomination in nominations:
        found = facts.findings[nomination.pk]
        conditions = [as_rule(found[item.code]) for item in rules.CONDITIONS if item.code in found]
        cases.append(_case(nomination, questions, facts, conditions, None, localdate(now)))
    return cases


class _Facts:
    """What is known of these nominations, by nomination."""

    def __init__(self, nominations, named: bool):
        opinions = Opinion.objects.filter(nomination__in=nominations)
        findings = Finding.objects.filter(nomination__in=nominations)
        if named:
            opinions = opinions.select_related("answered_by__user")
            findings = findings.select_related("found_by__user")
        self.opinions, self.findings = defaultdict(dict), defaultdict(dict)
        self.overrules = defaultdict(lambda: defaultdict(list))
        for opinion in opinions:
            self.opinions[opinion.nomination_id][opinion.consultation_id] = opinion
        for finding in findings:
            self.findings[finding.nomination_id][finding.item] = finding
        aside = Overrule.objects.filter(opinion__nomination__in=nominations).select_related(
            "opinion__consultation", "proposed_by__user", "decided_by__user"
        )
        for each in aside.order_by("pk"):
            self.overrules[each.opinion.nomination_id][each.opinion.consultation_id].append(each)
        self.mended = mended(nominations)


def _case(nomination, questions, facts, conditions, valid_days, today: date) -> Case:
    pk = nomination.pk
    opinions, found, mended_at = facts.opinions[pk], facts.findings[pk], facts.mended.get(pk)
    by_key = {(question.department.short_name, question.item): question for question in questions}
    own = {item: finding for item, finding in found.items() if item in rules.ITEM}
    answers = [
        _answer(question, opinion, own.get(question.item), facts.overrules[pk][question.pk])
        for question in questions
        if (opinion := opinions.get(question.pk))
    ]
    judged = conditions + [as_rule(finding, mended_at) for finding in own.values() if not _settled(finding)]
    screening = rules.screen(judged, answers, by_key, valid_days=valid_days, today=today)
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
        nomination=nomination,
        verdict=screening.verdict,
        reasons=reasons,
        missing=[by_key[key] for key in screening.missing],
        opinions=opinions,
        findings=judged,
        answers=answers,
        stored=found,
        overrules=overrules,
        proposals=facts.overrules[pk],
        mended_at=mended_at,
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
