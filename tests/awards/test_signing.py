"""Two named people stand by the record of a visit: three ways, one wording, and a change takes both away."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import InspectorConflict, VisitSignature
from awards.services import checklists, noting, photos, signing, visiting
from awards.services.visit_facts import digest_of
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.visiting import TODAY, finished, fresh, given, person, picture
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    visit, leader, member = given()
    finished(visit, leader)
    return visit, leader, member


def own(visit, by, **said):
    return signing.sign_self(visit, by=by, **{"digest": digest_of(fresh(visit)), "now": NOW} | said)


def here(visit, user, by, **said):
    said = {"digest": digest_of(fresh(visit)), "now": NOW} | said
    return signing.sign_here(visit, user=user, by=by, **said)


def paper(visit, names, by, **said):
    said = {"digest": digest_of(fresh(visit)), "scan": picture("签名页.jpg"), "now": NOW} | said
    return signing.sign_on_paper(visit, names=names, by=by, **said)


def standing(visit):
    return sorted(visit.signatures.filter(void_at__isnull=True).values_list("part", "name", "way"))


def test_two_own_accounts_make_the_verdict(place):
    visit, leader, member = place
    assert own(visit, leader).verdict == ""
    done = own(visit, member, now=NOW + timedelta(minutes=5))
    assert (done.verdict, done.visited_on, done.recorded_by) == ("passed", TODAY, member)
    assert done.recorded_at == NOW + timedelta(minutes=5)
    assert (done.leader_signature, done.member_signature) == ("演示组长", "演示成员")
    assert standing(visit) == [("leader", "演示组长", "own"), ("member", "演示成员", "own")]
    assert set(visit.signatures.values_list("digest", flat=True)) == {done.signed_digest}
    assert digest_of(fresh(visit)) == done.signed_digest
    assert AuditEntry.objects.filter(act="awards.sign_visit").count() == 2
    entry = AuditEntry.objects.get(act="awards.record_inspection")
    assert entry.detail["signatures"] == ["演示组长", "演示成员"]


def test_the_second_person_signs_on_the_phone_of_the_first(place):
    visit, leader, member = place
    own(visit, leader)
    done = here(visit, member.user, leader)
    assert done.verdict == "passed"
    signed = visit.signatures.get(part="member")
    assert (signed.way, signed.user, signed.recorded_by) == ("re_entered", member.user, leader)


def test_one_on_paper_after_one_by_account(place):
    visit, leader, _member = place
    own(visit, leader)
    done = paper(visit, ["演示专家"], leader)
    assert (done.verdict, done.member_signature) == ("passed", "演示专家")
    signed = visit.signatures.get(part="member")
    assert (signed.way, signed.user) == ("paper", None)
    assert signed.scan.size > 0


def test_both_on_one_paper_registered_by_the_office(place):
    visit, _leader, _member = place
    done = paper(visit, ["演示组长", "演示成员"], make.hat("office"))
    assert done.verdict == "passed"
    assert standing(visit) == [("leader", "演示组长", "paper"), ("member", "演示成员", "paper")]


def test_signing_twice_is_signing_once(place):
    visit, leader, _member = place
    own(visit, leader)
    own(visit, leader)
    assert standing(visit) == [("leader", "演示组长", "own")]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda visit, leader, member: here(visit, leader.user, leader), "不能是同一人"),
        (lambda visit, leader, member: here(visit, person("x", "旁人").user, leader), "“旁人”不在.*名单上"),
        (lambda visit, leader, member: here(visit, member.user, make.hat("office")), "不在这次考察的名单上"),
        (lambda visit, leader, member: own(visit, make.hat("office")), "不在这次考察的名单上"),
        (lambda visit, leader, member: own(visit, leader, digest="0" * 64), "有了变动"),
        (lambda visit, leader, member: paper(visit, ["旁人"], leader), "“旁人”不在这次考察的名单上"),
        (lambda visit, leader, member: paper(visit, [], leader), "请选择纸上签名的人"),
    ],
)  # fmt: skip
def test_what_is_no_signature(place, act, sentence):
    with pytest.raises(Refused, match=sentence):
        act(*place)
    assert not VisitSignature.objects.exists()


def test_only_the_team_and_the_office_of_the_edition_may(place):
    visit, _leader, _member = place
    for hat in (make.hat("office", "市南区"), make.hat("auditor"), person("x", "旁人")):
        with pytest.raises(PermissionDenied):
            own(visit, hat)


def test_one_member_is_enough_and_a_second_is_told_so(place):
    visit, leader, member = place
    own(visit, member)
    with pytest.raises(Refused, match="成员的签名已由“演示成员”签过"):
        paper(visit, ["演示专家"], leader)


CHANGES = {
    "a line": lambda visit, by: visiting.save_draft(
        visit, lines=[{"key": "employees", "agrees": False, "found": "268 人", "weight": "minor"}],
        visited_on=TODAY,
        proposed="passed", version=fresh(visit).version, by=by, now=NOW,
    ),
    "the conclusion": lambda visit, by: finished(visit, by, proposed="failed", problem="演示"),
    "a photograph": lambda visit, by: photos.add_photo(
        visit, file=picture(), client_id=uuid4(), by=by, now=NOW
    ),
    "a document": lambda visit, by: noting.note_document(
        visit, client_id=uuid4(), title="会议记录", by=by, now=NOW
    ),
    "an interview": lambda visit, by: noting.note_interview(
        visit, client_id=uuid4(), name="演示职工", words="属实", by=by, now=NOW
    ),
    "a line of the office": lambda visit, by: checklists.add_line(
        visit, item="会费", claimed="", by=make.hat("office"), now=NOW
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_takes_the_signature_away(place, change):
    visit, leader, member = place
    own(visit, leader)
    CHANGES[change](visit, leader)
    assert standing(visit) == []
    if change == "a line of the office":
        with pytest.raises(Refused, match="还有 1 项没有选择"):
            own(visit, member)
        return
    assert own(visit, member).verdict == ""
    assert standing(visit) == [("member", "演示成员", "own")]


def test_saying_the_same_again_takes_nothing_away(place):
    visit, leader, _member = place
    own(visit, leader)
    finished(visit, leader)
    assert standing(visit) == [("leader", "演示组长", "own")]


def test_what_was_signed_under_another_wording_stands_no_more(place):
    """However the record came to be changed, the first signature is not counted with the second."""
    visit, leader, member = place
    own(visit, leader)
    visit.lines.filter(key="employees").update(found="改过")
    assert own(visit, member).verdict == ""
    assert standing(visit) == [("member", "演示成员", "own")]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"proposed": ""}, "请选择考察结论"),
        ({"visited_on": None}, "请填写考察日期"),
        ({"visited_on": date(2026, 6, 2)}, "不能晚于今天"),
        ({"proposed": "failed"}, "请写明发现的问题"),
    ],
)
def test_nobody_signs_what_is_not_finished(place, said, sentence):
    visit, leader, _member = place
    kept = fresh(visit)
    for name, value in said.items():
        setattr(kept, name, value)
    kept.save()
    with pytest.raises(Refused, match=sentence):
        own(visit, leader)


def test_nobody_signs_a_difference_without_its_weight(place):
    visit, leader, _member = place
    line = visit.lines.filter(key="employees")
    line.update(agrees=False, found="268 人")
    with pytest.raises(Refused, match="“职工人数”与申报不符，请选择差异程度"):
        own(visit, leader)
    line.update(weight="minor")
    own(visit, leader)
    assert standing(visit) == [("leader", "演示组长", "own")]


def test_nobody_signs_before_there_is_a_team(place):
    visit, _leader, _member = place
    type(visit).objects.filter(pk=visit.pk).update(leader_name="", member_names="")
    with pytest.raises(Refused, match="请办公室先安排考察组"):
        paper(visit, ["演示组长"], make.hat("office"))


def test_what_is_recorded_is_not_written_on_again(place):
    visit, leader, member = place
    own(visit, leader)
    own(visit, member)
    for change in CHANGES.values():
        with pytest.raises(Refused, match="已经登记"):
            change(visit, leader)
    with pytest.raises(Refused, match="已经登记"):
        own(visit, leader)
    assert len(standing(visit)) == 2


def test_who_must_stay_away_neither_writes_nor_signs(place):
    visit, leader, member = place
    InspectorConflict.objects.filter(user=leader.user, nomination=visit.nomination).update(
        state="pinned", source="office", reason="亲属任职（演示）"
    )
    for act in (lambda: own(visit, leader), lambda: here(visit, leader.user, member)):
        with pytest.raises(Refused, match="演示组长对“演示A企业（演示）”须回避"):
            act()
    with pytest.raises(Refused, match="须回避"):
        CHANGES["a line"](visit, leader)
    assert not VisitSignature.objects.exists()


def test_who_must_stay_away_does_neither_in_the_hat_of_the_office(place):
    visit, leader, _member = place
    office = make.hat("office", username=leader.user.username)
    InspectorConflict.objects.filter(user=leader.user, nomination=visit.nomination).update(
        state="pinned", source="office", reason="亲属任职（演示）"
    )
    for act in (lambda: CHANGES["a line"](visit, office), lambda: paper(visit, ["演示专家"], office)):
        with pytest.raises(Refused, match="演示组长对“演示A企业（演示）”须回避"):
            act()
    paper(visit, ["演示专家"], make.hat("office"))
    assert standing(visit)
