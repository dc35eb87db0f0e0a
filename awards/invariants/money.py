"""The grants: who has one, and that no day of any ledger goes below nothing."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from awards.models import Disbursement, Expense, Grant, GrantPlan, Honour, QuarterReport, Repayment
from awards.rules import money
from awards.services.ledger import lines_of
from awards.services.reporting_money import digest_of, sums_of
from portal.invariants import Checks

CHECKS = Checks()


@CHECKS.named(_("市级命名且本届设有资助资金的，各有一本台账，其他没有"))
def a_city_honour_has_its_grant() -> Iterator[str]:
    grants = Exists(Grant.objects.filter(honour=OuterRef("pk")))
    of_city = Q(level=Honour.Level.CITY)
    due = of_city & Q(nomination__edition__grant_amount__gt=0)
    named = Honour.objects.filter(naming__isnull=False).annotate(has=grants)
    wrong = named.filter(due, has=False) | named.filter(~of_city, has=True)
    yield from wrong.values_list("number", flat=True)


@CHECKS.named(_("拨付的金额不超过资助金额"))
def paid_is_within_the_grant() -> Iterator[str]:
    for grant in _grants():
        if money.total(lines_of(grant), money.PAID) > grant.amount:
            yield str(grant)


@CHECKS.named(_("任何一天的结余都不小于零"))
def no_day_is_below_nothing() -> Iterator[str]:
    for grant in _grants():
        if money.lowest(lines_of(grant)) < 0:
            yield str(grant)


@CHECKS.named(_("冲正与原记录金额相反，属于同一本台账"))
def a_reversal_is_exact() -> Iterator[str]:
    for model in (Disbursement, Expense, Repayment):
        rows = model.objects.filter(reverses__isnull=False)
        right = Q(amount=-F("reverses__amount"), grant=F("reverses__grant"), reverses__reverses__isnull=True)
        yield from (
            f"{model._meta.model_name} #{pk}" for pk in rows.exclude(right).values_list("pk", flat=True)
        )


@CHECKS.named(_("审核同意的使用计划合计等于资助金额"))
def an_approved_plan_is_the_whole_grant() -> Iterator[str]:
    for plan in GrantPlan.objects.filter(state="approved").select_related("grant").prefetch_related("lines"):
        if sum(line.amount for line in plan.lines.all()) != plan.grant.amount:
            yield f"{plan.grant}: #{plan.pk}"


@CHECKS.named(_("提交的季度报告与提交时的摘要一致"))
def reports_are_as_digested() -> Iterator[str]:
    reports = QuarterReport.objects.exclude(state__in=("due", "returned"))
    for report in reports.select_related("grant__honour__enterprise"):
        if digest_of(report) != report.digest:
            yield str(report)


@CHECKS.named(_("提交的季度报告的收支与台账一致，本季期末就是下季期初"))
def reports_are_as_in_the_ledger() -> Iterator[str]:
    reports = QuarterReport.objects.exclude(state__in=("due", "returned"))
    lines = ("grant__disbursements", "grant__expenses", "grant__repayments")
    for report in reports.select_related("grant__honour__enterprise").prefetch_related(*lines):
        if sums_of(report) != report.sums:
            yield str(report)


def _grants():
    return Grant.objects.select_related("honour__enterprise").prefetch_related(
        "disbursements", "expenses", "repayments"
    )
