import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from docx import Document
from openpyxl import load_workbook

from awards.models import Notice
from awards.services import ending, handling, lodging, looks, notice_papers, publishing
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear, Notification
from review.models import Finding
from tests import factories
from tests.awards.stage import (
    AFTER,
    LAST_DAY,
    PUBLISHING,
    at_rank,
    ids,
    office_of,
    published,
    visited,
)

pytestmark = pytest.mark.django_db


def test_the_best_that_passed_are_proposed_and_the_others_wait():
    edition = visited((1, 2, 3, 4), failed=(2,))
    proposed = publishing.propose(edition)
    assert [row.rank for row in proposed.rows] == [1, 3]
    assert [row.rank for row in proposed.reserves] == [4]
    assert proposed.ids == tuple(ids(edition, 1, 3))


def test_equals_at_the_last_seat_are_not_chosen_among():
    edition = visited((1, 2, 2))
    proposed = publishing.propose(edition)
    assert [row.rank for row in proposed.rows] == [1]
    assert [row.rank for row in proposed.undecided] == [2, 2]
    assert proposed.computed.places == 1


def test_five_working_days_after_24_september_2026_end_on_9_october():
    notice = published()
    assert notice.ends_on == LAST_DAY == date(2026, 10, 9)
    assert notice.ends_at == datetime(2026, 10, 9, 16, 0, tzinfo=UTC)  # midnight in Qingdao
    assert (notice.workdays, notice.starts_on) == (5, date(2026, 9, 28))


def test_the_notice_day_is_the_day_in_qingdao():
    # 17:00 UTC on the 23rd is 01:00 of the 24th there.
    notice = published(now=datetime(2026, 9, 23, 17, 0, tzinfo=UTC))
    assert notice.ends_on == LAST_DAY


def test_publishing_moves_those_on_the_list_and_no_one_else():
    notice = published()
    edition = notice.edition
    states = {rank: at_rank(edition, rank).state for rank in (1, 2, 3)}
    assert states == {1: State.PUBLICITY, 2: State.PUBLICITY, 3: State.INSPECTION}
    assert list(notice.rows.values_list("position", "nomination_id")) == [
        (1, at_rank(edition, 1).pk),
        (2, at_rank(edition, 2).pk),
    ]
    line = AuditEntry.objects.get(act="awards.publish_notice")
    assert line.detail["ends_on"] == "2026-10-09" and line.edition_id == edition.pk


def test_a_second_publication_is_refused_and_leaves_one_list():
    notice = published()
    with pytest.raises(Refused, match="已经公示"):
        publishing.publish_notice(
            notice.edition, chosen=ids(notice.edition, 1, 2), by=office_of(notice.edition), now=PUBLISHING
        )
    assert Notice.objects.count() == 1


def test_departing_from_the_order_needs_a_reason_and_a_minute():
    edition = visited()
    office = office_of(edition)
    with pytest.raises(Refused, match="理由和会议纪要编号"):
        publishing.publish_notice(
            edition, chosen=ids(edition, 1, 3), departs="理由", by=office, now=PUBLISHING
        )
    assert not Notice.objects.exists()
    notice = publishing.publish_notice(
        edition,
        chosen=ids(edition, 1, 3),
        departs="演示理由",
        minute="演示纪要2026-3号",
        by=office,
        now=PUBLISHING,
    )
    assert (notice.departs, notice.minute) == ("演示理由", "演示纪要2026-3号")
    assert at_rank(edition, 2).state == State.INSPECTION


def test_one_that_failed_the_visit_or_more_than_the_seats_cannot_be_published():
    edition = visited((1, 2, 3), failed=(2,))
    office, words = office_of(edition), {"departs": "演示理由", "minute": "演示纪要1号"}
    with pytest.raises(Refused, match="没有通过考察"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), **words, by=office, now=PUBLISHING)
    other = visited((1, 2, 3))
    with pytest.raises(Refused, match="多于名额"):
        publishing.publish_notice(other, chosen=ids(other, 1, 2, 3), **words, by=office, now=PUBLISHING)


def test_not_before_the_inspection_is_closed():
    edition = visited(close=False)
    with pytest.raises(Refused, match="差额考察"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)


def test_only_the_office_of_the_host():
    edition = visited()
    for other in (factories.hat("office", "市南区"), factories.hat("auditor"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=other, now=PUBLISHING)


def test_a_provisional_calendar_must_be_confirmed_and_a_missing_one_refuses():
    edition = visited()
    office = office_of(edition)
    CalendarYear.objects.filter(year=2026).update(provisional=True)
    with pytest.raises(Refused, match="暂定"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)
    CalendarYear.objects.filter(year=2026).delete()
    with pytest.raises(Refused, match="没有 2026 年"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)


def find(nomination, expires):
    return Finding.objects.create(
        nomination=nomination,
        item="abnormal",
        verdict="passed",
        looked_up_on=expires - timedelta(days=60),
        found_at=PUBLISHING,
        found_by=office_of(nomination.edition),
    )


def look(edition, *ranks, on, items=("abnormal",), **fields):
    return looks.note_looks(
        edition,
        nominations=ids(edition, *ranks),
        items=items,
        looked_up_on=on,
        **{"source": "演示公示系统", "by": office_of(edition), "now": PUBLISHING, **fields},
    )


def test_exclusions_looked_up_too_long_ago_must_be_looked_at_again():
    edition = visited()
    office = office_of(edition)
    find(at_rank(edition, 1), date(2026, 9, 24))  # the notice day itself is still covered
    find(at_rank(edition, 2), date(2026, 9, 23))
    preview = publishing.preview_notice(edition, ids(edition, 1, 2), date(2026, 9, 24))
    assert [each.name for each in preview.stale] == [at_rank(edition, 2).subject_name]
    with pytest.raises(Refused, match="有效期到"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)
    assert not Notice.objects.exists()
    look(edition, 2, on=date(2026, 9, 23))
    publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)


def upheld(notice, rank, now=PUBLISHING + timedelta(days=1)):
    """An objection against the one of this rank, found right."""
    office = office_of(notice.edition)
    lodged = lodging.lodge_objection(
        notice,
        at_rank(notice.edition, rank),
        name="演示反映人",
        contact="演示地址",
        grounds="演示事实",
        by=factories.hat("public"),
        now=now,
    )
    handling.accept_objection(lodged.objection, by=office, now=now)
    return handling.decide_objection(
        lodged.objection, upheld=True, decision="经核查属实", public_outcome="经核查属实", by=office, now=now
    )


def test_upheld_frees_a_seat_and_the_next_has_a_period_of_its_own():
    notice = published((1, 2, 3, 4))
    edition, office = notice.edition, office_of(notice.edition)
    assert publishing.propose_replacement(edition).seats == 0
    with pytest.raises(Refused, match="没有空出的名额"):
        publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=PUBLISHING)
    upheld(notice, 1)
    offered = publishing.propose_replacement(edition)
    assert (offered.seats, offered.ids) == (1, (at_rank(edition, 3).pk,))
    later = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="次序不一致"):
        publishing.publish_replacement(edition, chosen=ids(edition, 4), by=office, now=later)
    second = publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=later)
    # After Monday the 28th: 29 and 30 September, 8, 9 and 10 October (a Saturday worked).
    assert (second.kind, second.ends_on) == ("replacement", date(2026, 10, 10))
    assert at_rank(edition, 1).state == State.REJECTED
    assert at_rank(edition, 3).state == State.PUBLICITY
    assert publishing.propose_replacement(edition).seats == 0


def test_a_place_that_was_filled_again_is_not_counted_twice():
    """A list of two and its replacements: each one who goes frees one place, however many rows there are."""
    notice = published((1, 2, 3, 4, 5))
    edition, office = notice.edition, office_of(notice.edition)
    upheld(notice, 1)
    second = publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=PUBLISHING)
    assert publishing.free_places_of(edition) == 0
    upheld(second, 3)
    assert publishing.free_places_of(edition) == 1
    upheld(notice, 2)
    assert publishing.free_places_of(edition) == 2
    assert publishing.propose_replacement(edition).ids == tuple(ids(edition, 4, 5))


def test_a_list_that_was_published_short_leaves_no_place_to_fill():
    edition = visited((1, 2, 3))
    notice = publishing.publish_notice(
        edition,
        chosen=ids(edition, 1),
        departs="演示理由",
        minute="演示1号",
        by=office_of(edition),
        now=PUBLISHING,
    )
    assert notice.places == 1 and publishing.free_places_of(edition) == 0


def test_the_list_stays_as_published_when_an_enterprise_takes_another_name():
    notice = published()
    first = at_rank(notice.edition, 1)
    before = notice_papers.rows_of(notice)[0]
    first.subject_name = "改了名的公司（演示）"
    first.save()
    assert notice_papers.rows_of(notice)[0] == before
    assert before["recommender"] == "市南区总工会" and before["division"] == "市南区"


def test_the_table_has_four_columns_in_order_and_nothing_personal():
    notice = published()
    out = io.BytesIO()
    notice_papers.write_notice_table(notice, out)
    sheet = load_workbook(out).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[2] == ["序号", "企业名称", "推荐单位", "所属区市"]
    assert [row[0] for row in rows[3:]] == [1, 2]
    assert rows[3][1:] == [at_rank(notice.edition, 1).subject_name, "市南区总工会", "市南区"]
    assert "演示联系人" not in str(rows) and "19900000000" not in str(rows)


def test_the_document_opens_and_says_who_until_when_and_how():
    edition = visited(contact_address="青岛市演示路1号", contact_phone="0532-00000000")
    first = at_rank(edition, 1)
    first.subject_name = "{{ 7*7 }}<b>演示</b>&Co（演示）"
    first.save()
    notice = publishing.publish_notice(
        edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING
    )
    out = io.BytesIO()
    notice_papers.write_notice_document(notice, out)
    document = Document(out)
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0] == ["序号", "企业名称", "推荐单位", "所属区市"]
    assert [row[1] for row in cells[1:]] == [
        "{{ 7*7 }}<b>演示</b>&Co（演示）",
        at_rank(edition, 2).subject_name,
    ]
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "至2026年10月9日（周五）24:00止" in text
    assert "自2026年9月28日（周一）起" in text
    assert "5个工作日" in text and "真实姓名" in text and "加盖单位公章" in text
    assert "青岛市演示路1号" in text and "0532-00000000" in text
    assert text.rstrip().endswith("2026年9月24日")
    assert "{{" not in text and "{%" not in text


def test_the_office_is_told_once_that_a_period_is_over():
    notice = published()
    office = office_of(notice.edition)
    assert ending.tell_of_ended_notices(now=PUBLISHING + timedelta(days=3)) == 0
    assert ending.tell_of_ended_notices(now=AFTER) == 1
    assert ending.tell_of_ended_notices(now=AFTER + timedelta(hours=1)) == 0
    told = Notification.objects.filter(event="awards.notice_ended", recipient=office.user, channel="site")
    assert "可以办理命名" in told.get().subject
