"""One quarter report: the enterprise hands it in, its union endorses, the office reviews."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.planning import AccountForm, ReportOpinionForm, ReportReopenForm
from awards.models import Grant, QuarterReport, Use
from awards.services import reporting_money
from awards.views.grants import found_grant, framed_grant
from portal.permissions import can, require


def quarter_report(request, pk):
    report = get_object_or_404(
        QuarterReport.objects.filter(grant__in=Grant.objects.visible_to(request.hat)).select_related(
            "handed_in_by__user", "endorsed_by__user", "reviewed_by__user"
        ),
        pk=pk,
    )
    report.grant = found_grant(request, report.grant_id)
    act, service, form = _turn(request, report)
    if request.method == "POST":
        require(request.hat, act or "awards.review_report", report.grant)
        if form and form.perform(service, report, by=request.hat, now=timezone.now()):
            messages.success(request, _("已办理。"))
            return redirect("awards:quarter_report", report.pk)
    sums = reporting_money.sums_of(report) if report.is_open else report.sums
    today = timezone.localdate()
    context = {
        "report": report,
        "grant": report.grant,
        "form": form,
        "act": act,
        "returning": isinstance(form, ReportReopenForm),
        "sums": sums,
        "by_use": [(use.label, sums["by_use"][use.value]) for use in Use],
        "late": report.is_open and report.due_on is not None and report.due_on < today,
    }
    return render(request, "awards/quarter_report.html", framed_grant(request, report.grant, **context))


def _turn(request, report):
    """What this hat may do now: the act, its service and its form."""
    hat, data, State = request.hat, request.POST or None, QuarterReport.State
    if report.is_open and can(hat, "awards.report_quarter", report.grant):
        form = AccountForm(data, initial={"account": report.words})
        return "awards.report_quarter", reporting_money.hand_in_report, form
    if report.state == State.HANDED_IN and can(hat, "awards.endorse_report", report.grant):
        return "awards.endorse_report", reporting_money.endorse_report, ReportOpinionForm(data)
    if reporting_money.reviewable(report) and can(hat, "awards.review_report", report.grant):
        return "awards.review_report", reporting_money.review_report, ReportOpinionForm(data)
    if reporting_money.reopenable(report) and can(hat, "awards.review_report", report.grant):
        # What was clicked twice to agree gives no reason: nothing is asked about it then.
        form = ReportReopenForm(data if data and "reason" in data else None)
        return "awards.review_report", reporting_money.reopen_report, form
    return "", None, None
