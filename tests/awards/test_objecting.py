import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from awards import sealed
from awards.models import Objection
from awards.services import handling, lodging
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.stage import PUBLISHING, at_rank, office_of, published

pytestmark = pytest.mark.django_db

WHO = {"name": "演示反映人甲", "contact": "青岛市演示路9号 19911112222", "unit": "演示单位"}
DURING = PUBLISHING + timedelta(days=1)


def lodge(notice, rank=1, now=DURING, **given):
    answers = WHO | {"grounds": "演示事实和理由"} | given
    by = answers.pop("by", None) or factories.hat("public")
    return lodging.lodge_objection(notice, at_rank(notice.edition, rank), **answers, by=by, now=now)


def test_number_and_code_find_it_again_and_nothing_else_does():
    lodged = lodge(published())
    assert lodged.number.startswith("YY20260925-") and len(lodged.code) == 8
    assert lodged.code not in lodged.objection.code_hash
    found = lodging.find_by_code(lodged.number.lower() + " ", lodged.code.lower())
    assert found == lodged.objection
    for number, code in ((lodged.number, "AAAAAAAA"), ("YY20260925-0000", lodged.code)):
        with pytest.raises(Refused, match="没有找到"):
            lodging.find_by_code(number, code)


def test_the_period_is_half_open_and_ends_at_midnight_in_qingdao():
    notice = published()
    last_second = datetime(2026, 10, 9, 15, 59, 59, tzinfo=UTC)
    assert lodge(notice, now=last_second).number
    with pytest.raises(Refused, match="2026-10-09"):
        lodge(notice, now=last_second + timedelta(seconds=1))
    with pytest.raises(Refused, match="还没有开始"):
        lodge(notice, now=PUBLISHING - timedelta(seconds=1))


def test_only_against_one_on_the_list_and_never_anonymous():
    notice = published()
    with pytest.raises(Refused, match="不在这份公示名单"):
        lodge(notice, rank=3)
    for missing in ("name", "contact", "grounds"):
        with pytest.raises(Refused, match="请填写"):
            lodge(notice, **{missing: "  "})
    with pytest.raises(PermissionDenied):
        lodge(notice, by=factories.hat("recommender"))


def test_not_against_one_that_is_out_already():
    notice = published()
    one, office = lodge(notice).objection, office_of(notice.edition)
    act("accept", one, office)
    act("uphold", one, office)
    with pytest.raises(Refused, match="不再列入公示"):
        lodge(notice)


def everything_stored() -> str:
    """All text of the tables that know the objection, as it lies in the database."""
    with connection.cursor() as cursor:
        texts = []
        for table in ("awards_objection", "portal_auditentry", "portal_notification"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            texts += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT convert_from(objector, 'UTF8') FROM awards_objection")
        texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_the_objector_cannot_be_read_in_the_database():
    lodge(published())
    stored = everything_stored()
    assert "演示事实和理由" in stored  # the grounds are there: the search would have found the name
    for value in WHO.values():
        assert value not in stored
    assert "19911112222" not in stored


def test_only_the_hosts_office_reads_who_it_was_and_each_reading_is_on_the_record():
    lodged = lodge(published())
    office = office_of(lodged.objection.notice.edition)
    others = (
        factories.hat("auditor"),
        factories.hat("admin"),
        factories.hat("recommender"),
        factories.hat("office", "市南区"),
        factories.hat("public"),
    )
    for other in others:
        with pytest.raises(PermissionDenied):
            handling.read_objector(lodged.objection, by=other, now=DURING)
    assert not AuditEntry.objects.filter(act="awards.read_objector").exists()
    for _time in range(2):
        assert handling.read_objector(lodged.objection, by=office, now=DURING) == WHO
    assert AuditEntry.objects.filter(act="awards.read_objector", actor=office.user).count() == 2


def test_a_key_is_changed_by_putting_the_new_one_in_front(settings):
    settings.OBJECTION_KEY = "old-key-for-tests-only-old-key-for-tests"
    lodged = lodge(published())
    settings.OBJECTION_KEY = "new-key-for-tests-only-new-key-for-tests," + settings.OBJECTION_KEY
    assert sealed.unseal(lodged.objection.objector) == WHO
    assert lodging.reseal_objectors() == 1
    settings.OBJECTION_KEY = "new-key-for-tests-only-new-key-for-tests"
    fresh = Objection.objects.get()
    assert sealed.unseal(fresh.objector) == WHO
    with pytest.raises(Refused, match="无法解密"):
        sealed.unseal(lodged.objection.objector)


def test_dismissed_and_answered_leaves_the_subject_where_it_was():
    lodged = lodge(published())
    one, office = lodged.objection, office_of(lodged.objection.notice.edition)
    handling.accept_objection(one, by=office, now=DURING)
    handling.decide_objection(
        one, upheld=False, decision="经核查不属实", public_outcome="经核查不成立", by=office, now=DURING
    )
    handling.answer_objection(one, answer="感谢反映（演示）", by=office, now=DURING)
    one.refresh_from_db()
    assert (one.state, one.upheld, one.answer) == ("answered", False, "感谢反映（演示）")
    assert at_rank(one.notice.edition, 1).state == State.PUBLICITY


def test_upheld_ends_the_subject_with_the_public_reason():
    lodged = lodge(published())
    one, office = lodged.objection, office_of(lodged.objection.notice.edition)
    handling.accept_objection(one, by=office, now=DURING)
    handling.decide_objection(
        one, upheld=True, decision="经核查属实", public_outcome="申报材料不实", by=office, now=DURING
    )
    subject = at_rank(one.notice.edition, 1)
    assert subject.state == State.REJECTED
    assert subject.ended_reason == "公示期间的异议经核查成立：申报材料不实"


# From each state, by hand: what may be done. Everything else is refused.
ALLOWED = {
    "lodged": {"accept", "decline"},
    "accepted": {"uphold", "dismiss"},
    "declined": {"answer"},
    "upheld": {"answer"},
    "dismissed": {"answer"},
    "answered": set(),
}


def act(name, one, office):
    words = {"by": office, "now": DURING}
    outcome = {"public_outcome": "演示结果"}
    match name:
        case "accept":
            handling.accept_objection(one, **words)
        case "decline":
            handling.decline_objection(one, reason="没有证据或者线索", **outcome, **words)
        case "uphold":
            handling.decide_objection(one, upheld=True, decision="属实", **outcome, **words)
        case "dismiss":
            handling.decide_objection(one, upheld=False, decision="不属实", **outcome, **words)
        case "answer":
            handling.answer_objection(one, answer="演示答复", **words)


WAYS = {
    "lodged": (),
    "accepted": ("accept",),
    "declined": ("decline",),
    "upheld": ("accept", "uphold"),
    "dismissed": ("accept", "dismiss"),
    "answered": ("decline", "answer"),
}


@pytest.mark.parametrize("state", ALLOWED)
def test_from_each_state_only_what_may_follow(state):
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    for step in WAYS[state]:
        act(step, one, office)
    one.refresh_from_db()
    assert one.state == state
    for name in sorted({"accept", "decline", "uphold", "dismiss", "answer"} - ALLOWED[state]):
        with pytest.raises(Refused, match="不能作此处理"):
            act(name, one, office)
    one.refresh_from_db()
    assert one.state == state


def test_reasons_are_required_and_the_public_outcome_names_nobody():
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    with pytest.raises(Refused, match="处理意见"):
        handling.decline_objection(one, reason=" ", public_outcome="不予受理", by=office, now=DURING)
    with pytest.raises(Refused, match="公开结果"):
        handling.decline_objection(one, reason="没有线索", public_outcome="", by=office, now=DURING)
    with pytest.raises(Refused, match="异议人的信息"):
        handling.decline_objection(
            one, reason="没有线索", public_outcome="演示反映人甲的异议不予受理", by=office, now=DURING
        )
    one.refresh_from_db()
    assert one.state == "lodged"


def test_evidence_is_checked_by_content_kept_and_read_on_the_record():
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "JPEG")
    notice = published()
    with pytest.raises(Refused):
        lodge(notice, evidence=SimpleUploadedFile("证据.pdf", b"<html>"))
    assert not Objection.objects.exists()
    one = lodge(notice, evidence=SimpleUploadedFile("证据.jpg", picture.getvalue())).objection
    assert "证据" not in one.evidence.name
    with pytest.raises(PermissionDenied):
        handling.read_evidence(one, by=factories.hat("auditor"), now=DURING)
    assert handling.read_evidence(one, by=office_of(notice.edition), now=DURING).size > 0
    assert AuditEntry.objects.filter(act="awards.read_evidence").count() == 1
