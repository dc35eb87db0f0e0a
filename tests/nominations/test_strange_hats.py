"""Every service of ① called with a stranger's hat: none does anything, whichever page is in front of it.

The way to call each is by hand; a service that takes `by=` and is not here fails.
"""

import importlib
import inspect
import io
import pkgutil
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

import nominations.services
from nominations.services import (
    board,
    categories,
    conclusion,
    conflicts,
    declaring,
    editions,
    evidence,
    intake,
    keeping,
    looking_up,
    moves,
    pairs,
    quotas,
    ranking,
    recommending,
    reminding,
    renaming,
    returning,
    roundreading,
    roundtrip,
)
from portal.errors import Refused
from tests.nominations.test_other_district import pdf, strangers, things
from tests.strangers import world

__all__ = ["strangers", "things"]
pytestmark = pytest.mark.django_db
#: What its caller has asked for already, and what only says whether something is possible.
ASKED_ABOVE = {
    *("close_step", "enter", "hats_below", "keep_file", "may_edit", "read_open", "read_unit"),
    *("require_attachable", "require_editable", "require_returnable", "require_window"),
}


def soon(t):
    return timezone.localdate(t.now) + timedelta(days=1)


def without(w):
    """For those that read, and need no clock."""
    return {"by": w["by"]}


CALLS = {
    "read_board": lambda t, w: board.read_board(t.edition, **w),
    "export_board": lambda t, w: board.export_board(t.edition, None, [], **without(w)),
    "read_change": lambda t, w: categories.read_change(t.edition.category, "{}", **without(w)),
    "change_category": lambda t, w: categories.change_category(t.edition.category, text="{}", was="", **w),
    "close_recommendation": lambda t, w: conclusion.close_recommendation(t.edition, **w),
    "conclude": lambda t, w: conclusion.conclude(t.edition, **w),
    "settle": lambda t, w: conflicts.settle(
        t.draft, version=1, mine={"industry": "外人"}, chosen={"industry": "mine"}, **w
    ),
    "save_declaration": lambda t, w: declaring.save_declaration(t.draft, version=1, industry="外人", **w),
    "submit": lambda t, w: declaring.submit(t.draft, **w),
    "withdraw": lambda t, w: declaring.withdraw(t.draft, reason="外人", **w),
    "change_edition": lambda t, w: editions.change_edition(t.edition, title="外人", **w),
    "publish_edition": lambda t, w: editions.publish_edition(t.edition, **w),
    "freeze_rules": lambda t, w: editions.freeze_rules(t.edition, **w),
    "attach_evidence": lambda t, w: evidence.attach_evidence(
        t.draft, kind="licence", title="外人", file=pdf("外人"), **w
    ),
    "attach_several": lambda t, w: evidence.attach_several(
        t.draft, kind="licence", title="外人", files=[pdf("外人")], **w
    ),
    "void_evidence": lambda t, w: evidence.void_evidence(t.evidence, reason="外人", **w),
    "apply_kept": lambda t, w: intake.apply_kept(t.intake, **w),
    "require_kept": lambda t, w: keeping.require_kept(t.round, **w),
    "ask_file": lambda t, w: keeping.ask_file(t.round, **w),
    "take_over": lambda t, w: looking_up.take_over(t.draft, **w),
    "advance": lambda t, w: moves.advance(t.draft, "submit", **w),
    "read_pairs": lambda t, w: pairs.read_pairs(t.edition, **without(w)),
    "tell_apart": lambda t, w: pairs.tell_apart(
        t.edition, one=t.mark.one_id, other=t.mark.other_id, reason="外人", **w
    ),
    "look_again": lambda t, w: pairs.look_again(t.mark, t.edition, **w),
    "set_quota": lambda t, w: quotas.set_quota(t.edition, t.own.organisation, 9, **w),
    "set_quotas": lambda t, w: quotas.set_quotas(t.edition, {t.own.organisation: 9}, **w),
    "read_quotas": lambda t, w: quotas.read_quotas(t.edition, t.workbook, **without(w)),
    "write_quotas": lambda t, w: quotas.write_quotas(t.edition, None, **without(w)),
    "set_ranks": lambda t, w: ranking.set_ranks(
        t.edition, t.own.organisation, [t.screened.pk, t.waiting.pk, t.draft.pk], **w
    ),
    "recommend": lambda t, w: recommending.recommend([t.waiting], opinion="外人", **w),
    "urge": lambda t, w: reminding.urge(t.edition, units=[t.unit], **w),
    "rename": lambda t, w: renaming.rename(t.screened, name="外人", reason="外人", **w),
    "send_back": lambda t, w: returning.send_back(t.waiting, reason="外人", deadline=soon(t), **w),
    "apply_round": lambda t, w: roundtrip.apply_round(t.round, choices={"digest": t.digest}, **w),
}
#: A recommender of the edition has these for its own rows; every other stranger has not. An enterprise may
#: begin a declaration of its own.
OF_ONES_OWN = {
    "create_nomination": lambda t, w: declaring.create_nomination(
        t.edition, credit_code=t.draft.subject_key, name="外人", recommender=t.own.organisation, **w
    ),
    "create_edition": lambda t, w: editions.create_edition(
        host=t.edition.host, category=t.edition.category, year=2027, title="外人", **w
    ),
    "read_intake": lambda t, w: intake.read_intake(t.edition, t.workbook, **w),
    "apply_intake": lambda t, w: intake.apply_intake(t.edition, t.workbook, **w),
    "keep_intake": lambda t, w: intake.keep_intake(t.edition, t.blank, **w),
    "export_recommendations": lambda t, w: intake.export_recommendations(
        t.edition, io.BytesIO(), **without(w)
    ),
    "write_blank": lambda t, w: intake.write_blank(t.edition, io.BytesIO(), **without(w)),
    "read_known": lambda t, w: looking_up.read_known(t.edition, t.draft.subject_key, **without(w)),
    "read_round": lambda t, w: roundreading.read_round(t.edition, t.workbook, **w),
    "write_round": lambda t, w: roundtrip.write_round(t.edition, io.BytesIO(), **w),
    "keep_round": lambda t, w: roundtrip.keep_round(t.edition, t.workbook, **w),
}
#: Who it is of is asked, not which hat.
OF_THE_PERSON = {"apply_kept", "apply_round", "ask_file", "require_kept"}
#: Read across the city by the auditor.
READ_BY_AUDITOR = {"read_board", "export_board", "read_pairs"}


def test_every_service_is_called():
    there = set()
    for found in pkgutil.iter_modules(nominations.services.__path__):
        module = importlib.import_module(f"nominations.services.{found.name}")
        for each, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and each[0] != "_":
                there |= {each} if "by" in inspect.signature(function).parameters else set()
    assert there - ASKED_ABOVE == CALLS.keys() | OF_ONES_OWN.keys()


def outcome(call, things, hat):
    try:
        call(things, {"by": hat, "now": things.now})
    except (PermissionDenied, Refused) as problem:
        return type(problem)
    return None


def test_a_strangers_hat_does_nothing(things, strangers):
    before, wrong = world(), []
    for name, call in CALLS.items():
        wanted = Refused if name in OF_THE_PERSON else PermissionDenied
        for who, hat in strangers.items():
            if who == "auditor" and name in READ_BY_AUDITOR:
                continue
            if (found := outcome(call, things, hat)) is not wanted:
                wrong.append(f"{name} {who}: {found}")
    for name, call in OF_ONES_OWN.items():
        for who, hat in strangers.items():
            if (found := outcome(call, things, hat)) is PermissionDenied:
                continue
            # Those who may begin something of their own are refused what is another's, or take out their own.
            own = (
                {"recommender", "applicant"}
                if name in ("create_nomination", "read_known")
                else {"recommender"}
            )
            if name == "create_edition":
                own = {"office"}
            if who not in own:
                wrong.append(f"{name} {who}: {found}")
    assert "\n".join(wrong) == ""
    assert world() == before
