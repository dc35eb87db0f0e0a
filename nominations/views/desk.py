from django.core.paginator import Paginator
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.days import due
from nominations.desk import Chip, heads
from nominations.folder import RECOMMENDERS_OWN
from nominations.models import Nomination, Return
from nominations.reading import state_counts
from nominations.services.completeness import EVIDENCE, missing_of_all
from nominations.services.quotas import quota_lines
from nominations.services.windows import recommenders
from nominations.states import State, StepKind
from nominations.subjects import is_enterprise, measured
from nominations.views.editions import found, framed
from portal.calendar import published
from portal.models import Role

PAGE = 50
BY_UNION = (Role.OFFICE, Role.AUDITOR)
#: Returned first, then what waits for the recommender's review, then what enterprises still write.
WORK = Case(
    When(returned=True, then=Value(0)),
    When(state=State.RECOMMENDATION, then=Value(1)),
    When(state=State.DRAFT, then=Value(2)),
    default=Value(3),
)
UNION = ("recommender__position", "recommender__code")
SORTS = {
    "rank": (*UNION, "rank", "pk"),
    "name": ("subject_name", "pk"),
    "state": ("state", *UNION, "rank", "pk"),
}
RETURNED, LATE = "returned", "late"


def desk(request, pk):
    """① 推荐: the recommender's own list in the order of its work, the office's by union."""
    edition = found(request, pk)
    hat, now = request.hat, timezone.now()
    today, calendar = timezone.localdate(now), published()
    is_ours = hat.role in BY_UNION
    query, state, unit, sort = (request.GET.get(name, "").strip() for name in ("q", "state", "unit", "sort"))
    mine = Nomination.objects.visible_to(hat).filter(edition=edition)
    if unit.isdecimal():
        mine = mine.filter(recommender=int(unit))
    open_returns = Return.objects.filter(nomination=OuterRef("pk"), mended_at__isnull=True)
    late = open_returns.filter(deadline__lt=today)
    mine = mine.annotate(returned=Exists(open_returns), late=Exists(late))
    rows = mine.annotate(work=WORK).select_related("enterprise", "recommender", "declaration")
    if query:
        said = Q(subject_name__icontains=query) | Q(enterprise__credit_code__icontains=query)
        if not is_enterprise(edition):
            said |= Q(enterprise__name__icontains=query)
        rows = rows.filter(said)
    if state in State.values:
        rows = rows.filter(state=state)
    elif state in (RETURNED, LATE):
        rows = rows.filter(**{state: True})
    order = SORTS.get(sort) or (*(UNION if is_ours else ()), "work", "rank", "pk")
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    _tell(page, edition, today, calendar)
    step = edition.step(StepKind.RECOMMENDATION)
    is_open = step.enabled and not step.closed_at
    closes = timezone.localdate(step.closes) if step.closes else None
    context = framed(
        request,
        edition,
        page=page,
        step=step,
        is_open=is_open,
        due=due(closes, today, calendar) if is_open and closes else None,
        is_past=bool(step.closes and now >= step.closes),
        line=quota_lines(edition, hat.organisation)[0] if hat.role == Role.RECOMMENDER else None,
        lines=quota_lines(edition) if is_ours else [],
        grouped=is_ours and sort not in SORTS and not unit,
        unit=recommenders(edition).filter(pk=int(unit)).first() if unit.isdecimal() else None,
        chips=_chips(request, mine),
        keep=[(name, value) for name, value in (("state", state), ("unit", unit), ("sort", sort)) if value],
        heads=heads(request, sort, str(edition.category.get_subject_display())),
        q=query,
        total=_("共 {words}").format(words=measured(edition, page.paginator.count)),
        picking=hat.role in (Role.RECOMMENDER, Role.OFFICE) and is_open,
    )
    return render(request, "nominations/desk.html", context)


def _chips(request, mine) -> list[Chip]:
    counts = state_counts(mine)
    more = {name: mine.order_by().filter(**{name: True}).count() for name in (RETURNED, LATE)}
    return [
        Chip.of(request, _("全部"), "", sum(n for _state, n in counts)),
        *(
            Chip.of(request, label, name, more[name])
            for name, label in ((RETURNED, _("退回待补正")), (LATE, _("逾期")))
            if more[name] or request.GET.get("state") == name
        ),
        *(Chip.of(request, State(each).label, each, n) for each, n in counts),
    ]


def _tell(page, edition, today, calendar) -> None:
    """Give each row the return it still has to answer and what it lacks, with a fixed number of queries."""
    rows = list(page)
    backs = {
        back.nomination_id: back
        for back in Return.objects.filter(nomination__in=[row.pk for row in rows], mended_at__isnull=True)
    }
    for row in rows:
        row.edition = edition
    own = {f"{EVIDENCE}{kind}" for kind in RECOMMENDERS_OWN}
    lacking = missing_of_all(row for row in rows if row.state in (State.DRAFT, State.RECOMMENDATION))
    for row in rows:
        row.back = backs.get(row.pk)
        row.due = due(row.back.deadline, today, calendar) if row.back else None
        row.lacks = None
        if row.pk in lacking:
            row.lacks = [_(each.title) for each in lacking[row.pk] if each.field not in own]
