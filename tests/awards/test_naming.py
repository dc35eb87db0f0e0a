import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from awards.models import Grant, Honour
from awards.services import handling, honour_tables, lodging, naming, promoting, publishing, revoking
from nominations.services.conclusion import conclude
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited
from tests.awards.test_publishing import find, upheld

pytestmark = pytest.mark.django_db

DECISION = "演示工发2026-10号"
DURING = PUBLISHING + timedelta(days=1)


def name(edition, now=AFTER, **given):
    return naming.name_winners(edition, decision=DECISION, by=office_of(edition), now=now, **given)


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


def test_a_replacement_holds_the_naming_up_until_its_own_period_is_over():
    notice = published()
    edition = notice.edition
    upheld(notice, 1)
    preview = naming.preview_naming(edition, date(2026, 10, 10))
    assert not preview.blocked and len(preview.warnings) == 1
    later = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office_of(edition), now=later)
    with pytest.raises(Refused, match="2026-10-10"):
        name(edition)
    honours = name(edition, now=AFTER + timedelta(days=1))
    assert [honour.nomination_id for honour in honours] == ids(edition, 2, 3)


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
    edition = visited()
    find(at_rank(edition, 1), date(2026, 10, 9))
    publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    with pytest.raises(Refused, match="复核"):
        name(edition)
    with pytest.raises(Refused, match="复核情况"):
        name(edition, rechecked=True)
    assert len(name(edition, rechecked=True, recheck_note="10月10日复核（演示）")) == 2


def test_a_look_at_publishing_counts_for_the_days_of_the_edition():
    edition = visited(finding_days=20)
    find(at_rank(edition, 1), date(2026, 9, 1))
    publishing.publish_notice(
        edition,
        chosen=ids(edition, 1, 2),
        rechecked=True,
        recheck_note="演示复核",
        by=office_of(edition),
        now=PUBLISHING,
    )
    # 24 September and twenty days: still good on 14 October, not on the 15th.
    assert not naming.preview_naming(edition, date(2026, 10, 14)).blocked
    assert naming.preview_naming(edition, date(2026, 10, 15)).blocked


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


def test_a_revoked_honour_stays_with_its_reason_and_is_done_once():
    edition = published().edition
    office = office_of(edition)
    honour = name(edition)[0]
    with pytest.raises(Refused, match="理由"):
        revoking.revoke_honour(honour, reason=" ", by=office, now=AFTER)
    revoking.revoke_honour(honour, reason="演示：弄虚作假", by=office, now=AFTER)
    honour.refresh_from_db()
    assert (honour.revoked_on, honour.revoked_reason) == (date(2026, 10, 10), "演示：弄虚作假")
    with pytest.raises(Refused, match="已经撤销"):
        revoking.revoke_honour(honour, reason="再次", by=office, now=AFTER)


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
