"""The working days of each year, as the office enters them from the published arrangement."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.calendar import confirm_year, set_year
from portal.forms import CalendarForm, ServiceForm
from portal.models import CalendarYear
from portal.permissions import require


def calendar(request):
    require(request.hat, "portal.manage_calendar")
    years = list(CalendarYear.objects.order_by("-year"))
    known = {each.year for each in years}
    this_year = timezone.localdate().year
    missing = [year for year in (this_year, this_year + 1) if year not in known]
    return render(request, "portal/calendar.html", {"years": years, "missing": missing})


def calendar_year(request, year=None):
    """Enter a year, or correct one."""
    require(request.hat, "portal.manage_calendar")
    row = get_object_or_404(CalendarYear, pk=year) if year else None
    form = CalendarForm(request.POST or None, initial=CalendarForm.initial_of(row, request.GET.get("year")))
    if row:
        form.fix_year(row.year)
    if request.method == "POST" and form.perform(set_year, by=request.hat, now=timezone.now()):
        messages.success(request, _("{year} 年的工作日历已保存。").format(year=form.result.year))
        return redirect("portal:calendar")
    return render(request, "portal/calendar_year.html", {"form": form, "row": row})


def calendar_confirm(request, year):
    """A provisional year is as published: say so, once."""
    require(request.hat, "portal.manage_calendar")
    row = get_object_or_404(CalendarYear, pk=year)
    # A form without fields: bound whenever it was posted, whatever was posted with it.
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(confirm_year, row.year, by=request.hat, now=timezone.now()):
        messages.success(request, _("{year} 年的放假安排已确认。").format(year=row.year))
        return redirect("portal:calendar")
    return render(request, "portal/calendar_confirm.html", {"form": form, "row": row})
