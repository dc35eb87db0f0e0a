from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from nominations.folder import folder_of
from nominations.models import Enterprise, Evidence, Nomination
from nominations.reading import life_of, lines_of, sections_of
from nominations.services.declaring import may_edit, missing_of, open_return
from nominations.services.windows import is_window_open
from nominations.states import ENDINGS, State, StepKind
from nominations.views.editions import framed
from portal.models import AuditEntry, Role
from portal.permissions import can

CONTACT_READERS = (Role.OFFICE, Role.RECOMMENDER, Role.APPLICANT, Role.INSPECTOR, Role.AUDITOR)


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
            (_("统一社会信用代码"), nomination.enterprise.credit_code),
            (_("企业性质"), _(facts.nature) if facts.nature else ""),
            (_("所属行业"), " · ".join(part for part in (facts.industry, _key(facts)) if part)),
            (_("职工人数"), facts.employees),
            (_("所属区市"), facts.division_name),
        ],
        declared=_declared(facts, request.hat),
        folder=folder_of(nomination, list(evidence)),
        recommendation=getattr(nomination, "recommendation", None),
        back=back,
        missing=missing_of(nomination) if nomination.state == State.DRAFT else [],
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
    entries = AuditEntry.objects.filter(nomination_id__in=[row.pk for row in rows]).order_by("at", "pk")
    if request.hat.role not in (Role.OFFICE, Role.AUDITOR):
        entries = entries.filter(act__startswith="nominations.")
    by_nomination = {row.pk: [] for row in rows}
    for entry in entries:
        by_nomination[entry.nomination_id].append(entry)
    lives = [(row, lines_of(by_nomination[row.pk])) for row in rows]
    return render(request, "nominations/enterprise.html", {"enterprise": subject, "lives": lives})


def _acts(hat, nomination, back) -> dict[str, bool]:
    """Which buttons to show. The services decide again."""

    def may(move):
        return can(hat, f"nominations.{move}", nomination)

    editing = may("edit") and may_edit(nomination, hat) and _in_time(nomination, back)
    screening = nomination.edition.step(StepKind.SCREENING)
    at_recommender = nomination.state == State.RECOMMENDATION and is_window_open(nomination.edition)
    return {
        "edit": editing,
        "attach": editing or (hat.role == Role.OFFICE and nomination.state == State.SCREENING),
        "submit": editing and nomination.state == State.DRAFT,
        "recommend": at_recommender and may("recommend"),
        "send_back": may("send_back")
        and (
            at_recommender
            or (nomination.state == State.SCREENING and hat.role == Role.OFFICE and not screening.closed_at)
        ),
        "withdraw": may("withdraw") and nomination.state not in ENDINGS,
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


def _declared(facts, hat) -> list[tuple[str, object]]:
    words = {True: _("是"), False: _("否"), None: ""}
    rows = [
        (_("独立法人"), words[facts.independent]),
        (_("工会成立时间"), facts.union_founded_on),
        (_("工会会员数"), facts.union_members),
        (_("省部级以上认定"), "、".join(_(each) for each in facts.recognitions)),
        (_("一线职工教育经费占比（%）"), facts.frontline_share),
    ]
    if hat.role in CONTACT_READERS:
        rows += [(_("联系人"), facts.contact_name), (_("联系电话"), facts.contact_phone)]
    return [*rows, (_("备注"), facts.note)]
