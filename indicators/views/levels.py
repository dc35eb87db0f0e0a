import io

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from awards.models import Honour
from awards.services.path import paths_of
from indicators.services import levels as seen
from indicators.services.tables import write_levels
from nominations.models import Category
from portal.models import Organisation
from portal.permissions import require
from portal.workbook.writing import attachment

FIRST = 2020
ALL = "all"


def levels(request):
    """What each district, the city and all of them name a year, beside what it should be."""
    host, category, year = _asked(request)
    this_year = timezone.localdate().year
    board = seen.levels_of(host, category, year=year, this_year=this_year, hat=request.hat)
    context = {
        "board": board,
        "categories": _chips(host, category, year),
        "years": list(range(this_year, min(FIRST, board.first) - 1, -1)),
        "city": board.city.in_year(year),
        "everyone": board.everyone.in_year(year),
        "keep": f"category={category.code if category else ALL}",
    }
    return render(request, "indicators/levels.html", context)


def levels_export(request):
    host, category, year = _asked(request)
    board = seen.levels_of(host, category, year=year, this_year=timezone.localdate().year, hat=request.hat)
    out = io.BytesIO()
    write_levels(board, out, by=request.hat)
    return attachment(f"三级命名{year}年.xlsx", out.getvalue())


def level_honours(request):
    """The namings a figure of the board counts, each with the way of its enterprise."""
    host, category, year = _asked(request, every_year=True)
    level, scope = request.GET.get("level", ""), request.GET.get("unit", "")
    if level not in ("", *Honour.Level.values):
        raise Http404
    unit = _unit(host, scope)
    went_on = bool(request.GET.get("went_on"))
    rows = seen.honours_of(
        host, category=category, year=year, level=level, scope=unit or scope, went_on=went_on
    )
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    paths = paths_of({row.enterprise_id: row.enterprise for row in page}.values(), hat=request.hat)
    context = {
        "page": page,
        "rows": [(row, paths[row.enterprise_id]) for row in page],
        "heading": _heading(category, year, level, unit, scope, went_on),
        "total": _total(category, page.paginator.count),
        "mixed": category is None,
        "back": reverse("indicators:levels")
        + "?"
        + urlencode({"category": category.code if category else ALL} | ({"year": year} if year else {})),
    }
    return render(request, "indicators/levels_honours.html", context)


def _total(category, number):
    whole = category is not None and category.subject == Category.Subject.ENTERPRISE
    return (_("共 {n} 家次") if whole else _("共 {n} 项")).format(n=number)


def _asked(request, *, every_year=False):
    """The city, the category and the year asked for; the category with targets and this year by default."""
    require(request.hat, "indicators.see")
    host = get_object_or_404(Organisation, kind=Organisation.Kind.CITY, code="city")
    code = request.GET.get("category", "")
    if code == ALL:
        category = None
    elif code:
        category = get_object_or_404(Category, code=code)
    else:
        category = next(iter(seen.categories_of(host)), None)
    asked = request.GET.get("year", "")
    this_year = timezone.localdate().year
    known = asked.isascii() and asked.isdigit() and 1900 < int(asked) <= this_year
    return host, category, int(asked) if known else None if every_year else this_year


def _unit(host, scope):
    if scope in ("", seen.OTHERS):
        return None
    if not (scope.isascii() and scope.isdigit()):
        raise Http404
    return get_object_or_404(Organisation, pk=int(scope), parent=host)


def _chips(host, category, year):
    chips = [(each.name, each.code, each == category) for each in seen.categories_of(host)]
    chips.append((_("全部类别"), ALL, category is None))
    return [
        {"label": name, "url": "?" + urlencode({"category": code, "year": year}), "on": on}
        for name, code, on in chips
    ]


def _heading(category, year, level, unit, scope, went_on):
    """What the list is of, in words."""
    parts = [unit.name if unit else _("区市以外的单位") if scope else ""]
    parts.append(_("{year} 年").format(year=year) if year else "")
    parts.append(str(Honour.Level(level).label) if level else _("各级"))
    parts.append(category.name if category else _("全部类别"))
    parts.append(_("其中获市级命名的") if went_on else "")
    return " · ".join(part for part in parts if part)
