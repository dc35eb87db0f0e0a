import io

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from indicators.forms.reporting import ReportersForm, ReportFileForm, ReportForm, RoundForm
from indicators.models import Indicator, Round, System
from indicators.services import reporting, tables
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from portal.workbook.writing import attachment


def new_round(request, pk):
    system = get_object_or_404(System.objects.visible_to(request.hat), pk=pk)
    require(request.hat, "indicators.run_round", system)
    now = timezone.now()
    initial = {"year": timezone.localdate(now).year}
    form = RoundForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.perform(reporting.open_round, system, by=request.hat, now=now):
        messages.success(request, _("已发起，并通知各填报单位。"))
        return redirect("indicators:round", form.result.pk)
    context = {"system": system, "form": form, "reporters": system.reporters.exists()}
    return render(request, "indicators/new_round.html", context)


def reporters(request, pk):
    system = get_object_or_404(System.objects.visible_to(request.hat), pk=pk)
    require(request.hat, "indicators.run_round", system)
    rows = system.indicators.prefetch_related("reporters__organisation")
    return render(request, "indicators/reporters.html", {"system": system, "rows": rows})


def indicator_reporters(request, pk):
    indicator = get_object_or_404(
        Indicator.objects.filter(system__in=System.objects.visible_to(request.hat)), pk=pk
    )
    require(request.hat, "indicators.run_round", indicator.system)
    form = ReportersForm(request.POST or None, indicator=indicator)
    if request.method == "POST" and form.perform(
        reporting.set_reporters, indicator, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已保存“{name}”的填报单位。").format(name=indicator.name))
        return redirect("indicators:reporters", indicator.system_id)
    context = {"system": indicator.system, "indicator": indicator, "form": form}
    return render(request, "indicators/indicator_reporters.html", context)


def round_(request, pk):
    """How far the units of a round are."""
    opened = _round(request, pk)
    rows = [
        (progress, can(request.hat, "indicators.report", progress.reporter))
        for progress in reporting.progress_of(opened)
    ]
    late = sum(1 for progress, _may in rows if progress.left)
    context = {"system": opened.system, "round": opened, "rows": rows, "late": late}
    return render(request, "indicators/round.html", context)


def close(request, pk):
    opened = _round(request, pk)
    require(request.hat, "indicators.run_round", opened.system)
    late = [each.reporter for each in reporting.progress_of(opened) if each.left]
    if request.method == "POST" and _done(
        request, _("填报已截止。"), reporting.close_round, opened, by=request.hat, now=timezone.now()
    ):
        return redirect("indicators:round", opened.pk)
    context = {"system": opened.system, "round": opened, "late": late}
    return render(request, "indicators/close_round.html", context)


@require_POST
def remind(request, pk):
    opened = _round(request, pk)
    _done(
        request,
        _("已催报 {n} 个单位。"),
        reporting.remind,
        opened,
        by=request.hat,
        now=timezone.now(),
    )
    return redirect("indicators:round", opened.pk)


def report(request, pk, reporter):
    opened, unit = _mine(request, pk, reporter)
    form = ReportForm(
        request.POST or None,
        indicators=reporting.asked_of(opened, unit),
        known=reporting.current_of(opened, unit),
    )
    if request.method == "POST" and form.is_valid():
        kept = _kept(request, form, opened, unit)
        if kept is not None:
            _tell(request, len(kept))
            return redirect("indicators:report", opened.pk, unit.pk)
    return _report_page(request, opened, unit, form)


def report_form(request, pk, reporter):
    opened, unit = _mine(request, pk, reporter)
    out = io.BytesIO()
    tables.write_form(opened, unit, out, by=request.hat)
    return attachment(f"{opened.system.name}{opened.year}年{tables.TITLE}.xlsx", out.getvalue())


def report_import(request, pk, reporter):
    """A workbook is read into the page's own form: what it says is seen, and saved as if it were typed."""
    opened, unit = _mine(request, pk, reporter)
    form = ReportFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(tables.read_form, opened, unit, by=request.hat):
        known = reporting.current_of(opened, unit)
        asked = reporting.asked_of(opened, unit)
        filled = ReportForm(indicators=asked, known=known, given=form.result)
        return _report_page(request, opened, unit, filled, read=len(form.result))
    context = {"system": opened.system, "round": opened, "reporter": unit, "form": form}
    return render(request, "indicators/report_import.html", context)


def _report_page(request, opened, unit, form, read=0):
    context = {
        "system": opened.system,
        "round": opened,
        "reporter": unit,
        "form": form,
        "read": read,
        "locked": bool(opened.closed_at) and not can(request.hat, "indicators.run_round", opened.system),
        "history": reporting.history_of(opened, unit),
    }
    return render(request, "indicators/report.html", context)


def _kept(request, form, opened, unit):
    try:
        return reporting.report(
            opened,
            unit,
            form.entries,
            by=request.hat,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        # What was typed stays, beside the figures as they stand now: read them, and it can be sent again.
        form.refuse(refusal)
        form.look_again(reporting.current_of(opened, unit))
        return None


def _round(request, pk):
    rounds = Round.objects.filter(system__in=System.objects.visible_to(request.hat))
    require(request.hat, "indicators.see")
    return get_object_or_404(rounds.select_related("system__host"), pk=pk)


def _mine(request, pk, reporter):
    opened = _round(request, pk)
    unit = get_object_or_404(opened.system.reporters.select_related("organisation", "system"), pk=reporter)
    require(request.hat, "indicators.report", unit)
    return opened, unit


def _done(request, words, service, *args, **kwargs):
    try:
        result = service(*args, **kwargs)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return False
    messages.success(request, words.format(n=result))
    return True


def _tell(request, number):
    if number:
        messages.success(request, _("已保存 {n} 项。").format(n=number))
    else:
        messages.info(request, _("没有改动。"))
