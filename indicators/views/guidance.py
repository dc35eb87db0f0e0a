from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.forms.guidance import CancelForm, PlanForm, RecordForm, SettleForm
from indicators.models import Agreement, Guidance
from indicators.services import guidance as guiding
from indicators.services import union_report, unions
from portal import documents
from portal.models import Organisation, Role
from portal.permissions import can, require

FIRST = 2020


def union_list(request):
    """Every union below this office (for the auditor: below the city), with its year."""
    require(request.hat, "indicators.see_unions")
    host = request.hat.organisation
    if request.hat.role == Role.AUDITOR:
        host = Organisation.objects.get(code="city")
    year = _year(request)
    rows = unions.overview(host, year)
    return render(request, "indicators/unions.html", {"rows": rows, "year": year, "years": _years()})


def union(request, pk):
    """One union's round, quota, returns, own winners, reports and guidance, a year at a time."""
    unit, year = _unit(request, pk), _year(request)
    context = {
        "unit": unit,
        "found": unions.year_of(unit, year),
        "year": year,
        "years": _years(),
        "today": timezone.localdate(),
    }
    return render(request, "indicators/union.html", context)


def union_paper(request, pk):
    unit, year = _unit(request, pk), _year(request)
    data = union_report.report_docx(unit, year, by=request.hat, now=timezone.now())
    return documents.download(f"{unit.name}{year}年度工作情况.docx", data)


def plan(request, pk):
    unit = _unit(request, pk)
    require(request.hat, "indicators.guide", unit)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.perform(
        guiding.plan_guidance, unit, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已计划，并通知{unit}。").format(unit=unit.name))
        return redirect("indicators:guidance", form.result.pk)
    return render(request, "indicators/guidance_plan.html", {"unit": unit, "form": form})


def guidance(request, pk):
    found = _guidance(request, pk)
    context = {
        "unit": found.unit,
        "guidance": found,
        "guiding": can(request.hat, "indicators.guide", found.unit),
        "settling": can(request.hat, "indicators.settle_agreement", found),
        "today": timezone.localdate(),
    }
    return render(request, "indicators/guidance.html", context)


def record(request, pk):
    found = _guidance(request, pk)
    require(request.hat, "indicators.guide", found.unit)
    form = RecordForm(request.POST or None, initial={"visited_on": found.planned_on})
    if request.method == "POST" and form.perform(
        guiding.record_guidance, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已记录。"))
        return redirect("indicators:guidance", found.pk)
    return render(
        request, "indicators/guidance_record.html", {"unit": found.unit, "guidance": found, "form": form}
    )


def cancel(request, pk):
    found = _guidance(request, pk)
    require(request.hat, "indicators.guide", found.unit)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.perform(
        guiding.cancel_guidance, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已取消这次指导。"))
        return redirect("indicators:guidance", found.pk)
    return render(
        request, "indicators/guidance_cancel.html", {"unit": found.unit, "guidance": found, "form": form}
    )


def settle(request, pk):
    rows = Agreement.objects.filter(guidance__in=Guidance.objects.visible_to(request.hat))
    agreement = get_object_or_404(rows.select_related("guidance__unit", "guidance__host"), pk=pk)
    require(request.hat, "indicators.settle_agreement", agreement.guidance)
    form = SettleForm(request.POST or None, initial={"done_on": timezone.localdate()})
    if request.method == "POST" and form.perform(
        guiding.settle_agreement, agreement, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已登记完成情况。"))
        return redirect("indicators:guidance", agreement.guidance_id)
    context = {"unit": agreement.guidance.unit, "agreement": agreement, "form": form}
    return render(request, "indicators/agreement_settle.html", context)


def _unit(request, pk):
    unit = get_object_or_404(Organisation, pk=pk, kind__in=Organisation.RECOMMENDING)
    if not can(request.hat, "indicators.see_union", unit):
        raise Http404
    return unit


def _guidance(request, pk):
    rows = Guidance.objects.visible_to(request.hat).select_related("unit", "host", "recorded_by__user")
    return get_object_or_404(rows.prefetch_related("agreements__settled_by__user"), pk=pk)


def _years():
    return list(range(timezone.localdate().year, FIRST - 1, -1))


def _year(request):
    asked = request.GET.get("year", "")
    years = _years()
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else years[0]
