"""A grant's year by clicking: plan, payment, expenses, a report through three hands, and the end."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from awards.models import Grant, QuarterReport
from awards.services import granting, reporting_money
from portal.verification import verify
from tests.awards.purse import account_of, granted
from tests.browser.walk import HERE, Clock, Walk, certificate
from tests.browser.window import PHONE
from tests.factories import hat


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(datetime(2026, 4, 15, 9, 30, tzinfo=HERE))
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def year(chromium, clock, live_server, album):
    grant = granted()
    hat("office", None, "office", full_name="演示办公室")
    hat("recommender", grant.honour.nomination.recommender, "union", full_name="演示推荐人")
    hat("auditor", None, "auditor", full_name="演示监督人员")
    own = account_of(grant.honour.enterprise)
    return Walk(chromium, live_server.url, clock, album), grant, own.user.username


PLAN = (
    ("reward", "职工创新成果奖励（演示）", "180000"),
    ("platform", "创新工作室设备（演示）", "120000"),
)


def plan(walk, own):
    with walk.visitor(own) as enterprise:
        enterprise.follow("提交资金使用计划", exact=False)
        for number, (use, matter, amount) in enumerate(PLAN):
            enterprise.main.locator(f"#id_use_{number}").select_option(use)
            enterprise.fill(**{f"matter_{number}": matter, f"amount_{number}": amount})
        enterprise.fill(amount_1="119999.99")
        enterprise.press("提交审核")
        enterprise.sees("299999.99", "不一致")
        enterprise.fill(amount_1="120000")
        enterprise.look("plan-form")
        enterprise.press("提交审核")
        enterprise.sees("已提交，等待办公室审核", "待审核")
    with walk.visitor("office") as office:
        office.follow("审核资金使用计划", exact=False)
        office.main.get_by_label("同意", exact=True).check()
        office.look("plan")
        office.press("提交审核意见")
        office.sees("已办理", "已同意")


def pay(walk, grant):
    with walk.visitor("office") as office:
        office.window.go(f"/awards/grants/{grant.pk}/")
        office.follow("登记拨付")
        office.fill(amount="200000", paid_on="2026-04-15", receipt="演示回执001")
        office.hand_in("receipt_file", "回执.pdf", certificate(), "application/pdf")
        office.look("disburse")
        office.press("保存")
        office.sees("已登记", "¥200,000.00")


def spend(walk, grant, own, clock):
    clock.move_to(2026, 5, 20, 9, 0)
    with walk.visitor(own, size=PHONE) as enterprise:
        enterprise.follow("登记资金使用", exact=False)
        enterprise.follow("登记支出")
        enterprise.main.get_by_label("职工创新成果奖励", exact=True).check()
        enterprise.main.locator("#id_plan_line").select_option(index=1)
        enterprise.fill(matter="一季度创新成果奖励（演示）", amount="200000.01", voucher="演示凭证001")
        enterprise.fill(spent_on="2026-05-19")
        papers = [
            {
                "name": name,
                "mimeType": "application/pdf",
                "buffer": certificate() + name.encode() + b"\n%%EOF",
            }
            for name in ("发票.pdf", "签收单.pdf")
        ]
        enterprise.main.locator("#id_papers").set_input_files(papers)
        enterprise.look("expense")
        enterprise.press("保存")
        enterprise.sees("超过自支出日期起可用的余额 200000.00 元")
        enterprise.fill(amount="80000.50")
        enterprise.main.locator("#id_papers").set_input_files(papers)
        enterprise.press("保存")
        enterprise.sees("已登记", "¥119,999.50", "发票.pdf", "签收单.pdf")
        enterprise.look("grant-phone")
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == Decimal("119999.50")


def report(walk, own, clock):
    clock.move_to(2026, 7, 1, 9, 0)
    assert reporting_money.ask_for_reports(now=timezone.now()) == 1
    with walk.visitor(own) as enterprise:
        enterprise.follow("提交资金季度报告", exact=False)
        enterprise.sees("2026年7月15日", "¥80,000.50", "¥119,999.50")
        enterprise.fill(account="奖励创新成果 12 项，职工积极性提高（演示）。")
        enterprise.look("report-form")
        enterprise.press("提交报告")
        enterprise.sees("待推荐单位审核", "校验值")
    with walk.visitor("union") as union:
        union.follow("审核资金季度报告", exact=False)
        union.main.get_by_label("属实，同意", exact=True).check()
        union.fill(opinion="与台账一致（演示）")
        union.look("report-union")
        union.press("提交审核意见")
        union.sees("待办公室审核")
    with walk.visitor("office") as office:
        office.follow("审核资金季度报告", exact=False)
        office.main.get_by_label("属实，同意", exact=True).check()
        office.fill(opinion="同意（演示）")
        office.press("提交审核意见")
        office.sees("已审核")
        office.look("report-office")


def give_back_and_close(walk, grant, own, clock):
    with walk.visitor(own) as enterprise:
        enterprise.follow("登记资金使用", exact=False)
        enterprise.follow("登记支出")
        enterprise.main.get_by_label("职工创新成果奖励", exact=True).check()
        enterprise.fill(matter="补登（演示）", amount="1", spent_on="2026-06-30", voucher="演示凭证002")
        enterprise.main.locator("#id_papers").set_input_files(
            {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": certificate()}
        )
        enterprise.press("保存")
        enterprise.sees("已经在季度报告中提交")
        enterprise.window.go(f"/awards/grants/{grant.pk}/")
        enterprise.follow("退回未用资金")
        enterprise.fill(
            amount="119999.50", paid_on="2026-07-01", receipt="演示收据", reason="项目结余（演示）"
        )
        enterprise.hand_in("receipt_file", "收据.pdf", certificate(), "application/pdf")
        enterprise.look("repay")
        enterprise.press("保存")
        enterprise.sees("已登记", "退回未用资金")
    clock.move_to(2026, 7, 2, 9, 0)
    with walk.visitor("office") as office:
        office.window.go(f"/awards/grants/{grant.pk}/")
        office.follow("结清")
        office.sees("尚未拨付的 100,000.00 元不再拨付")
        office.fill(reason="项目完成，结余已退回（演示）")
        office.look("close-grant")
        office.press("结清")
        office.sees("已于", "项目完成，结余已退回（演示）")
        office.sees_not("登记拨付")


@pytest.mark.django_db(transaction=True)
def test_a_grants_year_by_clicking(year, clock):
    walk, grant, own = year
    plan(walk, own)
    pay(walk, grant)
    spend(walk, grant, own, clock)
    report(walk, own, clock)
    give_back_and_close(walk, grant, own, clock)
    with walk.visitor("auditor") as auditor:
        auditor.window.go("/awards/grants/")
        auditor.row_shows(grant.honour.enterprise.name, "已结清", "¥200,000.00", "¥80,000.50", "¥0.00")
        auditor.look("grants-auditor")
        auditor.follow(grant.honour.enterprise.name)
        auditor.sees("已审核")
        auditor.look("grant-auditor")
    assert QuarterReport.objects.get().state == "reviewed"
    assert not verify().broken
