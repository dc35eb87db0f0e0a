"""The grants side by side: what was granted, paid out and spent, and where something waits."""

from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from awards.models import Disbursement, Expense, GrantPlan, PlanLine, QuarterReport, Repayment
from awards.rules import money

_YUAN = DecimalField(max_digits=14, decimal_places=2)
_WAITING = (QuarterReport.State.DUE, QuarterReport.State.RETURNED)
_HANDED_IN = (QuarterReport.State.HANDED_IN, QuarterReport.State.ENDORSED)


def with_figures(grants: QuerySet, today: date) -> QuerySet:
    """Each with .paid .spent .repaid .left in yuan, .plan_waits .planned, .late .on_the_way (reports)."""
    plans = GrantPlan.objects.filter(grant=OuterRef("pk"))
    reports = QuarterReport.objects.filter(grant=OuterRef("pk"))
    return grants.annotate(
        paid=_sum(Disbursement),
        spent=_sum(Expense),
        repaid=_sum(Repayment),
        plan_waits=Exists(plans.filter(state=GrantPlan.State.HANDED_IN)),
        planned=Exists(plans.filter(state=GrantPlan.State.APPROVED)),
        late=_count(reports.filter(state__in=_WAITING, due_on__lt=today)),
        on_the_way=_count(reports.filter(state__in=_HANDED_IN)),
    ).annotate(left=F("paid") - F("spent") - F("repaid"))


#: What one may look for on the board, each with its condition.
ONLY = {
    "unpaid": Q(paid__lt=F("amount"), closed_at__isnull=True, honour__revoked_on__isnull=True),
    "plan": Q(plan_waits=True),
    "review": Q(on_the_way__gt=0),
    "late": Q(late__gt=0),
    "left": Q(left__gt=0),
    "closed": Q(closed_at__isnull=False),
}


_SUMS = ("amount", "paid", "spent", "repaid", "left")


def counted(grants: QuerySet) -> dict:
    """The sums of all of them, in yuan, and how many there are of each kind of `ONLY` (n_…)."""
    sums = {f"sum_{name}": Coalesce(Sum(name), Value(money.NONE)) for name in _SUMS}
    kinds = {f"n_{name}": Count("pk", filter=condition) for name, condition in ONLY.items()}
    found = grants.aggregate(total=Count("pk"), **sums, **kinds)
    return {key.removeprefix("sum_"): value for key, value in found.items()}


def by_use(grants: QuerySet) -> list[tuple[str, Decimal, Decimal]]:
    """(use, planned, spent) of all of them: plans that hold, and the ledgers."""
    newest = GrantPlan.objects.filter(grant=OuterRef("plan__grant"), state=GrantPlan.State.APPROVED)
    planned = dict(
        PlanLine.objects.filter(plan__grant__in=grants.values("pk"))
        .filter(plan=Subquery(newest.order_by("-version").values("pk")[:1]))
        .order_by()
        .values_list("use")
        .annotate(Sum("amount"))
    )
    spent = dict(
        Expense.objects.filter(grant__in=grants.values("pk"))
        .order_by()
        .values_list("use")
        .annotate(Sum("amount"))
    )
    return [(use, planned.get(use, money.NONE), spent.get(use, money.NONE)) for use in money.USES]


def _sum(model):
    rows = model.objects.filter(grant=OuterRef("pk")).order_by().values("grant").annotate(s=Sum("amount"))
    return Coalesce(Subquery(rows.values("s"), output_field=_YUAN), Value(money.NONE), output_field=_YUAN)


def _count(reports):
    rows = reports.order_by().values("grant").annotate(n=Count("pk"))
    return Coalesce(Subquery(rows.values("n")), 0)
