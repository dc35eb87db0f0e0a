"""What a phone kept while it was away: each thing by itself, once, and what another wrote is shown."""

import hashlib
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from awards.models import CheckedDocument, Inspection, InspectionPhoto, Interview, VisitSync
from awards.services import noting, photos, syncing
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.visiting import TODAY, finished, fresh, given, person, picture
from tests.moments import NOW

pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(hours=2)


@pytest.fixture
def place():
    return given()


def sync(visit, by, **parcel):
    return syncing.sync_visit(visit, **{"client_id": uuid4(), "by": by, "now": NOW} | parcel)


def line(visit, key="employees", **said):
    row = visit.lines.get(key=key)
    return {"key": key, "version": row.version, "found": "甲", "agrees": True} | said


def paper(**said):
    return {"client_id": uuid4(), "title": "职代会记录", "seen_at": EARLIER} | said


def talk(**said):
    return {"client_id": uuid4(), "name": "演示职工", "words": "属实", "held_at": EARLIER} | said


def test_a_parcel_is_taken_over(place):
    visit, leader, _member = place
    version = fresh(visit).version
    head = {"visited_on": "2026-06-01", "proposed": "passed", "problem": "", "version": version}
    document, interview = paper(line="employees"), talk(kind="head")
    outcome = sync(
        visit, leader, lines=[line(visit)], head=head, documents=[document], interviews=[interview]
    )
    assert outcome["lines"]["employees"]["what"] == "taken"
    assert outcome["lines"]["employees"]["version"] == 2
    assert (outcome["head"]["what"], outcome["head"]["version"]) == ("taken", version + 1)
    seen, held = CheckedDocument.objects.get(), Interview.objects.get()
    assert (seen.title, seen.line.key, seen.seen_at, seen.noted_by) == (
        "职代会记录",
        "employees",
        EARLIER,
        leader,
    )
    assert (held.name, held.kind, held.held_at) == ("演示职工", "head", EARLIER)
    kept = fresh(visit)
    assert (kept.visited_on, kept.proposed) == (TODAY, "passed")
    entry = AuditEntry.objects.get(act="awards.sync_visit")
    assert entry.detail["lines"]["employees"]["found"] == "甲"


def test_the_same_parcel_again_is_answered_and_done_once(place):
    visit, leader, _member = place
    parcel = {"client_id": uuid4(), "lines": [line(visit)], "documents": [paper()]}
    first = sync(visit, leader, **parcel)
    assert sync(visit, leader, **parcel) == first
    assert (CheckedDocument.objects.count(), VisitSync.objects.count()) == (1, 1)
    assert visit.lines.get(key="employees").version == 2


def test_it_is_answered_even_after_the_visit_was_recorded(place):
    visit, leader, _member = place
    parcel = {"client_id": uuid4(), "lines": [line(visit)]}
    first = sync(visit, leader, **parcel)
    finished(visit, leader)
    Inspection.objects.filter(pk=visit.pk).update(
        verdict="passed", recorded_at=NOW, recorded_by=leader, visited_on=TODAY
    )
    assert sync(visit, leader, **parcel) == first
    with pytest.raises(Refused, match="已经登记"):
        sync(visit, leader, lines=[line(visit, found="晚到")])


def test_what_another_wrote_since_is_shown_and_the_rest_taken(place):
    visit, leader, member = place
    mine, other = line(visit), line(visit, "nature")
    sync(visit, member, lines=[line(visit, found="乙", agrees=False, difference="少", weight="minor")])
    outcome = sync(visit, leader, lines=[mine, other])
    assert outcome["lines"]["nature"]["what"] == "taken"
    clash = outcome["lines"]["employees"]
    assert (clash["what"], clash["version"], clash["found"], clash["who"]) == ("clash", 2, "乙", "演示成员")
    assert (clash["agrees"], clash["difference"], clash["weight"]) == (False, "少", "minor")
    assert visit.lines.get(key="employees").found == "乙"
    again = sync(visit, leader, lines=[mine | {"version": 2}])
    assert again["lines"]["employees"]["what"] == "taken"


def test_two_who_found_the_same_do_not_clash(place):
    visit, leader, member = place
    mine = line(visit)
    sync(visit, member, lines=[mine])
    assert sync(visit, leader, lines=[mine])["lines"]["employees"]["what"] == "same"


def test_one_bad_thing_stops_none_of_the_others(place):
    visit, leader, _member = place
    bad, nobody, good = paper(title=" "), talk(words=""), paper()
    outcome = sync(
        visit, leader,
        lines=[line(visit), {"key": "别的", "agrees": True}, line(visit, "nature", found="长" * 1001)],
        head={"visited_on": "昨天", "version": 1},
        documents=[bad, good],
        interviews=[nobody],
    )  # fmt: skip
    assert outcome["lines"]["employees"]["what"] == "taken"
    assert (outcome["lines"]["别的"]["what"], outcome["lines"]["nature"]["what"]) == ("refused", "refused")
    assert "最多 1000 字" in outcome["lines"]["nature"]["why"]
    assert (outcome["head"]["what"], outcome["head"]["visited_on"]) == ("refused", "")
    assert outcome["documents"][str(good["client_id"])]["what"] == "taken"
    assert "请写明查看的是什么材料" in outcome["documents"][str(bad["client_id"])]["why"]
    assert "谈话要点" in outcome["interviews"][str(nobody["client_id"])]["why"]
    assert CheckedDocument.objects.count() == 1


def test_the_head_of_two_phones(place):
    visit, leader, member = place
    version = fresh(visit).version
    sync(visit, member, head={"visited_on": "2026-05-31", "version": version})
    outcome = sync(visit, leader, head={"visited_on": "2026-06-01", "version": version})
    assert (outcome["head"]["what"], outcome["head"]["visited_on"]) == ("clash", "2026-05-31")


def test_the_same_document_in_two_parcels_is_one(place):
    """The answer to the first never arrived, and the phone packed it again with more."""
    visit, leader, _member = place
    document = paper()
    sync(visit, leader, documents=[document])
    sync(visit, leader, documents=[document, paper(title="制度文件")])
    assert CheckedDocument.objects.count() == 2


def test_a_number_is_of_one_visit(place):
    visit, leader, _member = place
    document, number = paper(), uuid4()
    sync(visit, leader, client_id=number, documents=[document])
    other = Inspection.objects.exclude(pk=visit.pk).first()
    other.inspectors.add(leader.user)
    with pytest.raises(Refused, match="另一家企业"):
        sync(other, leader, client_id=number)
    outcome = sync(other, leader, documents=[document])
    assert "另一家企业" in outcome["documents"][str(document["client_id"])]["why"]


def test_what_was_noted_by_mistake_is_set_aside_with_a_reason(place):
    visit, leader, _member = place
    sync(visit, leader, documents=[paper()], interviews=[talk()])
    for thing in (CheckedDocument.objects.get(), Interview.objects.get()):
        with pytest.raises(Refused, match="请写明作废的原因"):
            noting.void_note(thing, reason=" ", by=leader, now=NOW)
        kept = noting.void_note(thing, reason="记错了", by=leader, now=NOW)
        assert (kept.voided_at, kept.void_reason) == (NOW, "记错了")
        with pytest.raises(Refused, match="已经作废"):
            noting.void_note(thing, reason="记错了", by=leader, now=NOW)


def test_a_photograph_sent_twice_is_there_once(place):
    visit, leader, _member = place
    number = uuid4()
    said = {"client_id": number, "caption": "车间", "line": "employees", "by": leader, "now": NOW}
    first = photos.add_photo(visit, file=picture(), taken_at=EARLIER, **said)
    again = photos.add_photo(visit, file=picture(), taken_at=EARLIER, **said)
    assert first == again == InspectionPhoto.objects.get()
    assert (first.taken_at, first.time_from, first.line.key) == (EARLIER, "phone", "employees")
    with first.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == first.sha256


def test_a_time_that_is_still_to_come_is_nobody_s(place):
    visit, leader, _member = place
    kept = photos.add_photo(
        visit, file=picture(), client_id=uuid4(), taken_at=NOW + timedelta(days=1), by=leader, now=NOW
    )
    assert (kept.taken_at, kept.time_from) == (None, "")


def test_a_photograph_set_aside_makes_room_and_stays(place):
    visit, leader, _member = place
    kept = photos.add_photo(visit, file=picture(), client_id=uuid4(), by=leader, now=NOW)
    with pytest.raises(Refused, match="请写明作废的原因"):
        photos.void_photo(kept, reason="", by=leader, now=NOW)
    voided = photos.void_photo(kept, reason="拍错了", by=leader, now=NOW)
    assert (voided.voided_at, voided.voided_by, voided.void_reason) == (NOW, leader, "拍错了")
    assert visit.photos.count() == 1
    with pytest.raises(Refused, match="已经作废"):
        photos.void_photo(kept, reason="拍错了", by=leader, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_same_parcel_at_the_same_moment_is_done_once():
    visit, leader, _member = given()
    parcel = {"client_id": uuid4(), "lines": [line(visit)], "documents": [paper()]}
    said = []

    def send():
        try:
            said.append(sync(visit, leader, **parcel))
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(said) == 4
    assert all(each == said[0] for each in said)
    assert (VisitSync.objects.count(), CheckedDocument.objects.count()) == (1, 1)


def test_only_who_may_record(place):
    visit, _leader, _member = place
    for hat in (person("x", "旁人"), make.hat("auditor"), make.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            sync(visit, hat, lines=[line(visit)])
