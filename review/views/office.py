"""资格审查: the office's board, and who is asked what. A department is sent to its own list."""

from functools import cache
from types import SimpleNamespace

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.models import Role
from portal.permissions import require
from review import rules, services
from review.forms.screening import ConsultForm, consulted
from review.services import judging, standing
from review.views import departments
from review.views.finding import find_edition, framed

#: What needs the office first: its chips in the order of the rows.
FILTERS = {
    "": lambda row, today: True,
    "refused": lambda row, today: row.problem > 0,
    "unsent": lambda row, today: row.asked is None,
    "late": lambda row, today: row.late(today) > 0,
    "unable": lambda row, today: row.unable > 0,
    "missing": lambda row, today: row.open > 0,
    "clear": lambda row, today: row.clear,
}
PAGE = 50


def screening(request, pk):
    """The board of the office and the auditor; for a department, its own list and nothing else."""
    edition = find_edition(request, pk)
    if request.hat.role == Role.DEPARTMENT:
        return departments.answer_list(request, edition)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    today = localdate(now)
    questions = judging.questions_of(edition)
    show, query = request.GET.get("show", ""), request.GET.get("q", "").strip()
    show = show if show in FILTERS else ""
    rows = standing.rows_of(edition, len(questions), today=today)
    found = standing.rows_of(edition, len(questions), today=today, words=query) if query else rows
    shown = sorted((row for row in found if FILTERS[show](row, today)), key=lambda row: _need(row, today))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = framed(
        request,
        edition,
        questions=questions,
        heads=_heads(edition, questions, today),
        rows=rows,
        page=page,
        lines=_lines(edition, page, questions, now),
        chips=_chips(rows, show, query, today),
        q=query,
        keep=[("show", show)] if show else [],
        figures=SimpleNamespace(
            clear=sum(row.clear for row in rows),
            problem=sum(row.problem > 0 for row in rows),
            open=sum(row.open for row in rows),
            unsent=sum(row.asked is None for row in rows),
            late=sum(1 for row in rows if row.late(today)),
        ),
        open_step=not edition.step("screening").closed_at,
    )
    return render(request, "review/screening.html", context)


def _need(row, today) -> int:
    """The first chip that holds a row is its place; those that stand well come last."""
    order = [name for name in FILTERS if name]
    return next((n for n, name in enumerate(order) if FILTERS[name](row, today)), len(order))


def _lines(edition, page, questions, now):
    """The rows of the page: judged, with a cell a question."""
    ids = [row.nomination for row in page]
    known = edition.nominations.select_related("enterprise", "recommender", "declaration").in_bulk(ids)
    nominations = [known[pk] for pk in ids]
    cells = {
        (each.nomination, each.question.pk): each
        for each in standing.cells_of(edition, questions, today=localdate(now), nominations=ids)
    }
    labels = [(each, f"{each.department.short_name}：{_(each.title_of_item)}") for each in questions]
    mark = _marks()
    return [
        SimpleNamespace(
            case=case,
            cells=[(label, mark(cells.get((case.nomination.pk, each.pk)))) for each, label in labels],
        )
        for case in judging.judge(edition, nominations, questions, now=now)
    ]


def _marks():
    """The mark of a cell; there are few different ones, and hundreds of cells on a page."""

    @cache
    def drawn(kind: str, days: int):
        return render_to_string("review/mark.html", {"kind": kind, "days": days})

    return lambda cell: (
        drawn(cell.kind, cell.days if cell.kind == "late" else 0) if cell else drawn("unsent", 0)
    )


def _heads(edition, questions, today):
    """Each question: answered of asked, by when, and how many are late."""
    lines = [each for each in standing.progress([edition], today=today) if each.batch.kind == "screening"]
    heads = []
    for question in questions:
        mine = [each for each in lines if each.question.pk == question.pk]
        late = [each for each in mine if each.late(today)]
        dues = sorted(each.batch.due_on for each in mine if each.left and each.batch.due_on)
        heads.append(
            SimpleNamespace(
                question=question,
                done=sum(each.done for each in mine),
                of=sum(each.there for each in mine),
                due_on=dues[0] if dues else None,
                late=max((each.late(today) for each in late), default=0),
            )
        )
    return heads


def _chips(rows, show, query, today):
    labels = {
        "": _("全部"),
        "unsent": _("未送出"),
        "missing": _("有未答复"),
        "late": _("有逾期"),
        "refused": _("有问题"),
        "unable": _("无法核查"),
        "clear": _("均无异议"),
    }
    counts = {key: sum(1 for row in rows if FILTERS[key](row, today)) for key in labels}
    return [
        SimpleNamespace(
            label=label,
            on=key == show,
            count=counts[key],
            url="?" + urlencode({name: value for name, value in (("show", key), ("q", query)) if value}),
        )
        for key, label in labels.items()
        if key != "unsent" or counts[key]
    ]


def consult(request, pk):
    """Who is asked what."""
    edition = find_edition(request, pk)
    require(request.hat, "review.consult", edition)
    questions = list(edition.consultations.all())
    pairs = [(each.department_id, each.item) for each in questions] or [
        (department.pk, item) for department, item in services.default_questions()
    ]
    step = edition.step("screening")
    initial = {
        "questions": [f"{department}:{item}" for department, item in pairs],
        "due_on": next((each.due_on for each in questions), None)
        or (localdate(step.closes) if step.closes else None),
    }
    form = ConsultForm(request.POST or None, departments=list(consulted()), initial=initial)
    if request.method == "POST" and form.perform(_consult, edition, by=request.hat, now=timezone.now()):
        messages.success(request, _("征求意见的部门和核查项已确定。"))
        if services.unsent(edition).exists():
            return redirect("review:batches", edition.pk)
        return redirect("review:screening", edition.pk)
    return render(
        request,
        "review/consult.html",
        framed(request, edition, form=form, items=rules.ITEMS, first=not questions),
    )


def _consult(edition, *, questions, due_on, by, now):
    return services.consult(edition, questions, by=by, now=now, due_on=due_on, send=False)
