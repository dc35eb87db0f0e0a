from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.desk import Chip, days_left, heads
from nominations.models import Nomination, Return
from nominations.reading import state_counts
from nominations.services.quotas import quota_lines
from nominations.services.windows import recommenders
from nominations.states import State, StepKind
from nominations.views.editions import found, framed
from portal.models import Role

PAGE = 50
SORTS = {
    "rank": ("recommender__position", "recommender__code", "rank", "pk"),
    "name": ("subject_name", "pk"),
    "state": ("state", "recommender__position", "rank", "pk"),
}


def desk(request, pk):
    """① 推荐: the recommender's own list, the office's by union."""
    edition = found(request, pk)
    hat, now = request.hat, timezone.now()
    mine = Nomination.objects.visible_to(hat).filter(edition=edition)
    counts = state_counts(mine)
    returned = Return.objects.filter(nomination=OuterRef("pk"), mended_at__isnull=True)
    rows = mine.annotate(returned=Exists(returned)).select_related("enterprise", "recommender", "declaration")
    query, state, unit = (request.GET.get(name, "").strip() for name in ("q", "state", "unit"))
    if query:
        rows = rows.filter(Q(subject_name__icontains=query) | Q(enterprise__credit_code__icontains=query))
    if state in State.values:
        rows = rows.filter(state=state)
    if unit.isdecimal():
        rows = rows.filter(recommender=int(unit))
    sort = request.GET.get("sort", "rank")
    order = SORTS.get(sort, SORTS["rank"])
    page = Paginator(rows.order_by("-returned", *order), PAGE).get_page(request.GET.get("page"))
    _tell_returns(page)
    step = edition.step(StepKind.RECOMMENDATION)
    is_open = step.enabled and not step.closed_at
    context = framed(
        request,
        edition,
        page=page,
        step=step,
        is_open=is_open,
        days=days_left(step.closes, now) if is_open else None,
        line=quota_lines(edition, hat.organisation)[0] if hat.role == Role.RECOMMENDER else None,
        lines=quota_lines(edition) if hat.role in (Role.OFFICE, Role.AUDITOR) else [],
        unit=recommenders(edition).filter(pk=int(unit)).first() if unit.isdecimal() else None,
        chips=[
            Chip.of(request, _("全部"), "", sum(n for _state, n in counts)),
            *(Chip.of(request, State(each).label, each, n) for each, n in counts),
        ],
        keep=[(name, value) for name, value in (("state", state), ("unit", unit), ("sort", sort)) if value],
        heads=heads(request, sort),
        q=query,
        total=_("共 {n} 家").format(n=page.paginator.count),
        picking=hat.role in (Role.RECOMMENDER, Role.OFFICE) and is_open,
    )
    return render(request, "nominations/desk.html", context)


def _tell_returns(page) -> None:
    """Give each row the return it still has to answer, in one query."""
    rows = Return.objects.filter(nomination__in=[row.pk for row in page], mended_at__isnull=True)
    by_nomination = {row.nomination_id: row for row in rows}
    for row in page:
        row.back = by_nomination.get(row.pk)
