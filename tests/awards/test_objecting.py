from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from awards.models import Notice, Objection, ObjectionPaper
from awards.services import handling, lodging
from nominations.services import advance
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.objections import DURING, WHO, act, lodge, pdf, picture
from tests.awards.stage import PUBLISHING, at_rank, office_of, published

pytestmark = pytest.mark.django_db


def test_number_and_code_find_it_again_and_nothing_else_does():
    lodged = lodge(published())
    assert lodged.number.startswith("YY20260925-") and len(lodged.code) == 8
    assert lodged.code not in lodged.objection.code_hash
    found = lodging.find_by_code(lodged.number.lower() + " ", lodged.code.lower())
    assert found == lodged.objection
    for number, code in ((lodged.number, "AAAAAAAA"), ("YY20260925-0000", lodged.code)):
        with pytest.raises(Refused, match="没有找到"):
            lodging.find_by_code(number, code)


class Counted(MD5PasswordHasher):
    """A hash like any other, that counts how often it was made."""

    algorithm = "counted"
    made = 0

    def encode(self, *given):
        Counted.made += 1
        return super().encode(*given)


def test_a_number_that_is_nobodys_costs_as_much_as_one_that_is(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    lodging.nobody.cache_clear()
    lodged, costs = lodge(published()), []
    for number in ("YY20260925-0000", lodged.number, "YY20260925-0000", lodged.number):
        before = Counted.made
        with pytest.raises(Refused, match="没有找到"):
            lodging.find_by_code(number, "AAAAAAAA")
        costs.append(Counted.made - before)
    lodging.nobody.cache_clear()
    assert costs[1:] == [1, 1, 1]


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


TABLES = (
    *("awards_objection", "awards_objector", "awards_objectionpaper", "awards_handler", "awards_hearing"),
    *("portal_auditentry", "portal_notification"),
)
SEALED = (("awards_objector", "sealed"), ("awards_objectionpaper", "name_sealed"))


def everything_stored() -> str:
    """All text of the tables that know the objection, as it lies in the database."""
    with connection.cursor() as cursor:
        texts = []
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t")
            texts += [row[0] for row in cursor.fetchall()]
        for table, column in SEALED:
            cursor.execute(f"SELECT convert_from({column}, 'UTF8') FROM {table}")
            texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_the_objector_cannot_be_read_in_the_database():
    lodge(published(), papers=[pdf("演示反映人甲的说明.pdf")])
    stored = everything_stored()
    assert "演示事实和理由" in stored  # the grounds are there: the search would have found the name
    for value in WHO.values():
        assert value not in stored
    assert "19911112222" not in stored


def test_only_a_handler_reads_who_it_was_and_each_reading_is_on_the_record():
    lodged = lodge(published())
    office = office_of(lodged.objection.notice.edition)
    handling.accept_objection(lodged.objection, by=office, now=DURING)
    others = (
        factories.hat("auditor"),
        factories.hat("admin"),
        factories.hat("recommender"),
        factories.hat("office", "市南区"),
        factories.hat("office", username="office-2"),
        factories.hat("public"),
    )
    for other in others:
        with pytest.raises(PermissionDenied):
            handling.read_objector(lodged.objection, by=other, now=DURING)
    assert not AuditEntry.objects.filter(act="awards.read_objector").exists()
    for _time in range(2):
        assert handling.read_objector(lodged.objection, by=office, now=DURING) == WHO
    assert AuditEntry.objects.filter(act="awards.read_objector", actor=office.user).count() == 2


def test_nobody_of_the_office_reads_who_it_was_before_it_is_theirs():
    one = lodge(published()).objection
    with pytest.raises(PermissionDenied):
        handling.read_objector(one, by=office_of(one.notice.edition), now=DURING)


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
        # Nobody handles one that was not taken up yet.
        with (
            pytest.raises(PermissionDenied)
            if state == "lodged"
            else pytest.raises(Refused, match="不能作此处理")
        ):
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


def test_papers_are_checked_by_content_and_a_bad_one_refuses_all():
    notice = published()
    with pytest.raises(Refused):
        lodge(notice, papers=[pdf(), SimpleUploadedFile("证据.pdf", b"<html>")])
    with pytest.raises(Refused, match="最多上传 10 份"):
        lodge(notice, papers=[pdf(f"{n}.pdf") for n in range(11)])
    assert not Objection.objects.exists() and not ObjectionPaper.objects.exists()


def test_papers_and_their_names_lie_encrypted_and_are_read_by_a_handler_on_the_record():
    notice = published()
    one = lodge(notice, papers=[pdf("演示反映人甲的说明.pdf", b"who sent it"), picture()]).objection
    office = office_of(notice.edition)
    handling.accept_objection(one, by=office, now=DURING)
    first, second = one.papers.all()
    with first.file.open("rb") as stored:
        content = stored.read()
    assert b"who sent it" not in content and b"%PDF" not in content
    assert "说明" not in first.file.name and "." not in first.file.name
    with pytest.raises(PermissionDenied):
        handling.read_paper(first, by=factories.hat("auditor"), now=DURING)
    name, data = handling.read_paper(first, by=office, now=DURING)
    assert name == "演示反映人甲的说明.pdf" and b"who sent it" in data
    assert handling.read_paper(second, by=office, now=DURING)[0] == "证据.jpg"
    lines = AuditEntry.objects.filter(act="awards.read_evidence")
    assert lines.count() == 2 and "演示反映人甲" not in str([line.body for line in lines])


def test_a_paper_that_was_changed_on_the_disk_is_not_shown():
    notice = published()
    one = lodge(notice, papers=[pdf()]).objection
    office = office_of(notice.edition)
    handling.accept_objection(one, by=office, now=DURING)
    paper = one.papers.get()
    with Path(paper.file.path).open("r+b") as stored:
        stored.seek(40)
        stored.write(b"XXXX")
    with pytest.raises(Refused, match="无法解密"):
        handling.read_paper(paper, by=office, now=DURING)


def test_a_unit_objects_under_its_seal_and_says_who_speaks_for_it():
    notice = published()
    unit = {"name": "青岛演示海潮机械有限公司", "of_unit": True}
    with pytest.raises(Refused, match="加盖公章"):
        lodge(notice, **unit)
    with pytest.raises(Refused, match="单位联系人"):
        lodge(notice, **unit, seal_letter=picture("函.jpg"), unit=" ")
    one = lodge(notice, **unit, seal_letter=picture("函.jpg"), papers=[pdf()]).objection
    assert one.of_unit
    assert sorted(one.papers.values_list("seal_letter", flat=True)) == [False, True]


@pytest.mark.parametrize(
    "telling", ["我叫演示反映人甲", "请打199 1111 2222", "请到青岛市演示路9号找我", "演示单位的人都知道"]
)
def test_the_grounds_do_not_say_who_objects(telling):
    notice = published()
    with pytest.raises(Refused, match=r"事实和理由.*请删去"):
        lodge(notice, grounds=f"演示事实。{telling}。")
    assert not Objection.objects.exists()


def test_not_on_a_list_that_was_corrected():
    notice = published()
    Notice.objects.filter(pk=notice.pk).update(in_force=False)
    with pytest.raises(Refused, match="已经更正"):
        lodge(notice)


def test_a_second_person_cannot_take_an_objection_from_its_handler():
    one = lodge(published()).objection
    handling.accept_objection(one, by=office_of(one.notice.edition), now=DURING)
    with pytest.raises(PermissionDenied):
        act("dismiss", one, factories.hat("office", username="office-2"))


def test_one_in_inspection_again_is_out_too_when_the_objection_is_upheld():
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    handling.accept_objection(one, by=office, now=DURING)
    advance(one.nomination, "unpublish", by=office, now=DURING, note="演示更正")
    act("uphold", one, office)
    assert at_rank(one.notice.edition, 1).state == State.REJECTED
