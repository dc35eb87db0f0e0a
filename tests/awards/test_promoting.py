import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from awards.models import Promotion
from awards.services import promoting, promotion_tables, revoking
from awards.services.path import path_of
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.named import named
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db
LATER = AFTER + timedelta(days=30)
CRITERIA = [("演示条件一", True, ""), ("演示条件二", False, "演示说明"), ("  ", True, "")]


def promote(honour, to="province", **given):
    given = {"criteria": CRITERIA, "reason": "演示理由", "minute": "演示纪要5号"} | given
    return promoting.promote(honour, to=to, **given, by=factories.hat("office"), now=AFTER)


def test_put_forward_with_criteria_and_the_flag_follows():
    honour = named()[0]
    promotion = promote(honour)
    assert promotion.criteria == [
        {"name": "演示条件一", "met": True, "note": ""},
        {"name": "演示条件二", "met": False, "note": "演示说明"},
    ]
    honour.refresh_from_db()
    assert (honour.to_province, honour.model_worker) == (True, False)
    promoting.end_promotion(promotion, reason="演示：名额调整", by=factories.hat("office"), now=AFTER)
    honour.refresh_from_db()
    assert not honour.to_province
    assert Promotion.objects.get().ended_reason == "演示：名额调整"
    promote(honour)
    assert Promotion.objects.count() == 2
    assert list(AuditEntry.objects.filter(act__contains="promot").values_list("act", flat=True)) == [
        "awards.promote",
        "awards.end_promotion",
        "awards.promote",
    ]


@pytest.mark.parametrize(
    "given, says",
    [
        ({"criteria": []}, "至少填写一项"),
        ({"criteria": [("演示条件", False, "")]}, "没有达到"),
        ({"reason": " "}, "推荐理由"),
        ({"to": "model_worker"}, "还没有五一劳动奖章人选"),
    ],
)
def test_refused(given, says):
    with pytest.raises(Refused, match=says):
        promote(named()[1], **given)
    assert not Promotion.objects.exists()


def test_once_and_not_when_revoked():
    first, second = named()
    promote(first)
    with pytest.raises(Refused, match="不能重复推荐"):
        promote(first)
    revoking.revoke_honour(second, reason="演示", minute="演示纪要", by=factories.hat("office"), now=AFTER)
    with pytest.raises(Refused, match="已经撤销"):
        promote(second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(
            honour=first, to="province", decided_at=AFTER, decided_by=factories.hat("office")
        )


def test_revoking_ends_what_it_was_put_forward_for():
    honour = named()[0]
    promote(honour), promote(honour, to="model_worker")
    revoking.revoke_honour(
        honour, reason="演示原因", minute="演示纪要", by=factories.hat("office"), now=AFTER
    )
    assert not Promotion.objects.filter(ended_at__isnull=True).exists()
    honour.refresh_from_db()
    assert not honour.to_province and not honour.model_worker


def test_only_the_office_that_named():
    honour = named()[0]
    for other in (factories.hat("office", "市南区"), factories.hat("auditor"), factories.hat("applicant")):
        with pytest.raises(PermissionDenied):
            promoting.promote(honour, to="province", criteria=CRITERIA, reason="演示", by=other, now=AFTER)


@pytest.mark.parametrize(
    "to, title, heads, holds",
    [
        ("province", "省级择优推荐表", "统一社会信用代码", "演示条件二：未达到（演示说明）"),
        ("model_worker", "市劳模推荐表", "姓名", "演示人选"),
    ],
)
def test_the_two_lists(to, title, heads, holds):
    first, _second = named()
    promote(first, to=to)
    out = io.BytesIO()
    edition = first.nomination.edition
    promotion_tables.write_promotions(edition, to, out, by=factories.hat("auditor"))
    rows = [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]
    assert title in rows[0][0] and heads in rows[2]
    assert any(holds in str(value) for value in rows[3]) and "2026-QYCX-01" in rows[3]
    with pytest.raises(PermissionDenied):
        promotion_tables.write_promotions(edition, to, out, by=factories.hat("recommender"))


def outcome(promotion, kind="accepted", day=None, number="鲁演示文7号", now=LATER, by=None):
    return promoting.record_outcome(
        promotion,
        outcome=kind,
        day=day or LATER.date(),
        number=number,
        by=by or factories.hat("office"),
        now=now,
    )


def test_what_came_of_it_is_public_when_accepted_and_can_be_put_right():
    honour = named()[0]
    promotion = promote(honour)
    public = path_of(honour.enterprise)
    outcome(promotion, "not", number="")
    assert path_of(honour.enterprise) == public
    promotion = outcome(promotion)
    step = path_of(honour.enterprise).steps[-1]
    assert (step.level, step.number, step.on) == ("province", "鲁演示文7号", LATER.date())
    said = AuditEntry.objects.filter(act="awards.record_outcome").order_by("pk")
    assert [entry.detail["before"][0] for entry in said] == ["", "not"]
    with pytest.raises(Refused, match="已经登记结果"):
        promoting.end_promotion(promotion, reason="演示", by=factories.hat("office"), now=LATER)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": "perhaps"}, "选择推荐的结果"),
        ({"day": AFTER.date() - timedelta(days=1)}, "推荐日期"),
        ({"day": LATER.date() + timedelta(days=1)}, "不晚于今天"),
        ({"number": " "}, "文号"),
    ],
)
def test_an_outcome_is_refused(given, says):
    promotion = promote(named()[0])
    with pytest.raises(Refused, match=says):
        outcome(promotion, **given)
    assert not Promotion.objects.get().outcome


def test_an_outcome_is_the_naming_offices_and_of_what_stands():
    promotion = promote(named()[0])
    with pytest.raises(PermissionDenied):
        outcome(promotion, by=factories.hat("office", "市南区"))
    promoting.end_promotion(promotion, reason="演示", by=factories.hat("office"), now=AFTER)
    with pytest.raises(Refused, match="已经取消"):
        outcome(promotion)
