from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Disbursement, Expense, Grant
from portal.todo import Todo


def todos(hat) -> list[Todo]:
    """Money that was paid out and is not accounted for."""
    paid, spent = dict(_sums(Disbursement, hat)), dict(_sums(Expense, hat))
    return [
        Todo(_("登记资金使用"), row.honour.title, reverse("awards:grant", args=[row.pk]))
        for row in Grant.objects.visible_to(hat).filter(pk__in=paid).select_related("honour")
        if paid[row.pk] > spent.get(row.pk, 0)
    ]


def _sums(model, hat):
    rows = model.objects.filter(grant__in=Grant.objects.visible_to(hat)).order_by()
    return rows.values_list("grant").annotate(Sum("amount"))
