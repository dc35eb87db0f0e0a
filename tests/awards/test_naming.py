import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from docx import Document
from openpyxl import load_workbook

from awards.models import Grant, Honour
from awards.services import (
    deciding,
    ending_publicity,
    handling,
    honour_tables,
    lodging,
    looks,
    naming,
    promoting,
    publishing,
)
from nominations.services.conclusion import conclude
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published
from tests.awards.test_publishing import find, upheld

pytestmark = pytest.mark.django_db

DECISION = "演示工发2026-10号"
DURING = PUBLISHING + timedelta(days=1)


def name(edition, now=AFTER, **given):
    given = {"decision": DECISION} | given
    return naming.name_winners(edition, by=office_of(edition), now=now, **given)


def object_to(notice, rank=1):
    return lodging.lodge_objection(
        notice,
        at_rank(notice.edition, rank),
        name="演示反映人",
        contact="演示地址",
        grounds="演示事实",
        by=factories.hat("public"),
        now=DURING,
    ).objection


def test_naming_makes_honours_grants_and_closes_the_step():
    edition = published().edition
    first, second = ids(edition, 1, 2)
    honours = name(edition, medals={second: ("演示人选", "deputy", "副总经理")})
    assert [honour.number for honour in honours] == ["2026-QYCX-01", "2026-QYCX-02"]
    assert [honour.nomination_id for honour in honours] == [first, second]
    assert all(honour.certificate and honour.level == "city" for honour in honours)
    assert [(h.medal_name, h.medal_office, h.medal_position) for h in honours] == [
        ("", "", ""),
        ("演示人选", "deputy", "副总经理"),
    ]
    assert list(Grant.objects.values_list("amount", flat=True)) == [Decimal("300000.00")] * 2
    assert at_rank(edition, 1).state == State.NAMED and at_rank(edition, 3).state == State.INSPECTION
    assert edition.steps.get(kind=StepKind.PUBLICITY).closed_at == AFTER
    assert AuditEntry.objects.filter(act="awards.name").count() == 2
    conclude(edition, by=office_of(edition), now=AFTER)
    assert at_rank(edition, 3).state == State.REJECTED


def test_not_on_the_last_day_of_the_period():
    edition = published().edition
    with pytest.raises(Refused, match="其后才能命名"):
        name(edition, now=datetime(2026, 10, 9, 15, 59, tzinfo=UTC))
    assert not Honour.objects.exists()
    assert len(name(edition, now=datetime(2026, 10, 9, 16, 0, tzinfo=UTC))) == 2


def test_not_while_an_objection_is_open():
    notice = published()
    one, office = object_to(notice), office_of(notice.edition)
    for act in (
        lambda: handling.accept_objection(one, by=office, now=DURING),
        lambda: handling.decide_objection(
            one, upheld=False, decision="不属实", public_outcome="不成立", by=office, now=DURING
        ),
        lambda: handling.answer_objection(one, answer="演示答复", by=office, now=DURING),
    ):
        with pytest.raises(Refused, match="1 件异议没有办结"):
            name(notice.edition)
        act()
    assert len(name(notice.edition)) == 2


def replaced(notice):
    """The first is out by an objection that was answered; the third has a notice of its own from the 28th."""
    edition, office = notice.edition, office_of(notice.edition)
    handling.answer_objection(upheld(notice, 1), answer="演示答复", by=office, now=DURING)
    later = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=later)
    return edition


def test_an_objection_that_is_not_answered_holds_up_everybody_of_the_edition():
    notice = published()
    objection = upheld(notice, 1)
    with pytest.raises(Refused, match="1 件异议没有办结"):
        name(notice.edition)
    handling.answer_objection(objection, answer="演示答复", by=office_of(notice.edition), now=DURING)
    assert [honour.nomination_id for honour in name(notice.edition)] == ids(notice.edition, 2)


def test_the_list_is_named_while_a_replacement_waits_for_its_own_period():
    edition = replaced(published())
    preview = naming.preview_naming(edition, date(2026, 10, 10))
    assert [each.nomination.pk for each in preview.named] == ids(edition, 2)
    assert [each.nomination.pk for each in preview.left] == ids(edition, 3)
    assert [str(warning) for warning in preview.warnings] == [
        f"“{at_rank(edition, 3).subject_name}”的公示期到 2026-10-10 24:00 结束，其后另行命名。"
    ]
    assert [honour.number for honour in name(edition)] == ["2026-QYCX-01"]
    assert at_rank(edition, 3).state == State.PUBLICITY
    assert edition.steps.get(kind=StepKind.PUBLICITY).closed_at is None
    with pytest.raises(Refused, match="2026-10-10"):
        name(edition, decision="演示工发2026-11号")
    with pytest.raises(Refused, match="已有文号"):
        name(edition, now=AFTER + timedelta(days=1))
    after = name(edition, now=AFTER + timedelta(days=1), decision="演示工发2026-11号")
    assert [(each.number, each.nomination_id) for each in after] == [("2026-QYCX-02", ids(edition, 3)[0])]
    assert edition.steps.get(kind=StepKind.PUBLICITY).closed_at == AFTER + timedelta(days=1)
    assert list(edition.decisions.values_list("number", flat=True)) == ["演示工发2026-11号", DECISION]


def test_nobody_in_its_period_is_chosen_for_a_decision():
    edition = replaced(published())
    with pytest.raises(Refused, match="2026-10-10 24:00 结束"):
        name(edition, chosen=ids(edition, 2, 3))
    with pytest.raises(Refused, match="1 家不在公示中"):
        name(edition, chosen=ids(edition, 1, 2))
    with pytest.raises(Refused, match="没有选择"):
        name(edition, chosen=[])
    assert not Honour.objects.exists()


def test_leaving_one_out_needs_a_reason_and_keeps_it_in_publicity():
    edition = published().edition
    with pytest.raises(Refused, match="暂不命名的理由"):
        name(edition, chosen=ids(edition, 2))
    name(edition, chosen=ids(edition, 2), left_reason="演示：等待补充材料")
    assert at_rank(edition, 1).state == State.PUBLICITY
    line = AuditEntry.objects.get(act="awards.name")
    assert line.detail["left"] == [at_rank(edition, 1).subject_key]
    assert line.detail["left_reason"] == "演示：等待补充材料"
    assert edition.steps.get(kind=StepKind.PUBLICITY).closed_at is None


def test_a_free_place_keeps_the_step_open_until_the_office_closes_it():
    notice = published()
    edition, office = notice.edition, office_of(notice.edition)
    handling.answer_objection(upheld(notice, 1), answer="演示答复", by=office, now=DURING)
    name(edition)
    step = edition.steps.get(kind=StepKind.PUBLICITY)
    assert step.closed_at is None
    with pytest.raises(Refused, match="不再递补的理由"):
        ending_publicity.close_publicity(edition, reason=" ", by=office, now=AFTER)
    with pytest.raises(PermissionDenied):
        ending_publicity.close_publicity(edition, reason="演示", by=factories.hat("auditor"), now=AFTER)
    ending_publicity.close_publicity(edition, reason="演示：不再递补", by=office, now=AFTER)
    step.refresh_from_db()
    assert step.closed_at == AFTER
    with pytest.raises(Refused, match="已经关闭"):
        ending_publicity.close_publicity(edition, reason="再次", by=office, now=AFTER)


def test_publicity_is_not_closed_over_somebody_in_it_or_an_open_objection():
    notice = published()
    edition, office = notice.edition, office_of(notice.edition)
    with pytest.raises(Refused, match="2 家企业在公示中"):
        ending_publicity.close_publicity(edition, reason="演示", by=office, now=AFTER)
    answered = [upheld(notice, rank) for rank in (1, 2)]
    with pytest.raises(Refused, match="2 件异议没有办结"):
        ending_publicity.close_publicity(edition, reason="演示", by=office, now=AFTER)
    for each in answered:
        handling.answer_objection(each, answer="演示答复", by=office, now=AFTER)
    ending_publicity.close_publicity(edition, reason="演示：全部不予命名", by=office, now=AFTER)


def test_a_provisional_calendar_holds_up_until_it_is_confirmed():
    edition = published().edition
    CalendarYear.objects.filter(year=2026).update(provisional=True)
    with pytest.raises(Refused, match="放假安排尚未确认"):
        name(edition)
    CalendarYear.objects.filter(year=2026).update(provisional=False)
    assert len(name(edition)) == 2


def test_the_decision_is_kept_as_it_was_issued():
    edition = published().edition
    second = ids(edition, 2)[0]
    name(edition, minute="演示纪要2026-9号", medals={second: ("演示人选", "deputy", "副总经理")})
    decision = edition.decisions.get()
    assert (decision.number, decision.minute, decision.issued_on) == (
        DECISION,
        "演示纪要2026-9号",
        date(2026, 10, 10),
    )
    assert "演示纪要2026-9号" in decision.text and "2家企业" in decision.text
    assert "30万元" in decision.text and "演示人选" in decision.text
    with decision.document.open("rb") as stored:
        text = words(stored)
    assert DECISION in text and at_rank(edition, 1).subject_name in text and "2026-QYCX-02" in text
    assert "{{" not in text and "{%" not in text
    assert [each.naming_id for each in Honour.objects.all()] == [decision.pk] * 2
    assert deciding.decision_pdf(decision).startswith(b"%PDF-")


def words(file):
    document = Document(file)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def test_every_honour_has_a_sign_of_its_own():
    honours = name(published().edition)
    assert all(len(honour.token) == 32 for honour in honours)
    assert len({honour.token for honour in honours}) == 2


def test_naming_twice_is_refused():
    edition = published().edition
    name(edition)
    with pytest.raises(Refused, match="关闭"):
        name(edition)
    assert Honour.objects.count() == 2


def test_only_the_host_office():
    edition = published().edition
    for other in (factories.hat("auditor"), factories.hat("office", "市南区"), factories.hat("applicant")):
        with pytest.raises(PermissionDenied):
            naming.name_winners(edition, decision=DECISION, by=other, now=AFTER)


def test_the_exclusions_must_be_fresh_on_the_day_of_naming():
    edition = published().edition
    first = at_rank(edition, 1)
    find(first, date(2026, 10, 9))
    with pytest.raises(Refused, match=f"“{first.subject_name}”的“.*”查询结果有效期到 2026-10-09"):
        name(edition)
    assert naming.preview_naming(edition, date(2026, 10, 10)).stale
    looks.note_looks(
        edition,
        nominations=[first.pk],
        items=["abnormal"],
        looked_up_on=date(2026, 10, 10),
        source="演示名录",
        by=office_of(edition),
        now=AFTER,
    )
    assert len(name(edition)) == 2


def test_a_district_names_without_certificate_grant_or_medal():
    edition = published(host="市南区").edition
    with pytest.raises(Refused, match="市级"):
        name(edition, medals={ids(edition, 1)[0]: ("演示人选", "head", "")})
    honours = name(edition)
    assert [honour.number for honour in honours] == ["2026-QYCX-370202-01", "2026-QYCX-370202-02"]
    assert {(honour.level, honour.certificate) for honour in honours} == {("district", False)}
    assert not Grant.objects.exists()


def test_numbers_go_on_in_a_second_edition_of_the_year():
    name(published().edition)
    assert [honour.number for honour in name(published().edition)] == ["2026-QYCX-03", "2026-QYCX-04"]


def test_the_medal_is_for_the_head_or_the_deputy_and_may_be_set_later():
    edition = published().edition
    office = office_of(edition)
    honour = name(edition)[0]
    with pytest.raises(Refused, match="企业负责人还是分管负责人"):
        promoting.set_medal(honour, name="演示人选", office="friend", by=office, now=AFTER)
    promoting.set_medal(honour, name="演示人选", office="head", position="董事长", by=office, now=AFTER)
    honour.refresh_from_db()
    assert (honour.medal_name, honour.medal_office) == ("演示人选", "head")
    line = AuditEntry.objects.get(act="awards.set_medal")
    assert line.detail == {"before": ["", "", ""], "after": ["演示人选", "head", "董事长"]}


def test_the_list_of_the_named():
    edition = published().edition
    name(edition, medals={ids(edition, 1)[0]: ("演示人选", "head", "董事长")})
    out = io.BytesIO()
    honour_tables.write_honours_table(edition, out, by=factories.hat("auditor"))
    rows = [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]
    assert rows[2] == ["序号", "企业名称", "五一劳动奖章人选及职务", "资助金额（万元）", "命名编号"]
    assert rows[3] == [1, at_rank(edition, 1).subject_name, "演示人选 董事长", 30, "2026-QYCX-01"]
    assert rows[4][2] in (None, "") and rows[4][4] == "2026-QYCX-02"
    with pytest.raises(PermissionDenied):
        honour_tables.write_honours_table(edition, io.BytesIO(), by=factories.hat("recommender"))
