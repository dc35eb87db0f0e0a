"""The ledger of a grant, for the office that pays it out and the enterprise that spends it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.forms.granting import DisburseForm, ExpenseForm, ReverseForm
from awards.models import Expense, Grant, Use, Voucher
from awards.services import granting, ledger
from awards.views.framing import edition_of, framed, workbook
from portal import files
from portal.permissions import can, require


def grant(request, pk):
    found = _found(request, pk)
    context = {
        "grant": found,
        "lines": ledger.ledger(found),
        "balance": granting.balance(found),
        "undisbursed": granting.undisbursed(found),
        "disbursed": found.amount - granting.undisbursed(found),
        "by_use": [(Use(use).label, amount) for use, amount in ledger.by_use(found).items()],
        "may_disburse": can(request.hat, "awards.disburse", found)
        and not found.honour.revoked_on
        and granting.undisbursed(found) > 0,
        "may_spend": can(request.hat, "awards.record_expense", found),
    }
    return render(request, "awards/grant.html", _framed(request, found, **context))


def disburse(request, pk):
    found = _found(request, pk)
    require(request.hat, "awards.disburse", found)
    form = DisburseForm(request.POST or None, request.FILES or None)
    title = _("拨付：{name}").format(name=found.honour.enterprise.name)
    note = _("尚未拨付 {left} 元。").format(left=f"{granting.undisbursed(found):,.2f}")
    return _entered(request, found, form, granting.disburse, title, note)


def expense(request, pk):
    found = _found(request, pk)
    require(request.hat, "awards.record_expense", found)
    form = ExpenseForm(request.POST or None, request.FILES or None)
    title = _("登记支出：{name}").format(name=found.honour.enterprise.name)
    note = _("可用余额 {left} 元。登记后不能修改，登错的用冲销更正。").format(
        left=f"{granting.balance(found):,.2f}"
    )
    return _entered(request, found, form, granting.record_expense, title, note)


def _entered(request, found, form, service, title, note):
    if request.method == "POST" and form.perform(service, found, by=request.hat, now=timezone.now()):
        messages.success(request, _("已登记。"))
        return redirect("awards:grant", found.pk)
    back = reverse("awards:grant", args=[found.pk])
    context = {"form": form, "title": title, "note": note, "back": back}
    return render(request, "awards/form.html", _framed(request, found, **context))


def reverse_expense(request, pk):
    row = get_object_or_404(
        Expense.objects.filter(grant__in=Grant.objects.visible_to(request.hat)).select_related(
            "grant__honour__enterprise", "grant__honour__nomination__edition__host"
        ),
        pk=pk,
    )
    require(request.hat, "awards.record_expense", row.grant)
    form = ReverseForm(request.POST or None)
    if request.method == "POST" and form.perform(
        granting.reverse_expense, row, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已冲销。"))
        return redirect("awards:grant", row.grant_id)
    context = {
        "form": form,
        "title": _("冲销这一笔支出"),
        "sentences": [
            _("{matter}，{amount} 元，凭证号 {voucher}。").format(
                matter=row.matter, amount=f"{row.amount:,.2f}", voucher=row.voucher
            ),
            _("台账中增加一笔相反的记录，金额退回余额；原来的一笔保留。"),
        ],
        "undo_note": _("冲销后不能恢复；需要时重新登记支出。"),
        "verb": _("冲销这一笔"),
        "danger": True,
        "cancel_url": reverse("awards:grant", args=[row.grant_id]),
    }
    return render(request, "awards/confirm.html", _framed(request, row.grant, **context))


@require_safe
def voucher(request, pk):
    row = get_object_or_404(
        Voucher.objects.filter(expense__grant__in=Grant.objects.visible_to(request.hat)), pk=pk
    )
    return files.serve(request, row.file, row.name)


@require_safe
def grant_export(request, pk):
    found = _found(request, pk)
    subtitle = found.honour.enterprise.name
    return workbook("台账.xlsx", lambda out: ledger.write_ledger([found], out, subtitle=subtitle))


@require_safe
def grants_export(request, pk):
    edition = edition_of(request, pk)
    grants = (
        Grant.objects.filter(honour__nomination__edition=edition)
        .select_related("honour__enterprise")
        .prefetch_related("disbursements", "expenses", "repayments")
        .order_by("honour__number")
    )
    return workbook("台账.xlsx", lambda out: ledger.write_ledger(grants, out, subtitle=edition.title))


def _found(request, pk):
    rows = Grant.objects.visible_to(request.hat).select_related(
        "honour__enterprise", "honour__host", "honour__nomination__edition__host"
    )
    return get_object_or_404(
        rows.prefetch_related("disbursements", "expenses__vouchers", "repayments"), pk=pk
    )


def _framed(request, found, **context):
    nomination = found.honour.nomination
    return framed(request, nomination.edition, **context) if nomination else context
