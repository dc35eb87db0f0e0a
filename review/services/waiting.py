"""What keeps one enterprise's screening open, and who has to act."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.speech import said
from review import rules
from review.models import Consultation, Opinion, Overrule
from review.services.judging import Case

ANSWER, DECIDE, VERIFY, REPAIR, LOOK_AGAIN = "answer", "decide", "verify", "repair", "look_again"


@dataclass(frozen=True)
class Wait:
    """One thing still to be done. `kind` says what, `item` and `overrule` on what."""

    kind: str
    what: str
    who: str
    item: str = ""
    overrule: Overrule | None = None


def waits_of(case: Case, questions: list[Consultation]) -> list[Wait]:
    """In the order in which they can be done: the departments first, then the office."""
    waits = [_missing(case)] if case.missing else []
    lacking = {question.pk for question in case.missing}
    for question in questions:
        opinion, overrule = case.opinions.get(question.pk), case.overrules.get(question.pk)
        if opinion is None or question.pk in lacking:
            continue
        words = {"department": question.department.short_name, "item": _(question.title_of_item)}
        if opinion.answer == Opinion.Answer.PROBLEM and overrule and overrule.confirmed is None:
            what = _("复核不采纳{department}对“{item}”的意见").format(**words)
            who = _("办公室另一人（{name}提出）").format(name=overrule.proposed_by.user)
            waits.append(Wait(DECIDE, what, who, question.item, overrule))
        elif opinion.answer == Opinion.Answer.UNABLE and not _verified(case, question.item):
            what = _("{department}无法核查“{item}”，请另行核实后作出结论").format(**words)
            waits.append(Wait(VERIFY, what, _("办公室"), question.item))
    for finding in case.findings:
        if finding.verdict == rules.UNKNOWN:
            waits.append(_repair(finding))
    return waits


def _missing(case) -> Wait:
    """All that the departments still owe, in one line."""
    stale = sum(1 for question in case.missing if question.pk in case.opinions)
    names = dict.fromkeys(question.department.short_name for question in case.missing)
    words = _("{count} 项没有有效的答复，其中 {stale} 项查询已过期") if stale else _("{count} 项还没有答复")
    what = words.format(count=len(case.missing), stale=stale)
    return Wait(ANSWER, what, pgettext("between words of a list", "、").join(names), case.missing[0].item)


def _repair(finding) -> Wait:
    what = _("{title}：{reason}").format(title=_(finding.title), reason=said(finding.reason))
    if finding.mended:
        return Wait(LOOK_AGAIN, what, _("办公室"), finding.code)
    return Wait(REPAIR, what, _("办公室退回，企业补正"), finding.code)


def _verified(case, item) -> bool:
    finding = case.stored.get(item)
    return finding is not None and finding.verdict == finding.Verdict.PASSED
