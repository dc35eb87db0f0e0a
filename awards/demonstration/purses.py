"""The money of last year's winners: paid out, planned, spent and reported, quarter by quarter up to today."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from awards.demonstration import papers
from awards.demonstration.course import Course
from awards.demonstration.dates import moment
from awards.models import Grant, GrantPlan, Honour, QuarterReport
from awards.rules import quarters
from awards.services import granting, planning, reporting_money
from awards.services.planning import Matter
from portal.models import Membership, Role
from portal.workdays import YearNotPublished

#: Use, matter, explanation, yuan.
SPENT = (
    ("reward", "职工“五小”创新成果奖励", "", "86000.00"),
    ("platform", "创新工作室检测设备", "", "73500.50"),
    ("activity", "班组创新竞赛", "", "21800.00"),
    ("other", "创新成果展板制作", "厂区创新成果展示长廊", "6400.00"),
)
PLANNED = (
    ("reward", "职工“五小”创新成果奖励", "120000.00"),
    ("platform", "创新工作室检测设备", "100000.00"),
    ("activity", "班组创新竞赛", "60000.00"),
    ("other", "创新成果展示", "20000.00"),
)
SPENT_WORDS = "资金按使用计划支出，创新工作室新增检测设备投入使用，职工创新成果按规定奖励（演示）。"
IDLE_WORDS = "本季度没有支出，有关事项正在组织，下一季度按计划开展（演示）。"


def pay(course: Course, honours: list[Honour], at: datetime) -> None:
    """Most are paid in full, some in part, the last not yet."""
    for number, honour in enumerate(honours[:-2], start=1):
        amount = honour.grant.amount if number % 3 else honour.grant.amount / 2
        granting.disburse(
            honour.grant,
            amount=amount,
            paid_on=timezone.localdate(at),
            receipt=f"演示回执{number:03d}",
            receipt_file=papers.document("拨付回执（演示）", [f"{amount} 元"], "回执.pdf"),
            by=course.office,
            now=at,
        )


def plan(grant: Grant, *, by: Membership, at: datetime) -> GrantPlan:
    matters = [Matter(use, matter, Decimal(amount)) for use, matter, amount in PLANNED]
    return planning.hand_in_plan(grant, matters=matters, by=by, now=at)


def agree(waiting: GrantPlan, *, by: Membership, at: datetime) -> GrantPlan:
    return planning.decide_plan(waiting, approved=True, opinion="同意按计划使用（演示）", by=by, now=at)


def spend(grant: Grant, *, by: Membership, start: datetime) -> None:
    """The enterprise keeps its ledger; one voucher was entered twice and is taken back."""
    agreed = planning.approved(grant)
    lines = {line.use: line for line in agreed.lines.all()} if agreed else {}
    for number, (use, matter, explanation, amount) in enumerate((*SPENT, SPENT[2]), start=1):
        at = start + timedelta(days=6 * number)
        expense = granting.record_expense(
            grant,
            use=use,
            matter=matter,
            explanation=explanation,
            amount=Decimal(amount),
            spent_on=timezone.localdate(at),
            voucher=f"演示凭证{min(number, len(SPENT)):03d}",
            papers=[
                papers.document("发票（演示）", [matter, f"{amount} 元"], "发票.pdf"),
                papers.document("签收单（演示）", [matter], "签收单.pdf"),
            ],
            plan_line=lines.get(use),
            by=by,
            now=at,
        )
    granting.reverse_expense(expense, reason="同一凭证重复登记", by=by, now=at + timedelta(days=1))


def report(course: Course, honours: list[Honour], winner: Membership) -> None:
    """Every quarter up to today. Of the last one some wait: for the enterprise, its union, the office."""
    paid = [honour.grant for honour in honours[:-2]]
    for quarter in _quarters(paid[0], course.days.today):
        asked = moment(_asked_on(quarter, course), 8, 20)
        if asked > course.days.now:
            return
        reporting_money.ask_for_reports(now=asked)
        last = quarter.next.last >= course.days.today
        waiting = {0: 2, 1: 0, 2: 0, _of_the_union(course, paid): 1} if last else {}
        for number, grant in enumerate(paid):
            found = grant.reports.get(year=quarter.year, quarter=quarter.number)
            by = winner if number == 0 else course.office
            _hand_in(course, found, by, asked, steps=waiting.get(number, 3))


def _of_the_union(course, paid: list[Grant]) -> int:
    """One that was recommended by the union whose account is shown."""
    union = course.stage.people.by_name["recommender"].organisation_id
    found = (
        number
        for number, grant in enumerate(paid)
        if number > 2 and grant.honour.nomination.recommender_id == union
    )
    return next(found, 3)


def _hand_in(course, found: QuarterReport, by, asked, *, steps: int) -> None:
    """Handed in two working days after it was asked for, endorsed the next one, reviewed the one after."""
    calendar = course.days.calendar
    days = [moment(calendar.add(timezone.localdate(asked), n), 10, 20) for n in (2, 3, 4)]
    if days[-1] > course.days.now or not steps:
        return
    spent = reporting_money.sums_of(found)["spent"] != "0.00"
    words = SPENT_WORDS if spent else IDLE_WORDS
    found = reporting_money.hand_in_report(found, account=words, by=by, now=days[0])
    union = Membership.objects.at(found.grant.honour.nomination.recommender, Role.RECOMMENDER).first()
    if union and steps > 1:
        opinion = "情况属实（演示）"
        found = reporting_money.endorse_report(found, agreed=True, opinion=opinion, by=union, now=days[1])
    if steps > 2:
        second = course.stage.people.by_name["office2"]
        reporting_money.review_report(found, agreed=True, opinion="同意（演示）", by=second, now=days[2])


def _quarters(grant: Grant, today) -> list[quarters.Quarter]:
    first = min(row.paid_on for row in grant.disbursements.all())
    return quarters.reported(first, None, today)


def _asked_on(quarter, course):
    try:
        return quarters.asked_on(quarter, course.days.calendar)
    except YearNotPublished:
        return quarter.next.first
