"""The grants side by side: of an edition for its office and the auditor, or all those one has to do with."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.models import Grant, Use
from awards.services import grant_board
from awards.views.framing import edition_of, framed
from awards.views.grants import bars

PAGE = 50


@dataclass(frozen=True)
class Chip:
    label: str
    url: str
    on: bool
    count: int | str = ""


def edition_grants(request, pk):
    edition = edition_of(request, pk)
    rows = Grant.objects.filter(honour__nomination__edition=edition)
    return _board(request, rows, lambda **context: framed(request, edition, **context))


def grants(request):
    return _board(request, Grant.objects.visible_to(request.hat), lambda **context: context)


def _board(request, rows, frame):
    all_ = grant_board.with_figures(rows, timezone.localdate())
    figures = grant_board.counted(all_)
    only = request.GET.get("only", "")
    shown = all_.filter(grant_board.ONLY[only]) if only in grant_board.ONLY else all_
    query = request.GET.get("q", "").strip()
    if query:
        shown = shown.filter(
            Q(honour__subject_name__icontains=query) | Q(honour__enterprise__name__icontains=query)
        )
    shown = shown.select_related("honour__enterprise", "honour__nomination__recommender").order_by(
        "-honour__year", "honour__number"
    )
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "figures": figures,
        "uses": bars((Use(use).label, planned, spent) for use, planned, spent in grant_board.by_use(rows)),
        "chips": _chips(only, figures),
        "kept": [("only", only)] if only else [],
        "q": query,
    }
    return render(request, "awards/grants.html", frame(**context))


def _chips(only, figures):
    words = {
        "": _("全部"),
        "unpaid": _("没有拨完"),
        "plan": _("计划待审核"),
        "review": _("报告待审核"),
        "late": _("报告逾期"),
        "left": _("有余额"),
        "closed": _("已结清"),
    }
    count = {"": figures["total"], **{name: figures[f"n_{name}"] for name in grant_board.ONLY}}
    return [
        Chip(word, f"?only={key}" if key else "?", key == only, count[key]) for key, word in words.items()
    ]
