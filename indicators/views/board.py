import io

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from indicators.models import Indicator, System, Value
from indicators.services import board as boards
from indicators.services.tables import COURSES, write_board
from portal.permissions import require
from portal.workbook.writing import attachment

ICONS = {
    "reached": ("check-circle", "ok"),
    "on": ("arrow-up-right-circle", "info"),
    "behind": ("exclamation-circle", "bad"),
    "partial": ("hourglass-split", "warn"),
    "silent": ("dash-circle", "calm"),
    "open": ("circle", "calm"),
}


def systems(request):
    """Every system of indicators: one's own city's first, others to compare with."""
    require(request.hat, "indicators.see")
    rows = System.objects.visible_to(request.hat).select_related("host").prefetch_related("indicators")
    return render(request, "indicators/systems.html", {"rows": rows})


def board(request, pk):
    system, year, years = _asked(request, pk)
    found = boards.board_of(system, year, timezone.localdate().year)
    context = {
        "system": system,
        "board": found,
        "year": year,
        "years": years,
        "counts": [(*_sign(course), number) for course, number in found.counts.items() if number],
        "signs": {course.value: _sign(course) for course in COURSES},
        "rounds": system.rounds.all(),
        "asks": any(not line.indicator.fill for line in found.lines),
        "marks": sorted({year for line in found.lines for year in (*line.targets, system.base_year) if year}),
    }
    return render(request, "indicators/board.html", context)


def board_export(request, pk):
    system, year, _years = _asked(request, pk)
    out = io.BytesIO()
    write_board(boards.board_of(system, year, timezone.localdate().year), out, by=request.hat)
    return attachment(f"{system.name}{year}年进度.xlsx", out.getvalue())


def indicator(request, pk):
    """One indicator: its years beside its targets, who reported what, and every correction."""
    require(request.hat, "indicators.see")
    found = get_object_or_404(
        Indicator.objects.filter(system__in=System.objects.visible_to(request.hat)).select_related(
            "system__host"
        ),
        pk=pk,
    )
    this_year = timezone.localdate().year
    year = _year(request, boards.years_of(found.system, this_year))
    line = boards.line_of(found, year, this_year)
    values = Value.objects.filter(indicator=found).select_related(
        "round", "organisation", "reported_by__user", "corrects"
    )
    context = {
        "system": found.system,
        "indicator": found,
        "line": line,
        "year": year,
        "sign": _sign(line.standing.course),
        "signs": {course.value: _sign(course) for course in COURSES},
        "current": values.current().order_by("-round__year", "organisation__position"),
        "corrected": values.filter(corrects__isnull=False).order_by("-pk"),
        "reporters": found.reporters.select_related("organisation"),
    }
    return render(request, "indicators/indicator.html", context)


def _asked(request, pk):
    require(request.hat, "indicators.see")
    system = get_object_or_404(System.objects.visible_to(request.hat).select_related("host"), pk=pk)
    years = boards.years_of(system, timezone.localdate().year)
    return system, _year(request, years), years


def _year(request, years):
    """The year asked for, where there is one; else this year, or the last before it."""
    asked = request.GET.get("year", "")
    this_year = timezone.localdate().year
    if asked.isascii() and asked.isdigit() and int(asked) in years:
        return int(asked)
    past = [each for each in years if each <= this_year]
    return max(past) if past else (min(years) if years else this_year)


def _sign(course):
    return (COURSES[course], *ICONS[course.value])
