"""The ledger of a grant, for the office that pays it out and the enterprise that spends it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.forms.granting import CloseForm, DisburseForm, ExpenseForm, RepayForm, ReverseForm
from awards.models import Disbursement, Expense, Grant, Repayment, Voucher
from awards.services import granting, ledger, planning, repaying
from awards.views.framing import edition_of, framed, workbook
from portal import files
from portal.permissions import can, require
from portal.speech import said

READ = (
    "disbursements",
    "expenses__vouchers",
    "expenses__plan_line",
    "repayments",
    "reports",
    "plans__lines",
)


def grant(request, pk):
    found = found_grant(request, pk)
    plan = planning.approved(found)
    open_ = not found.closed_at
    hat, revoked = request.hat, found.honour.revoked_on
    lines = ledger.ledger(found)
    context = {
        "grant": found,
        "lines": lines,
        "balance": ledger.balance(found),
        "undisbursed": ledger.undisbursed(found),
        "disbursed": found.amount - ledger.undisbursed(found),
        "plan": plan,
        "plans": list(found.plans.all()),
        "uses": bars((line.label, line.planned, line.spent) for line in planning.compared(found, plan)),
        "quarters": _quarters(found),
        "may_disburse": open_
        and can(hat, "awards.disburse", found)
        and not revoked
        and ledger.undisbursed(found) > 0,
        "may_undo_payment": open_ and can(hat, "awards.disburse", found),
        "may_spend": open_ and can(hat, "awards.record_expense", found),
        "may_repay": open_ and can(hat, "awards.repay", found),
        "may_plan": open_ and not revoked and can(hat, "awards.plan_grant", found),
        "may_close": open_ and can(hat, "awards.close_grant", found),
    }
    return render(request, "awards/grant.html", framed_grant(request, found, **context))


def bars(uses) -> list[dict]:
    """A line for each use with the widths of its two bars, in hundredths of the widest."""
    uses = list(uses)
    widest = max((max(planned, spent) for _label, planned, spent in uses), default=0) or 1
    return [
        {
            "label": label,
            "planned": planned,
            "spent": spent,
            "left": planned - spent,
            "planned_width": int(100 * planned / widest),
            "spent_width": int(100 * max(spent, 0) / widest),
        }
        for label, planned, spent in uses
    ]


def _quarters(found):
    """Every quarter with lines or a report: its sums, those of the report where one was handed in."""
    today = timezone.localdate()
    reports = {(row.year, row.quarter): row for row in found.reports.all()}
    sums = {(quarter.year, quarter.number): each for quarter, each in ledger.quarters_of(found)}
    told = []
    for key in sorted({*reports, *sums}):
        report = reports.get(key)
        shown = report.sums if report and report.sums and not report.is_open else sums.get(key)
        late = bool(report and report.is_open and report.due_on and report.due_on < today)
        told.append({"year": key[0], "number": key[1], "sums": shown, "report": report, "late": late})
    return told


def disburse(request, pk):
    found = found_grant(request, pk)
    require(request.hat, "awards.disburse", found)
    form = DisburseForm(request.POST or None, request.FILES or None)
    title = _("拨付：{name}").format(name=found.honour.subject_name)
    note = _("尚未拨付 {left} 元。").format(left=f"{ledger.undisbursed(found):,.2f}")
    return entered(request, found, form, granting.disburse, title, note)


def expense(request, pk):
    found = found_grant(request, pk)
    require(request.hat, "awards.record_expense", found)
    form = ExpenseForm(request.POST or None, request.FILES or None, plan=planning.approved(found))
    title = _("登记支出：{name}").format(name=found.honour.subject_name)
    note = _("可用余额 {left} 元。登记后不能修改，登错的用冲销更正。").format(
        left=f"{ledger.balance(found):,.2f}"
    )
    return entered(request, found, form, granting.record_expense, title, note)


def repay(request, pk):
    found = found_grant(request, pk)
    require(request.hat, "awards.repay", found)
    form = RepayForm(request.POST or None, request.FILES or None)
    title = _("退回未用资金：{name}").format(name=found.honour.subject_name)
    note = _("没有使用的余额 {left} 元。").format(left=f"{ledger.balance(found):,.2f}")
    return entered(request, found, form, repaying.repay, title, note)


def entered(request, found, form, service, title, note):
    if request.method == "POST" and form.perform(service, found, by=request.hat, now=timezone.now()):
        messages.success(request, _("已登记。"))
        return redirect("awards:grant", found.pk)
    back = reverse("awards:grant", args=[found.pk])
    context = {"form": form, "title": title, "note": note, "back": back}
    return render(request, "awards/form.html", framed_grant(request, found, **context))


def close_grant(request, pk):
    found = found_grant(request, pk)
    require(request.hat, "awards.close_grant", found)
    obstacles = [] if found.closed_at else repaying.obstacles(found)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.perform(
        repaying.close_grant, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已结清。"))
        return redirect("awards:grant", found.pk)
    left = ledger.undisbursed(found)
    sentences = [_("结清后不再登记拨付、支出和退回，台账、凭证和报告保留，随时可查。")]
    if left:
        sentences.append(_("尚未拨付的 {left} 元不再拨付。").format(left=f"{left:,.2f}"))
    context = {
        "form": form,
        "title": _("结清资助资金：{name}").format(name=found.honour.subject_name),
        "sentences": sentences,
        "stays": [said(obstacle) for obstacle in obstacles],
        "stays_title": _("先办完以下事项才能结清"),
        "undo_note": _("结清后不能恢复。"),
        "verb": _("结清"),
        "danger": True,
        "cancel_url": reverse("awards:grant", args=[found.pk]),
    }
    return render(request, "awards/confirm.html", framed_grant(request, found, **context))


def reverse_expense(request, pk):
    row = _row(request, Expense, pk)
    require(request.hat, "awards.record_expense", row.grant)
    said_of = _("{matter}，{amount} 元，凭证号 {voucher}。").format(
        matter=row.matter, amount=f"{row.amount:,.2f}", voucher=row.voucher
    )
    happens = _("台账中增加一笔相反的记录，金额退回余额；原来的一笔保留。")
    words = (_("冲销这一笔支出"), [said_of, happens], _("冲销这一笔"))
    return _undone(request, row, granting.reverse_expense, *words)


def reverse_disbursement(request, pk):
    row = _row(request, Disbursement, pk)
    require(request.hat, "awards.disburse", row.grant)
    said_of = _("拨付 {amount} 元，回执号 {receipt}。").format(
        amount=f"{row.amount:,.2f}", receipt=row.receipt
    )
    happens = _("台账中增加一笔相反的记录，金额退回尚未拨付；原来的一笔保留。")
    words = (_("冲正这一笔拨付"), [said_of, happens], _("冲正这一笔"))
    return _undone(request, row, granting.reverse_disbursement, *words)


def reverse_repayment(request, pk):
    row = _row(request, Repayment, pk)
    require(request.hat, "awards.repay", row.grant)
    said_of = _("退回 {amount} 元，收据号 {receipt}。").format(
        amount=f"{row.amount:,.2f}", receipt=row.receipt
    )
    happens = _("台账中增加一笔相反的记录，金额回到余额；原来的一笔保留。")
    words = (_("冲正这一笔退回"), [said_of, happens], _("冲正这一笔"))
    return _undone(request, row, repaying.reverse_repayment, *words)


def _undone(request, row, service, title, sentences, verb):
    form = ReverseForm(request.POST or None)
    if request.method == "POST" and form.perform(service, row, by=request.hat, now=timezone.now()):
        messages.success(request, _("已更正。"))
        return redirect("awards:grant", row.grant_id)
    context = {
        "form": form,
        "title": title,
        "sentences": sentences,
        "undo_note": _("更正后不能恢复；需要时重新登记。"),
        "verb": verb,
        "danger": True,
        "cancel_url": reverse("awards:grant", args=[row.grant_id]),
    }
    return render(request, "awards/confirm.html", framed_grant(request, row.grant, **context))


@require_safe
def voucher(request, pk):
    row = get_object_or_404(
        Voucher.objects.filter(expense__grant__in=Grant.objects.visible_to(request.hat)), pk=pk
    )
    return files.serve(request, row.file, row.name)


@require_safe
def disbursement_receipt(request, pk):
    return _receipt(request, Disbursement, pk)


@require_safe
def repayment_receipt(request, pk):
    return _receipt(request, Repayment, pk)


def _receipt(request, model, pk):
    row = _row(request, model, pk)
    if not row.receipt_file:
        raise Http404
    ending = row.receipt_file.name.rpartition(".")[2]
    return files.serve(request, row.receipt_file, f"回执 {row.receipt}.{ending}")


@require_safe
def grant_export(request, pk):
    found = found_grant(request, pk)
    subtitle = found.honour.subject_name
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


_WITH = ("honour__enterprise", "honour__host", "honour__nomination__edition__host")


def found_grant(request, pk) -> Grant:
    rows = Grant.objects.visible_to(request.hat).select_related(*_WITH, "honour__nomination__recommender")
    return get_object_or_404(rows.prefetch_related(*READ), pk=pk)


def _row(request, model, pk):
    rows = model.objects.filter(grant__in=Grant.objects.visible_to(request.hat))
    return get_object_or_404(rows.select_related(*(f"grant__{each}" for each in _WITH)), pk=pk)


def framed_grant(request, found, **context):
    nomination = found.honour.nomination
    return framed(request, nomination.edition, **context) if nomination else context
