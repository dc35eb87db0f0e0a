"""Every service of ② called with a stranger's hat: none does anything, whichever page is in front of it.

The way to call each is by hand; a service that takes `by=` and is not here fails.
"""

import importlib
import inspect
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from nominations.services import keeping
from portal.errors import Refused
from review import services
from review.services import (
    chasing,
    decisions,
    findings,
    links,
    opinion_lists,
    opinion_sheets,
    opinions,
    overrules,
    rechecks,
)
from review.services.opinions import Reply
from tests.review.test_other_district import pdf, strangers, things
from tests.strangers import world

__all__ = ["strangers", "things"]
pytestmark = pytest.mark.django_db

MODULES = (
    *("batches", "chasing", "consultations", "decisions", "findings", "links", "opinion_lists"),
    *("opinion_reading", "opinion_sheets", "opinions", "overrules", "rechecks", "screening"),
    "screening_tables",
)
#: What its caller has asked for already.
ASKED_ABOVE = {"put_before"}


def replies(t):
    return [(t.second.pk, t.asked.pk, Reply("clear", "", timezone.localdate(t.now)))]


def soon(t):
    return timezone.localdate(t.now) + timedelta(days=1)


CALLS = {
    "send_batch": lambda t, w: services.send_batch(t.edition, **w),
    "chase": lambda t, w: chasing.chase(t.edition, [t.asked.department_id], **w),
    "consult": lambda t, w: services.consult(t.edition, [(t.asked.department, "accident")], **w),
    "write_decision_sheet": lambda t, w: decisions.write_decision_sheet(t.first, **w),
    "propose_findings": lambda t, w: findings.propose_findings(t.edition, **w),
    "find": lambda t, w: findings.find(t.first, "misconduct", "passed", "外人", **w),
    "issue_link": lambda t, w: links.issue_link(
        t.edition, t.asked.department, name="外人", valid_until=soon(t), **w
    ),
    "revoke_link": lambda t, w: links.revoke_link(t.link, reason="外人", **w),
    "finish_link": lambda t, w: links.finish_link(t.link, anyway=True, **w),
    "read_opinions": lambda t, w: opinion_lists.read_opinions(t.edition, t.workbook, **w),
    "read_list": lambda t, w: opinion_lists.read_list(t.edition, t.workbook, **w),
    "apply_opinions": lambda t, w: opinion_lists.apply_opinions(t.edition, replies(t), **w),
    "read_answers": lambda t, w: opinion_sheets.read_answers(t.edition, t.workbook, **w),
    "handout_answers": lambda t, w: opinion_sheets.handout_answers(t.edition, t.asked.department, None, **w),
    "keep_answers": lambda t, w: opinion_sheets.keep_answers(t.edition, t.workbook, **w),
    "apply_answers": lambda t, w: opinion_sheets.apply_answers(t.kept, choices={"digest": t.digest}, **w),
    "answer": lambda t, w: opinions.answer(t.second, t.asked, answer="clear", **w),
    "answer_all": lambda t, w: opinions.answer_all(replies(t), t.edition, **w),
    "answer_list": lambda t, w: opinions.answer_list(t.edition, replies=replies(t), **w),
    "require_answering": lambda t, w: opinions.require_answering(t.edition, w["by"]),
    "attach_proof": lambda t, w: opinions.attach_proof(t.opinion, file=pdf("外人"), **w),
    "answer_rest_clear": lambda t, w: opinions.answer_rest_clear(t.edition, t.asked.department, **w),
    "propose_overrule": lambda t, w: overrules.propose_overrule(t.opinion, reason="外人", **w),
    "decide_overrule": lambda t, w: overrules.decide_overrule(t.overrule, confirmed=True, **w),
    "send_recheck": lambda t, w: rechecks.send_recheck(t.edition, [t.first.pk], due_on=soon(t), **w),
    "refuse_rechecked": lambda t, w: rechecks.refuse_rechecked(t.first, reason="外人", **w),
    "close_screening": lambda t, w: services.close_screening(t.edition, **w),
    "write_screening_table": lambda t, w: services.write_screening_table(t.edition, None, **w),
}
#: The auditor reads these as well.
READ_BY_AUDITOR = {"write_decision_sheet", "write_screening_table"}
#: Not the hat but the very person counts: a file is applied by who brought it, a link used by who it names.
OF_THE_PERSON = {"apply_answers": Refused, "finish_link": links.LinkClosed}


def test_every_service_is_called():
    there = set()
    for name in MODULES:
        module = importlib.import_module(f"review.services.{name}")
        for each, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and each[0] != "_":
                there |= {each} if "by" in inspect.signature(function).parameters else set()
    assert there - ASKED_ABOVE == set(CALLS)


def test_a_strangers_hat_does_nothing(things, strangers):
    before, wrong = world(), []
    for name, call in CALLS.items():
        for who, hat in strangers.items():
            if who == "auditor" and name in READ_BY_AUDITOR:
                continue
            try:
                call(things, {"by": hat, "now": things.now})
            except OF_THE_PERSON.get(name, PermissionDenied):
                continue
            except Exception as problem:
                wrong.append(f"{name} {who}: {problem!r}")
            else:
                wrong.append(f"{name} {who}: was let in")
    assert "\n".join(wrong) == ""
    assert world() == before
    with pytest.raises(Refused):
        keeping.ask_file(things.kept, by=strangers["office"], now=things.now)
