"""The office's pages of the panel: the draw, the invitations, conflicts, stepping aside, the work."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.errors import Refused
from portal.models import AuditEntry
from review import services
from review.models import Assignment, AssignmentRun, Conflict, Draw, Expert, OfficeRecusal, PanelMember
from review.services import assigning, drawing, office_recusals
from tests import factories
from tests.moments import NOW

CRITERIA = {"size": 3, "reserves": 1, "fields_wanted": ["化工"], "seed": "公开号码 517"}


@pytest.fixture
def place(db):
    """Three nominations under review, six experts of the register with accounts, nobody drawn."""
    edition = factories.edition(seats=2, nominees=2, sheets_each=2)
    hats = [factories.hat("expert", username=f"expert{n}") for n in range(1, 7)]
    for n, hat in enumerate(hats, start=1):
        Expert.objects.create(
            user=hat.user,
            name=f"专家{n}（演示）",
            fields=["化工"] if n < 6 else ["电子"],
            employer=f"演示单位{n}",
        )
    nominations = [factories.nomination(edition, n, state="review") for n in (1, 2, 3)]
    return SimpleNamespace(
        edition=edition, office=factories.hat("office"), hats=hats, nominations=nominations
    )


@pytest.fixture
def seated(place):
    """The first four are on the panel by hand."""
    seats = [services.Seat(f"E0{n}", f"专家{n}（演示）", hat.user) for n, hat in enumerate(place.hats[:4], 1)]
    place.members = services.seat_panel(place.edition, seats, by=place.office, now=NOW)
    return place


@pytest.fixture
def office(client, place):
    return factories.sign_in(client, place.office)


def at(name, *things):
    return reverse(f"review:{name}", args=[getattr(each, "pk", each) for each in things])


def body(answer):
    return answer.content.decode()


def test_drawing_by_clicking(place, office):
    shown = office.post(at("draw", place.edition), CRITERIA)
    assert "备选 5 位，抽取 3 位" in body(shown)
    assert "专业领域不符" in body(shown)
    assert not Draw.objects.exists()
    answer = office.post(at("draw", place.edition), dict(CRITERIA, **_sent(shown)))
    drawn = Draw.objects.get()
    assert answer.url == at("drawn", drawn)
    page = body(office.get(at("drawn", drawn) + "?check=1"))
    assert "次序和摘要都一致" in page and "公开号码 517" in page and drawn.digest in page
    Draw.objects.update(seed="另一个")
    assert "不一致" in body(office.get(at("drawn", drawn) + "?check=1"))


def _sent(shown) -> dict:
    carried = shown.context["carried"]
    assert ("fields_wanted", "化工") in carried
    return {name: value for name, value in carried if name != "fields_wanted"} | {"confirm": "1"}


def test_a_pool_that_changed_since_it_was_shown_is_not_drawn_from(place, office):
    shown = office.post(at("draw", place.edition), CRITERIA)
    Expert.objects.filter(name="专家1（演示）").update(active=False)
    answer = office.post(at("draw", place.edition), dict(CRITERIA, **_sent(shown)))
    assert "有变动" in body(answer)
    assert not Draw.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"size": 6}, "只有 5 位"), ({"seed": ""}, "这个字段"), ({"size": "x"}, "整数")],
)
def test_what_cannot_be_drawn_is_said_on_the_page(place, office, given, sentence):
    answer = office.post(at("draw", place.edition), CRITERIA | given | {"confirm": "1"})
    assert answer.status_code == 200
    assert not Draw.objects.exists()
    assert sentence in body(answer) or answer.context["form"].errors


def test_answers_on_the_phone_and_a_replacement(place, office):
    criteria = drawing.Criteria(size=2, reserves=1, fields=("化工",))
    drawing.draw_panel(place.edition, criteria, seed="s", by=place.office, now=NOW)
    one, two, reserve = place.edition.panel.order_by("code")
    refused = office.post(at("answer_for", one), {"accept": "no"})
    assert "写明理由" in body(refused)
    office.post(at("answer_for", one), {"accept": "yes"})
    office.post(at("answer_for", two), {"accept": "no", "reason": "出差"})
    for member in (one, two, reserve):
        member.refresh_from_db()
    assert [each.standing for each in (one, two, reserve)] == ["seated", "declined", "invited"]
    line = AuditEntry.objects.filter(act="review.answer_invitation").latest("pk")
    assert line.detail["on_behalf"] is True
    page = body(office.get(at("replace", one)))
    assert "没有候补" in page
    office.post(at("replace", one), {"reason": "住院"})
    one.refresh_from_db()
    assert (one.standing, one.reason) == ("replaced", "住院")
    assert "已接受 0 位，待答复 1 位，候补 0 位" in body(office.get(at("panel", place.edition)))


def test_what_becomes_of_the_work_is_said_before_one_is_replaced(seated, office):
    assigning.assign(seated.edition, seed="s", each=4, by=seated.office, now=NOW)
    hat, member = seated.hats[0], seated.members[0]
    tasks = list(member.assignments.order_by("pk"))
    services.declare_clear(tasks[:2], signature=hat.user.full_name, by=hat, now=NOW)
    full = {"mechanism": "80", "platform": "80", "effect": "80"}
    services.submit_sheet(tasks[0], scores=full, version=0, by=hat, now=NOW)
    services.save_sheet(tasks[1], scores={"mechanism": "70"}, version=0, by=hat, now=NOW)
    page = body(office.get(at("replace", member)))
    for sentence in ("已提交的 1 份", "写了一半的 1 份", "还没有动笔的 1 份"):
        assert sentence in page
    office.post(at("replace", member), {"reason": "住院"})
    # Who has left writes no more, not even on what was begun.
    with pytest.raises(Refused, match="已不在本届专家组"):
        services.save_sheet(tasks[1], scores={"mechanism": "75"}, version=1, by=hat, now=NOW)
    assert Assignment.objects.filter(member=member).count() == 2


def test_the_board_of_conflicts(seated, office):
    first, second = seated.nominations[:2]
    Expert.objects.filter(pk=seated.members[0].expert_id).update(employer_code=first.enterprise.credit_code)
    office.post(at("find_conflicts", seated.edition))
    page = body(office.get(at("conflicts", seated.edition)))
    assert "统一社会信用代码与企业相同" in page and "未分配" in page
    chosen = office.get(
        at("choose_pair", seated.edition), {"member": seated.members[1].pk, "nomination": second.pk}
    )
    assert chosen.url == at("pin", seated.members[1], second)
    assert "理由" in body(office.post(chosen.url, {"conflict": "yes", "reason": " "}))
    assert Conflict.objects.count() == 1
    office.post(chosen.url, {"conflict": "yes", "reason": "技术顾问"})
    office.post(at("pin", seated.members[0], first), {"conflict": "no", "reason": "已离职五年"})
    states = set(Conflict.objects.values_list("member__code", "state", "source"))
    assert states == {("E01", "cleared", "office"), ("E02", "pinned", "office")}
    assert "共 2 处" in body(office.get(at("conflicts", seated.edition) + "?show=pinned"))
    assert "共 0 处" in body(office.get(at("conflicts", seated.edition) + "?show=found"))
    assert "共 1 处" in body(office.get(at("conflicts", seated.edition), {"q": second.subject_name}))


def test_somebody_of_the_office_steps_aside(seated, office, client):
    nomination, colleague = seated.nominations[0], factories.hat("office", username="office-2")
    office.post(at("recuse_office", nomination), {"user": colleague.user.pk, "reason": "配偶任职"})
    row = OfficeRecusal.objects.get()
    again = office.post(at("recuse_office", nomination), {"user": colleague.user.pk, "reason": "再登记"})
    assert "已登记回避" in body(again)
    factories.sign_in(client, colleague)
    assert nomination.subject_name not in body(client.get(at("assign", seated.edition)))
    assert "由办公室其他工作人员解除" in body(client.post(at("lift_office", row), {"reason": "想看"}))
    factories.sign_in(client, seated.office)
    client.post(at("lift_office", row), {"reason": "配偶已离职"})
    row.refresh_from_db()
    assert row.lifted_at
    acts = AuditEntry.objects.filter(act__contains="recus").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["review.recuse_office", "review.lift_office_recusal"]


@pytest.mark.parametrize(("role", "org"), [("office", "市北区"), ("expert", None), ("auditor", None)])
def test_who_may_not_record_that_somebody_steps_aside(seated, role, org):
    hat = factories.hat(role, org)
    with pytest.raises(PermissionDenied):
        office_recusals.record(seated.nominations[0], seated.office.user, reason="演示", by=hat, now=NOW)


def test_only_who_works_there_steps_aside(seated):
    other = factories.hat("office", "市北区")
    with pytest.raises(Refused, match="不是本届办公室"):
        office_recusals.record(seated.nominations[0], other.user, reason="演示", by=seated.office, now=NOW)


def test_giving_out_the_work_by_clicking(seated, office):
    asked = {"each": "3", "most": "", "seed": "2026"}
    shown = office.post(at("assign", seated.edition), asked)
    assert not Assignment.objects.exists()
    assert [(line.member.code, line.total) for line in shown.context["loads"]].__len__() == 4
    assert sorted(line.total for line in shown.context["loads"]) == [2, 2, 2, 3]
    digest = shown.context["preview"].digest
    office.post(at("assign", seated.edition), asked | {"shown": digest})
    run = AssignmentRun.objects.get()
    assert (run.digest, len(run.outcome)) == (digest, 9)
    assert "结果和摘要都一致" in body(office.get(at("assignment_run", run) + "?check=1"))
    assert "每家都已派够" in body(office.get(at("assign", seated.edition)))


def test_a_preview_that_is_overtaken_gives_nothing_out(seated, office):
    asked = {"each": "3", "most": "", "seed": "2026"}
    digest = office.post(at("assign", seated.edition), asked).context["preview"].digest
    conflict = {"conflict": "yes", "reason": "技术顾问"}
    office.post(at("pin", seated.members[0], seated.nominations[0]), conflict)
    answer = office.post(at("assign", seated.edition), asked | {"shown": digest})
    assert "预览之后有变动" in body(answer)
    assert not Assignment.objects.exists()


def test_who_lacks_whom_is_said_and_nothing_is_given(seated, office):
    for member in seated.members[:3]:
        office.post(at("pin", member, seated.nominations[0]), {"conflict": "yes", "reason": "技术顾问"})
    shown = office.post(at("assign", seated.edition), {"each": "2", "most": "", "seed": "2026"})
    (gap,) = shown.context["gaps"]
    assert (gap.nomination, gap.missing) == (seated.nominations[0], 1)
    assert [who.code for who in gap.barred] == ["E01", "E02", "E03"]
    assert "本次全部不分配" in body(shown) and "E02 专家2（演示）" in body(shown)
    office.post(at("assign", seated.edition), {"each": "2", "seed": "2026", "shown": "x"})
    assert not Assignment.objects.exists()


def test_corrections_by_hand(seated, office):
    member, nomination = seated.members[0], seated.nominations[0]
    given = {"member": member.pk, "nomination": nomination.pk}
    office.post(at("give", seated.edition), given)
    task = Assignment.objects.get()
    assert "已经分配给专家 E01" in body(office.post(at("give", seated.edition), given))
    assert "手工" in body(office.get(at("assign", seated.edition)))
    assert Assignment.objects.count() == 1
    office.post(at("take_back", task), {"reason": ""})
    assert Assignment.objects.count() == 1
    office.post(at("take_back", task), {"reason": "派错了"})
    assert not Assignment.objects.exists()


def test_an_expert_steps_aside_with_a_reason_only(seated, client):
    assigning.assign(seated.edition, seed="s", each=4, by=seated.office, now=NOW)
    task = seated.members[0].assignments.first()
    factories.sign_in(client, seated.hats[0])
    assert "签名" not in body(client.get(at("recuse", task))).split("需要回避")[1]
    client.post(at("recuse", task), {"choice": "recuse", "recuse-kind": "kinship"})
    task.refresh_from_db()
    assert task.recusal.signature == seated.hats[0].user.full_name


PAGES = ("panel", "draw", "conflicts", "assign", "give")


@pytest.mark.parametrize(
    ("role", "org", "status"),
    [
        ("office", "市北区", 404),
        ("expert", None, 403),
        ("recommender", "市南区", 403),
        ("applicant", None, 403),
    ],
)
def test_nobody_else_comes_near(seated, client, role, org, status):
    assigning.assign(seated.edition, seed="s", each=2, by=seated.office, now=NOW)
    factories.sign_in(client, factories.hat(role, org))
    member, nomination = seated.members[0], seated.nominations[0]
    for name in PAGES:
        assert client.get(at(name, seated.edition)).status_code == status, name
        if name in ("draw", "assign"):
            assert client.post(at(name, seated.edition), {"seed": "s", "each": 1}).status_code == status
    for address in (at("answer_for", member), at("replace", member), at("pin", member, nomination)):
        assert client.post(address, {"reason": "演示", "conflict": "yes"}).status_code == status
    run = AssignmentRun.objects.get()
    assert client.get(at("assignment_run", run)).status_code == status
    assert not Conflict.objects.exists()


@pytest.mark.parametrize("name", ["panel", "conflicts", "assign"])
def test_as_many_queries_for_many_as_for_few(seated, office, name):
    assigning.assign(seated.edition, seed="s", each=3, by=seated.office, now=NOW)
    _pin(seated, seated.nominations)
    few = _queries(office, at(name, seated.edition))
    more = [factories.nomination(seated.edition, n, state="review") for n in range(10, 22)]
    for n in range(10, 18):
        expert = Expert.objects.create(name=f"专家{n}（演示）", fields=["化工"])
        PanelMember.objects.create(edition=seated.edition, expert=expert, code=f"E{n}")
    assigning.assign(seated.edition, seed="t", each=3, by=seated.office, now=NOW)
    _pin(seated, more)
    assert _queries(office, at(name, seated.edition)) == few


def _pin(seated, nominations):
    for nomination in nominations:
        services_pin(seated.members[3], nomination, seated.office)


def services_pin(member, nomination, by):
    from review.services import conflicts

    conflicts.pin(member, nomination, conflict=True, reason="演示", by=by, now=NOW)


def _queries(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)
