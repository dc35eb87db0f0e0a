"""转资格审查 and back: who may, what it asks, who settles it, what it holds up."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from awards.models import Inspection, Referral
from awards.services import closing_inspection, referring
from nominations.models import Nomination
from nominations.services import advance
from nominations.services.conclusion import preview_conclude
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review.models import Batch
from review.services import overrules
from review.services.standing import cells_of
from tests import factories
from tests.awards import referred, stage
from tests.awards.referred import NOW, answer, refer, settle, state_of
from tests.races import overtaking, told

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def place():
    return referred.visited()


def test_referring_moves_it_and_asks_the_departments_of_these_items_alone(place):
    referral = refer(place, items=("misconduct", "overall"), lines=("share", "employees"))
    assert state_of(referral.nomination) == "screening"
    assert (referral.lines, referral.items) == (["employees", "share"], ["misconduct", "overall"])
    batch = Batch.objects.get()
    assert (batch.kind, batch.due_on, batch.note) == ("referral", date(2026, 10, 1), "演示理由：职工人数不实")
    cells = cells_of(place.edition, list(place.edition.consultations.all()), today=TODAY)
    assert sorted((cell.question.item, cell.open) for cell in cells) == [
        ("misconduct", True),
        ("overall", True),
    ]
    place.visit.refresh_from_db()
    assert (place.visit.disposition, place.visit.verdict) == ("referred", "passed")
    moved = AuditEntry.objects.get(act="nominations.refer")
    assert moved.detail["note"] == "演示理由：职工人数不实"
    assert AuditEntry.objects.get(act="awards.refer").detail["items"] == ["misconduct", "overall"]
    told = set(Notification.objects.filter(event="awards.referral").values_list("recipient", flat=True))
    assert place.second.user_id in told and place.office.user_id not in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": "  "}, "请写明转资格审查的理由"),
        ({"items": ()}, "请选择要部门重新核查的事项"),
        (
            {"items": ("abnormal",)},
            "本届没有向任何部门征求“经营异常名录、严重违法失信名单”的意见|本届没有向任何部门",
        ),
        ({"lines": ("union",)}, "不是这次考察中不符的"),
        ({"lines": ("nothing",)}, "不是这次考察中不符的"),
        ({"due_on": date(2026, 9, 23)}, "已经过去"),
    ],
)
def test_what_referring_refuses_and_nothing_has_happened(place, change, words):
    with pytest.raises(Refused, match=words):
        refer(place, **change)
    assert state_of(place.visit.nomination) == "inspection"
    assert not Referral.objects.exists() and not Batch.objects.exists()


def test_a_visit_without_a_verdict_and_an_open_screening_are_not_referred(place):
    Inspection.objects.filter(pk=place.visit.pk).update(verdict="", recorded_at=None, recorded_by=None)
    with pytest.raises(Refused, match="还没有考察结论"):
        refer(place)
    open_still = stage.visited((1,), close=False)
    with pytest.raises(Refused, match="资格审查环节还没有关闭"):
        refer(place, referred.visit_at(open_still, 1))


def test_one_alone_in_the_office_cannot_begin_what_takes_two(place):
    place.second.delete()
    with pytest.raises(Refused, match="须由办公室两人办理"):
        refer(place)


@pytest.mark.parametrize("role", ["auditor", "inspector", "department", "recommender", "admin"])
def test_only_the_office_refers_and_settles(place, role):
    with pytest.raises(PermissionDenied):
        refer(place, by=factories.hat(role))
    referral = refer(place)
    with pytest.raises(PermissionDenied):
        settle(place, referral, "refused", by=factories.hat(role))


def test_no_state_but_inspection_is_referred(place):
    refer(place)
    with pytest.raises(Refused, match="不能转资格审查"):
        refer(place)


def test_cleared_it_stands_where_it_stood_with_its_visit(place):
    referral = refer(place)
    with pytest.raises(Refused, match="还有 1 项核查没有答复"):
        settle(place, referral)
    answer(place, referral)
    settled = settle(place, referral)
    assert (settled.outcome, settled.decided_by) == ("cleared", place.second)
    assert state_of(referral.nomination) == "inspection"
    place.visit.refresh_from_db()
    assert place.visit.verdict == "passed"
    detail = AuditEntry.objects.get(act="awards.settle_referral").detail
    assert detail["answers"] == [
        ["青岛市科学技术局", "misconduct", "clear", "", "2026-09-24", 1, "clear"]
    ] or (detail["answers"][0][1:3] == ["misconduct", "clear"])
    assert referring.open_in(place.edition) == []


def test_refused_it_ends_here_with_the_reason(place):
    referral = refer(place)
    answer(place, referral, said="problem", explanation="查实弄虚作假")
    with pytest.raises(Refused, match="还有 1 项有问题，不能作出复审合格"):
        settle(place, referral)
    settle(place, referral, "refused", reason="申报不实，已核实")
    nomination = Nomination.objects.get(pk=referral.nomination_id)
    assert (nomination.state, nomination.ended_reason) == (
        "rejected",
        "考察后资格复审不合格：申报不实，已核实",
    )


def test_one_problem_is_enough_to_refuse_before_the_others_answer(place):
    referral = refer(place, items=("misconduct", "overall"))
    with pytest.raises(Refused, match="还有 2 项核查没有答复"):
        settle(place, referral, "refused")
    answer(place, referral, said="problem", explanation="查实弄虚作假")
    settle(place, referral, "refused")
    assert state_of(referral.nomination) == "rejected"


def test_the_office_may_refuse_although_the_departments_see_nothing(place):
    referral = refer(place)
    answer(place, referral)
    settle(place, referral, "refused", reason="考察发现的差异属实")
    assert state_of(referral.nomination) == "rejected"


def test_a_problem_set_aside_by_two_stands_in_nobody_s_way(place):
    referral = refer(place)
    opinion = answer(place, referral, said="problem", explanation="有一起投诉")
    overrule = overrules.propose_overrule(opinion, by=place.office, now=NOW, reason="投诉已撤回")
    overrules.decide_overrule(overrule, by=place.second, now=NOW, confirmed=True)
    settle(place, referral)
    assert state_of(referral.nomination) == "inspection"


def test_who_referred_it_does_not_settle_it_and_nobody_settles_it_twice(place):
    referral = refer(place)
    answer(place, referral)
    for hat in (place.office, factories.hat("office", username=place.office.user.username)):
        with pytest.raises(Refused, match="须由办公室的另一人"):
            settle(place, referral, by=hat)
    for outcome, reason, words in (
        ("", "有理由", "请选择结论"),
        ("cleared", " ", "请写明作出这一结论的理由"),
    ):
        with pytest.raises(Refused, match=words):
            settle(place, referral, outcome, reason=reason)
    settle(place, referral)
    with pytest.raises(Refused, match="作出结论，请刷新页面查看"):
        settle(place, referral, "refused")


def test_the_database_keeps_two_people_and_one_open_referral(place):
    referral = refer(place)
    with pytest.raises(IntegrityError, match="one_open_referral_a_nomination"), transaction.atomic():
        Referral.objects.create(
            nomination=referral.nomination, inspection=place.visit, reason="x", referred_at=NOW,
            referred_by=place.office,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="a_referral_takes_two_people"), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(
            outcome="cleared", outcome_reason="x", decided_at=NOW, decided_by=place.office
        )


def test_while_one_is_open_the_inspection_stays_open(place):
    referral = refer(place)
    with pytest.raises(Refused, match="还有 1 家转回资格审查没有复审结论"):
        closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)
    answer(place, referral)
    settle(place, referral)
    closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        refer(place)


def test_one_withdrawn_meanwhile_holds_nothing_up_and_is_not_settled(place):
    referral = refer(place)
    advance(referral.nomination, "withdraw", by=place.office, now=NOW, note="演示撤回")
    assert referring.open_in(place.edition) == []
    with pytest.raises(Refused, match="不需要再作复审结论"):
        settle(place, referral, "refused")


def test_reinstated_it_may_be_referred_once_more(place):
    referral = refer(place)
    answer(place, referral)
    settle(place, referral)
    later = NOW + timedelta(days=1)
    again = refer(place, items=("misconduct",), now=later)
    assert again.batch.number == 2
    with pytest.raises(Refused, match="还有 1 项核查没有答复"):
        settle(place, again, now=later)


def test_an_edition_with_one_that_is_not_settled_is_not_concluded(place):
    refer(place)
    blocks = [str(each) for each in preview_conclude(place.edition).blocks]
    assert any("考察后转回资格审查，还没有复审结论" in each for each in blocks)
    assert [row.state for row in preview_conclude(place.edition).rejected] == ["inspection", "inspection"]


@pytest.mark.django_db(transaction=True)
def test_settled_by_two_at_once_it_is_settled_once():
    place = referred.visited()
    third = factories.hat("office", username="office-3")
    referral = refer(place)
    answer(place, referral)

    one, other = overtaking(
        lambda: settle(place, referral, "refused"), lambda: settle(place, referral, by=third)
    )
    assert (told(one), told(other)) == (False, True)
    assert state_of(referral.nomination) == "rejected"


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_a_referring_under_way_and_then_sees_it():
    place = referred.visited()
    one, other = overtaking(
        lambda: refer(place),
        lambda: closing_inspection.close_inspection(place.edition, by=place.second, now=NOW),
    )
    assert (told(one), told(other)) == (False, True)
    assert state_of(place.visit.nomination) == "screening"
