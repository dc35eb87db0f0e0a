from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.changes import mendings
from nominations.days import due, period_words
from nominations.declaration import shape_of
from nominations.folder import folder_of
from nominations.models import Enterprise, Evidence, Nomination
from nominations.reading import declared_sections, gaps_of, life_of, lines_of, sections_of
from nominations.services.completeness import missing_of
from nominations.services.declaring import may_edit, open_return, why_not_withdrawn
from nominations.services.windows import is_window_open
from nominations.states import ENDINGS, State, StepKind
from nominations.subjects import beside
from nominations.views.editions import framed
from portal.calendar import published
from portal.models import AuditEntry, Role
from portal.permissions import can
from portal.templatetags.portal import cndate

#: What was asked to be mended is between those who declare and those who look it through.
RETURN_READERS = (Role.OFFICE, Role.RECOMMENDER, Role.APPLICANT, Role.AUDITOR)


def nomination_of(request, pk) -> Nomination:
    """The nomination, where this hat may find it."""
    mine = Nomination.objects.visible_to(request.hat).select_related(
        "edition__host", "edition__category", "edition__poll", "enterprise", "recommender", "declaration"
    )
    return get_object_or_404(mine.prefetch_related("edition__steps"), pk=pk)


def record(request, pk):
    """One nomination: what it is, what was declared and said of it, what became of it."""
    nomination = nomination_of(request, pk)
    facts = nomination.declaration
    back = open_return(nomination)
    evidence = Evidence.objects.visible_to(request.hat).filter(nomination=nomination)
    evidence = evidence.select_related("uploaded_by__user", "voided_by__user")
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        facts=[
            (_("推荐单位"), _recommended_by(nomination)),
            *([(_("所在企业"), whose)] if (whose := beside(nomination)) else []),
            (_("统一社会信用代码"), nomination.enterprise.credit_code),
            (_("企业性质"), _(facts.nature) if facts.nature else ""),
            (_("所属行业"), " · ".join(part for part in (facts.industry, _key(facts)) if part)),
            (_("职工人数"), facts.employees),
            (_("所属区市"), facts.division_name),
        ],
        declared=declared_sections(nomination, request.hat, notes=_notes(request.hat, back)),
        folder=folder_of(nomination, list(evidence)),
        recommendation=getattr(nomination, "recommendation", None),
        shown=_shown(nomination),
        back=back,
        due=due(back.deadline, timezone.localdate(timezone.now()), published()) if back else None,
        mendings=mendings(nomination) if request.hat.role in RETURN_READERS else [],
        missing=gaps_of(nomination, missing_of(nomination)) if nomination.state == State.DRAFT else [],
        acts=_acts(request.hat, nomination, back),
        entries=life_of(nomination, request.hat),
        sections=sections_of(nomination, request.hat, request),
    )
    return render(request, "nominations/nomination.html", context)


def enterprise(request, pk):
    """One enterprise through all the years, from the first line of the record to the last."""
    subject = get_object_or_404(Enterprise.objects.visible_to(request.hat), pk=pk)
    rows = list(
        Nomination.objects.visible_to(request.hat)
        .filter(enterprise=subject)
        .select_related("edition__host", "recommender")
        .order_by("created_at", "pk")
    )
    entries = AuditEntry.objects.open_to(request.hat).filter(nomination_id__in=[row.pk for row in rows])
    entries = entries.order_by("at", "pk")
    if request.hat.role not in (Role.OFFICE, Role.AUDITOR):
        entries = entries.filter(act__startswith="nominations.")
    by_nomination = {row.pk: [] for row in rows}
    for entry in entries:
        by_nomination[entry.nomination_id].append(entry)
    lives = [(row, lines_of(by_nomination[row.pk], shape_of(row.edition))) for row in rows]
    return render(request, "nominations/enterprise.html", {"enterprise": subject, "lives": lives})


def _shown(nomination) -> str:
    """How long the recommender showed its list, in words; "" where it said nothing of it."""
    said = getattr(nomination, "recommendation", None)
    if said is None or said.publicity_from is None:
        return ""
    return _("{start} 至 {end}，{days}").format(
        start=cndate(said.publicity_from),
        end=cndate(said.publicity_to),
        days=period_words(said.publicity_from, said.publicity_to, published()),
    )


def _acts(hat, nomination, back) -> dict[str, bool]:
    """Which buttons to show. The services decide again."""

    def may(move):
        return can(hat, f"nominations.{move}", nomination)

    editing = may("edit") and may_edit(nomination, hat) and _in_time(nomination, back)
    screening = nomination.edition.step(StepKind.SCREENING)
    at_recommender = nomination.state == State.RECOMMENDATION and is_window_open(nomination.edition)
    return {
        "edit": editing,
        "attach": editing
        or (hat.role == Role.OFFICE and nomination.state == State.SCREENING and not screening.closed_at),
        "submit": editing and nomination.state == State.DRAFT,
        "recommend": at_recommender and may("recommend"),
        "send_back": may("send_back")
        and (
            at_recommender
            or (nomination.state == State.SCREENING and hat.role == Role.OFFICE and not screening.closed_at)
        ),
        "withdraw": may("withdraw")
        and nomination.state not in ENDINGS
        and not why_not_withdrawn(nomination, hat),
    }


def _in_time(nomination, back) -> bool:
    if back is not None and back.from_state == State.SCREENING:
        return not nomination.edition.step(StepKind.SCREENING).closed_at
    return is_window_open(nomination.edition)


def _recommended_by(nomination) -> str:
    if nomination.rank is None:
        return nomination.recommender.name
    return _("{unit} · 第 {rank} 位").format(unit=nomination.recommender.name, rank=nomination.rank)


def _key(facts) -> str:
    return _(facts.key_industry) if facts.key_industry else ""


def _notes(hat, back) -> dict[str, str]:
    return back.notes if back is not None and hat.role in RETURN_READERS else {}
