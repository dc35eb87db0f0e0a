"""更正公示: a new version, the earlier one stays; the period restarts when members or order change."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from docx import Document

from awards.models import Notice
from awards.services import correcting, naming, notice_papers, publishing
from awards.services.standing_list import free_places_of, list_in_force
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.awards.stage import AFTER, LAST_DAY, at_rank, ids, office_of, published
from tests.awards.test_publishing import find, upheld

pytestmark = pytest.mark.django_db

#: 2026年9月28日 (周一): the period of a list that changes ends on 10 October, a Saturday worked.
LATER = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
REASON = "名单有误（演示）"


def correct(notice, *ranks, now=LATER, **given):
    given = {"reason": REASON, "by": office_of(notice.edition), **given}
    return correcting.correct_notice(notice, chosen=ids(notice.edition, *ranks), now=now, **given)


DEPARTS = {"departs": "演示理由", "minute": "演示2号"}


def states(edition, *ranks):
    return [at_rank(edition, rank).state for rank in ranks]


def test_a_name_written_wrongly_is_corrected_within_the_same_period():
    notice = published()
    first = at_rank(notice.edition, 1)
    was, first.subject_name = first.subject_name, "写对了的公司（演示）"
    first.save()
    new = correct(notice, 1, 2)
    assert (new.version, new.supersedes, new.restarted) == (2, notice, False)
    assert (new.starts_on, new.ends_on, new.workdays) == (date(2026, 9, 28), LAST_DAY, 5)
    assert new.changes == [f"第1项企业名称由“{was}”更正为“写对了的公司（演示）”"]
    assert notice_papers.rows_of(notice)[0]["name"] == was
    assert notice_papers.rows_of(new)[0]["name"] == "写对了的公司（演示）"
    assert new.title.endswith("拟命名名单公示（更正）")
    assert states(notice.edition, 1, 2) == [State.PUBLICITY] * 2
    assert len(naming.preview_naming(notice.edition, date(2026, 10, 10)).named) == 2


def test_one_list_is_in_force_and_the_earlier_stays_public():
    notice = published()
    new = correct(notice, 1, 2)
    notice.refresh_from_db()
    assert not notice.in_force and list_in_force(notice.edition) == new
    assert Notice.objects.visible_to(None).filter(pk=notice.pk).exists()
    assert notice.document.read() != new.document.read()
    with pytest.raises(Refused, match="已经更正过"):
        correct(notice, 1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(in_force=True)


def test_who_is_dropped_goes_back_and_the_period_starts_anew_for_all():
    notice = published((1, 2, 3, 4))
    edition = notice.edition
    for rank in (1, 2, 3):
        factories.hat("recommender", at_rank(edition, rank).recommender)
    new = correct(notice, 2, 3, **DEPARTS)
    assert states(edition, 1, 2, 3, 4) == ["inspection", "publicity", "publicity", "inspection"]
    assert (new.restarted, new.ends_on) == (True, date(2026, 10, 10))
    assert new.changes[:2] == [
        f"撤下：{at_rank(edition, 1).subject_name}",
        f"列入：{at_rank(edition, 3).subject_name}",
    ]
    line = AuditEntry.objects.get(act="nominations.unpublish")
    assert line.detail["note"] == REASON and line.nomination_id == at_rank(edition, 1).pk
    told = Notification.objects.filter(event="awards.notice_corrected", channel="site")
    assert set(told.values_list("subject", flat=True)) == {
        f"{at_rank(edition, 1).subject_name}已撤下公示：{REASON}",
        f"{at_rank(edition, 2).subject_name}已列入更正后的公示，2026年10月10日（周六）24:00截止",
        f"{at_rank(edition, 3).subject_name}已列入更正后的公示，2026年10月10日（周六）24:00截止",
    }
    with pytest.raises(Refused, match="10-10"):
        naming.name_winners(edition, decision="演示1号", by=office_of(edition), now=AFTER)
    later = AFTER + timedelta(days=1)
    assert len(naming.name_winners(edition, decision="演示1号", by=office_of(edition), now=later)) == 2


def test_the_order_alone_restarts_the_period_too():
    notice = published()
    new = correct(notice, 2, 1, **DEPARTS)
    assert new.restarted and new.changes[0].startswith("排列次序：")
    assert states(notice.edition, 1, 2) == ["publicity", "publicity"]


def test_who_was_dropped_may_be_listed_again():
    notice = published()
    second = correct(notice, 1, **DEPARTS)
    third = correct(second, 1, 2)
    assert third.version == 3 and third.title.endswith("（第2次更正）")
    assert states(notice.edition, 1, 2) == ["publicity", "publicity"]
    assert Notice.objects.count() == 3


def test_a_place_left_empty_is_free_and_never_counted_twice():
    notice = published((1, 2, 3))
    edition = notice.edition
    new = correct(notice, 1, **DEPARTS)
    assert (new.places, free_places_of(edition)) == (2, 1)
    again = correct(new, 1, minute="演示3号")
    assert (again.places, free_places_of(edition)) == (2, 1)
    publishing.publish_replacement(edition, chosen=ids(edition, 2), by=office_of(edition), now=LATER)
    assert free_places_of(edition) == 0
    last = correct(again, 1)
    assert free_places_of(edition) == 0 and last.places == 2


def test_who_is_out_is_left_off_without_a_new_period():
    notice = published((1, 2, 3))
    edition = notice.edition
    upheld(notice, 1)
    new = correct(notice, 2)
    assert not new.restarted and new.ends_on == LAST_DAY
    assert new.changes == [f"已退出公示：{at_rank(edition, 1).subject_name}"]
    assert free_places_of(edition) == 1


def test_a_replacement_is_corrected_like_a_list():
    notice = published((1, 2, 3, 4))
    edition = notice.edition
    upheld(notice, 1)
    second = publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office_of(edition), now=LATER)
    new = correct(second, 4, now=LATER + timedelta(days=1), **DEPARTS)
    assert (new.kind, new.version, new.restarted) == ("replacement", 2, True)
    assert states(edition, 2, 3, 4) == ["publicity", "inspection", "publicity"]
    assert free_places_of(edition) == 0 and list_in_force(edition) == notice


def test_no_more_than_the_seats_and_only_who_passed():
    notice = published((1, 2, 3))
    with pytest.raises(Refused, match="多于名额"):
        correct(notice, 1, 2, 3, **DEPARTS)
    with pytest.raises(Refused, match="次序不一致"):
        correct(notice, 1, 3)
    with pytest.raises(Refused, match="更正理由"):
        correct(notice, 1, 2, reason=" ")
    with pytest.raises(Refused, match="是空的"):
        correct(notice, **DEPARTS)
    assert Notice.objects.count() == 1 and states(notice.edition, 1, 2) == ["publicity", "publicity"]


def test_a_new_one_must_be_fresh_and_a_correction_of_words_needs_no_look():
    notice = published((1, 2, 3))
    find(at_rank(notice.edition, 3), date(2026, 9, 27))
    with pytest.raises(Refused, match="有效期"):
        correct(notice, 1, 3, **DEPARTS)
    find(at_rank(notice.edition, 1), date(2026, 9, 27))
    assert correct(notice, 1, 2).version == 2


def test_not_after_one_of_it_was_named_nor_after_the_step():
    notice = published()
    naming.name_winners(
        notice.edition,
        decision="演示1号",
        chosen=ids(notice.edition, 1),
        left_reason="演示",
        by=office_of(notice.edition),
        now=AFTER,
    )
    with pytest.raises(Refused, match="已有企业命名"):
        correct(notice, 2, now=AFTER)


def test_only_the_office_of_the_host():
    notice = published()
    for by in (factories.hat("auditor"), factories.hat("office", "市南区"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            correct(notice, 1, 2, by=by)


def test_the_document_says_what_was_corrected_and_why():
    notice = published((1, 2, 3))
    new = correct(notice, 1, 3, departs="演示理由", minute="演示2号")
    text = "\n".join(each.text for each in Document(io.BytesIO(new.document.read())).paragraphs)
    assert (
        "2026年9月24日（周四）发布的拟命名名单公示，因名单有误（演示），经委员会会议研究（演示2号），更正如下"
        in text
    )
    assert f"撤下：{at_rank(notice.edition, 2).subject_name}" in text
    assert (
        "公示期重新计算：自2026年9月29日（周二）起，共5个工作日，发布当日不计入，至2026年10月10日（周六）24:00止"
        in text
    )
    assert "{{" not in text and "{%" not in text
    assert new.text.split("\n")[0].startswith("2026年9月24日（周四）发布的")
    same = correct(new, 1, 3)
    assert "公示期不重新计算，至2026年10月10日（周六）24:00止" in same.text
