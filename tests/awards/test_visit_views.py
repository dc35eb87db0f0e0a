"""The page of a visit: written on as a plain form, sent to by a phone, signed by two."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from awards.models import CheckedDocument, InspectionPhoto, Interview
from awards.services.visit_facts import digest_of
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.visiting import finished, fresh, given, person, picture
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The views' clock stands at the moment of the tests."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def place():
    return given()


def at(name, visit):
    return reverse(f"awards:{name}", args=[visit.pk])


def text(answer):
    return answer.content.decode()


def shown(client, visit, hat):
    """The fields of the page as a browser would send them back, untouched."""
    form = make.sign_in(client, hat).get(at("inspection", visit)).context["form"]
    return {bound.name: bound.value() or "" for bound in form if bound.name not in ("photos",)}


def send(client, visit, hat, data):
    return make.sign_in(client, hat).post(at("inspection", visit), data, follow=True)


def field(visit, key, name):
    return f"{name}_{visit.lines.get(key=key).pk}"


def test_a_visit_is_written_on_without_a_script(client, place):
    visit, leader, _member = place
    data = shown(client, visit, leader) | {
        field(visit, "employees", "agrees"): "no",
        field(visit, "employees", "found"): "花名册 268 人",
        field(visit, "employees", "difference"): "少 32 人",
        field(visit, "employees", "weight"): "minor",
        "proposed": "passed",
        "photos": [picture("1.jpg"), picture("2.jpg", "green")],
        "caption": "车间",
        "photo_line": "employees",
    }
    assert "已存为草稿" in text(send(client, visit, leader, data))
    line = visit.lines.get(key="employees")
    assert (line.found, line.agrees, line.difference, line.weight) == (
        "花名册 268 人",
        False,
        "少 32 人",
        "minor",
    )
    assert visit.lines.filter(checked_at__isnull=False).count() == 1
    kept = fresh(visit)
    assert (kept.visited_on, kept.proposed) == (timezone.localdate(NOW), "passed")
    assert [photo.line.key for photo in visit.photos.all()] == ["employees"] * 2


def test_a_refusal_loses_nothing_and_what_another_saved_is_shown_beside(client, place):
    visit, leader, member = place
    found = field(visit, "employees", "found")
    stale = shown(client, visit, leader) | {found: "我写的", "problem": "我写的问题"}
    send(client, visit, member, shown(client, visit, member) | {found: "别人写的"})
    answer = send(client, visit, leader, stale)
    said = text(answer)
    assert "已被更新" in said
    assert "我写的问题" in said
    assert "演示成员 在 10:00 保存的是：" in said
    assert "别人写的" in said
    assert visit.lines.get(key="employees").found == "别人写的"
    again = {bound.name: bound.value() or "" for bound in answer.context["form"] if bound.name != "photos"}
    assert "已存为草稿" in text(send(client, visit, leader, again))
    assert visit.lines.get(key="employees").found == "我写的"


def test_two_forms_open_at_once_do_not_undo_each_other(client, place):
    visit, leader, member = place
    mine, yours = shown(client, visit, leader), shown(client, visit, member)
    send(client, visit, leader, mine | {field(visit, "nature", "agrees"): "yes", "visited_on": ""})
    answer = send(
        client, visit, member, yours | {field(visit, "employees", "agrees"): "yes", "visited_on": ""}
    )
    assert "已存为草稿" in text(answer)
    assert set(visit.lines.filter(agrees=True).values_list("key", flat=True)) == {"nature", "employees"}


def test_documents_and_interviews_without_a_script(client, place):
    visit, leader, _member = place
    client = make.sign_in(client, leader)
    document = {
        "client_id": str(uuid4()),
        "title": "职代会记录",
        "original": "on",
        "line": "employees",
        "note": "",
    }
    for _press in range(2):
        answer = client.post(at("note_document", visit), document, follow=True)
        assert "职代会记录" in text(answer)
    assert CheckedDocument.objects.count() == 1
    talk = {"client_id": str(uuid4()), "name": "演示职工", "kind": "worker", "words": "属实"}
    assert "演示职工" in text(client.post(at("note_interview", visit), talk, follow=True))
    refused = client.post(at("note_interview", visit), talk | {"client_id": str(uuid4()), "words": ""})
    assert (refused.status_code, Interview.objects.count()) == (200, 1)
    for name, thing in (
        ("void_document", CheckedDocument.objects.get()),
        ("void_interview", Interview.objects.get()),
    ):
        assert "作废原因" in text(client.get(at(name, thing)))
        assert "已作废" in text(client.post(at(name, thing), {"reason": "记错了"}, follow=True))
        thing.refresh_from_db()
        assert thing.void_reason == "记错了"


def parcel(visit, hat, **more):
    return {
        "client_id": str(uuid4()),
        "user": str(hat.user_id),
        "sent_at": NOW.isoformat(),
        "lines": [{"key": "employees", "version": 1, "found": "268 人", "agrees": True}],
    } | more


def post(client, visit, data):
    return client.post(at("sync_visit", visit), json.dumps(data), content_type="application/json")


def test_a_phone_asks_what_the_portal_has_and_sends_a_parcel(client, place):
    visit, leader, _member = place
    client = make.sign_in(client, leader)
    asked = client.get(at("sync_visit", visit))
    said = asked.json()
    assert (said["user"], said["state"]["recorded"]) == (leader.user_id, False)
    assert said["state"]["lines"]["employees"]["version"] == 1
    assert said["token"]
    assert "no-store" in asked.headers["Cache-Control"]
    seen = {"client_id": str(uuid4()), "title": "花名册", "at": (NOW - timedelta(hours=3)).isoformat()}
    said = post(client, visit, parcel(visit, leader, documents=[seen])).json()
    assert said["outcome"]["lines"]["employees"]["what"] == "taken"
    assert CheckedDocument.objects.get().seen_at == NOW - timedelta(hours=3)


def test_a_clock_that_goes_wrong_is_set_right_by_how_long_ago_it_was(client, place):
    """The phone is a year behind; what it noted ten minutes before it sent was noted ten minutes ago."""
    visit, leader, _member = place
    wrong = NOW - timedelta(days=365)
    talk = {"client_id": str(uuid4()), "name": "演示职工", "kind": "worker", "words": "属实"}
    talk["at"] = (wrong - timedelta(minutes=10)).isoformat()
    client = make.sign_in(client, leader)
    post(client, visit, parcel(visit, leader, lines=[], interviews=[talk], sent_at=wrong.isoformat()))
    assert Interview.objects.get().held_at == NOW - timedelta(minutes=10)


def test_signed_out_in_the_cellar(client, place):
    visit, leader, _member = place
    for answer in (post(client, visit, parcel(visit, leader)), client.get(at("sync_visit", visit))):
        assert answer.status_code == 401
        assert "请重新登录" in answer.json()["message"]
    photo = client.post(at("add_photo", visit), {"client_id": str(uuid4()), "photo": picture()})
    assert (photo.status_code, InspectionPhoto.objects.count()) == (401, 0)
    assert visit.lines.get(key="employees").version == 1


def test_what_one_typed_is_not_sent_by_another(client, place):
    visit, leader, member = place
    client = make.sign_in(client, member)
    answer = post(client, visit, parcel(visit, leader))
    assert (answer.status_code, answer.json()["reason"]) == (403, "other")
    photo = {"client_id": str(uuid4()), "user": str(leader.user_id), "photo": picture()}
    assert client.post(at("add_photo", visit), photo).json()["reason"] == "other"
    assert visit.lines.get(key="employees").version == 1


@pytest.mark.parametrize("role", ["auditor", "recommender", "expert"])
def test_who_may_not_record_gets_no_part_of_it(client, place, role):
    visit, _leader, _member = place
    client = make.sign_in(client, make.hat(role))
    assert client.get(at("sync_visit", visit)).status_code == 403
    other = make.sign_in(client, person("x", "旁人"))
    assert other.get(at("sync_visit", visit)).status_code == 403


@pytest.mark.parametrize(
    "broken",
    [
        {"client_id": "1"},
        {"lines": "all"},
        {"lines": [{"key": "employees"}] * 301},
        {"sent_at": "yesterday"},
        {"sent_at": "2026-06-01T10:00:00"},
        {"documents": [{"title": "没有编号"}]},
        {"head": "合格"},
    ],
)
def test_what_is_no_parcel_is_refused_whole(client, place, broken):
    visit, leader, _member = place
    answer = post(make.sign_in(client, leader), visit, parcel(visit, leader) | broken)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
    assert visit.lines.get(key="employees").version == 1


def test_after_it_was_recorded_a_phone_is_told_so(client, place):
    visit, leader, member = place
    finished(visit, leader)
    for hat in (leader, member):
        data = {"way": "self", "digest": digest_of(fresh(visit))}
        make.sign_in(client, hat).post(at("sign_visit", visit), data)
    assert fresh(visit).verdict == "passed"
    answer = post(make.sign_in(client, leader), visit, parcel(visit, leader))
    assert (answer.status_code, "已经登记" in answer.json()["message"]) == (409, True)
    said = text(client.get(at("inspection", visit)))
    assert 'name="act"' not in said
    assert "签名：演示组长（组长）、演示成员" in said


def test_a_photograph_of_a_phone(client, place):
    visit, leader, _member = place
    client = make.sign_in(client, leader)
    said = {
        "client_id": str(uuid4()),
        "user": str(leader.user_id),
        "age": "60000",
        "caption": "车间",
        "line": "",
    }
    first = client.post(at("add_photo", visit), said | {"photo": picture()}).json()
    again = client.post(at("add_photo", visit), said | {"photo": picture()}).json()
    assert first["photo"] == again["photo"]
    kept = InspectionPhoto.objects.get()
    assert (kept.taken_at, kept.time_from) == (NOW - timedelta(minutes=1), "phone")
    bad = SimpleUploadedFile("x.jpg", b"not a picture", "image/jpeg")
    answer = client.post(at("add_photo", visit), said | {"client_id": str(uuid4()), "photo": bad})
    assert (answer.status_code, answer.json()["reason"]) == (409, "refused")
    assert client.post(at("add_photo", visit), {"client_id": "1"}).status_code == 403
    assert client.post(at("add_photo", visit), {"user": str(leader.user_id)}).status_code == 400
    assert "手机时间" in text(client.get(at("inspection", visit)))
    assert "拍错了" in text(client.post(at("void_photo", kept), {"reason": "拍错了"}, follow=True))


def test_two_sign_one_after_the_other(client, place):
    visit, leader, member = place
    said = text(make.sign_in(client, leader).get(at("sign_visit", visit)))
    assert "现在还不能签名" in said
    finished(visit, leader)
    signed = make.sign_in(client, leader).post(
        at("sign_visit", visit), {"way": "self", "digest": digest_of(fresh(visit))}, follow=True
    )
    assert "已签名，还差另一人签名" in text(signed)
    data = {"way": "here", "digest": digest_of(fresh(visit)), "user": member.user_id, "code": ""}
    wrong = client.post(at("sign_visit", visit), data | {"password": "guess"})
    assert "密码不正确" in text(wrong)
    assert fresh(visit).verdict == ""
    done = client.post(at("sign_visit", visit), data | {"password": "demo-visit-2026"}, follow=True)
    assert "的考察结论已登记：合格。" in text(done)
    assert fresh(visit).verdict == "passed"
    assert [
        entry.detail["way"] for entry in AuditEntry.objects.filter(act="awards.sign_visit").order_by("pk")
    ] == [
        "own",
        "re_entered",
    ]
    assert str(client.session["_auth_user_id"]) == str(leader.user_id)


def test_guessing_the_password_of_the_other_is_locked_like_signing_in(client, place, monkeypatch):
    monkeypatch.undo()  # what counts the guesses looks at the clock itself
    visit, leader, member = place
    finished(visit, leader)
    client = make.sign_in(client, leader)
    data = {"way": "here", "digest": digest_of(fresh(visit)), "user": member.user_id, "password": "guess"}
    seen = [client.post(at("sign_visit", visit), data).status_code for _try in range(6)]
    assert seen[-1] == 429
    right = client.post(at("sign_visit", visit), data | {"password": "demo-visit-2026"})
    assert right.status_code == 429
    assert fresh(visit).signatures.count() == 0


def test_a_paper_with_both_names(client, place):
    visit, leader, _member = place
    finished(visit, leader)
    client = make.sign_in(client, make.hat("office"))
    data = {"way": "paper", "digest": digest_of(fresh(visit)), "names": ["演示组长", "演示专家"]}
    assert "请选择" in text(client.post(at("sign_visit", visit), data)) or fresh(visit).verdict == ""
    done = client.post(at("sign_visit", visit), data | {"scan": picture("签名页.jpg")}, follow=True)
    assert "的考察结论已登记：合格。" in text(done)
    signed = visit.signatures.first()
    scan = client.get(at("signature_scan", signed))
    assert (scan.status_code, scan.headers["Content-Type"]) == (200, "image/jpeg")
    assert make.sign_in(client, make.hat("recommender")).get(at("signature_scan", signed)).status_code == 404


def test_the_office_adds_a_line_and_the_team_sees_it(client, place):
    visit, leader, _member = place
    office = make.sign_in(client, make.hat("office"))
    done = office.post(at("line_new", visit), {"item": "会费收缴", "claimed": ""}, follow=True)
    assert "已增列“会费收缴”" in text(done)
    inspector = make.sign_in(client, leader)
    said = text(inspector.get(at("inspection", visit)))
    assert "办公室增列" in said
    assert "会费收缴" in said
    assert inspector.get(at("line_new", visit)).status_code == 403


def test_the_page_takes_as_many_queries_for_many_lines_as_for_few(
    client, place, django_assert_max_num_queries
):
    visit, leader, _member = place
    client = make.sign_in(client, leader)
    seen = {"inspection": visit, "seen_at": NOW, "noted_by": leader}
    CheckedDocument.objects.create(client_id=uuid4(), title="材料", **seen)
    client.get(at("inspection", visit))
    with django_assert_max_num_queries(45) as few:
        client.get(at("inspection", visit))
    for number in range(40):
        visit.lines.create(key=f"more-{number}", item=f"更多 {number}", position=100 + number)
        CheckedDocument.objects.create(client_id=uuid4(), title=f"材料 {number}", **seen)
    with django_assert_max_num_queries(len(few)):
        client.get(at("inspection", visit))


def test_the_worker_acts_below_the_visits_alone(client):
    answer = client.get(reverse("awards:visit_worker"))
    assert answer.headers["Service-Worker-Allowed"] == "/awards/inspections/"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert b"visits-" in b"".join(answer.streaming_content)


def test_who_wears_no_hat_any_more_is_told_so(client, place):
    visit, leader, _member = place
    client = make.sign_in(client, leader)
    leader.active = False
    leader.save()
    answer = post(client, visit, parcel(visit, leader))
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_yours")
