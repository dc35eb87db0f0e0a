"""The letters before a visit: numbered, one to the enterprise and one to its union, kept as they went out."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from awards import documents
from awards.documents.visit_letters import letter_context, series
from awards.models import Inspection, IssuedPaper
from awards.services.routing import place_of, under_way, with_places
from nominations.models import Edition, Evidence
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.clauses import S1
from portal.errors import N_, Refused
from portal.models import AuditEntry, Membership, Organisation
from portal.permissions import require

ENTERPRISE, UNION = "visit_letter", "union_letter"
KINDS = {ENTERPRISE: "企业", UNION: "工会"}
MOST_PAPERS = 12


@dataclass
class Letters:
    """The letters of one visit: those in force, whether the visit has changed since, what is missing."""

    visit: Inspection
    papers: list[IssuedPaper]
    changed: bool
    lacks: str

    @property
    def due(self) -> bool:
        """Whether letters can and should be issued for it now."""
        return not self.visit.verdict and not self.lacks and (not self.papers or self.changed)


def letters_of(edition: Edition) -> list[Letters]:
    """Every planned visit of an edition with its letters, by day: a handful of queries."""
    visits = list(
        with_places(under_way(Inspection.objects.filter(nomination__edition=edition)))
        .select_related("nomination__edition__host")
        .order_by("planned_on", "team__number", "route", "nomination__subject_key")
    )
    papers: dict[int, list[IssuedPaper]] = {visit.pk: [] for visit in visits}
    here = IssuedPaper.objects.filter(inspection__in=papers, kind__in=KINDS, voided_at__isnull=True).order_by(
        "-kind"
    )
    for paper in here:
        papers[paper.inspection_id].append(paper)
    changed = _changed(list(papers))
    return [
        Letters(
            visit,
            papers[visit.pk],
            any(changed.get(str(visit.pk), paper.issued_at) > paper.issued_at for paper in papers[visit.pk]),
            _lacking(visit),
        )
        for visit in visits
    ]


def _changed(visits: list[int]) -> dict[str, datetime]:
    """When each visit was last given to somebody: the record knows."""
    entries = AuditEntry.objects.filter(
        act="awards.assign_team",
        subject_type=Inspection._meta.label_lower,
        subject_id__in=[str(each) for each in visits],
    ).order_by("at")
    return dict(entries.values_list("subject_id", "at"))


def _lacking(visit: Inspection) -> str:
    if not visit.team_id or not visit.leader_name or not visit.member_names:
        return N_("还没有安排好考察组")
    if not visit.planned_on:
        return N_("还没有定日期")
    return ""


@transaction.atomic
def issue_letters(
    edition: Edition, *, visits: list[int] | None = None, by: Membership, now: datetime
) -> list[IssuedPaper]:
    """Letters for every visit that has a team and a day and none in force; of the visits named, else of all.

    Letters of a visit that was changed since are voided and made anew under new numbers.
    """
    require(by, "awards.issue_paper", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    # One series for the host, whatever edition.
    Organisation.objects.select_for_update(no_key=True).get(pk=edition.host_id)
    due = [each for each in letters_of(edition) if each.due and (visits is None or each.visit.pk in visits)]
    if not due:
        raise Refused("没有需要制发的考察通知：请先安排考察组和日期；已经制发且没有变动的不再制发。")
    year = timezone.localdate(now).year
    number = _last_number(edition, year)
    issued = []
    for each in due:
        for paper in each.papers:
            paper.voided_at, paper.void_reason = now, "考察安排有变动，重新制发"
            paper.save(update_fields=["voided_at", "void_reason"])
        for kind in KINDS:
            number += 1
            issued.append(_issue(each.visit, kind, f"{series(year)}{number}号", by, now))
    audit.record(
        "awards.issue_paper",
        edition,
        by=by,
        now=now,
        papers=[[paper.kind, paper.number, paper.sha256] for paper in issued],
        voided=[paper.number for each in due for paper in each.papers],
    )
    return issued


def _last_number(edition: Edition, year: int) -> int:
    stem, tail = series(year), "号"
    numbers = IssuedPaper.objects.filter(
        edition__host=edition.host_id, kind__in=KINDS, number__startswith=stem
    ).values_list("number", flat=True)
    return max((int(each.removeprefix(stem).removesuffix(tail)) for each in numbers), default=0)


def _issue(visit: Inspection, kind: str, number: str, by, now) -> IssuedPaper:
    edition = visit.nomination.edition
    slot = visit.get_slot_display() if visit.slot else ""
    context = letter_context(
        visit,
        number=number,
        basis=S1,
        when=f"{documents.day_text(visit.planned_on)}{slot}",
        place=place_of(visit),
        papers=_papers(visit, kind),
        issued=timezone.localdate(now),
    )
    data = documents.compose(edition.host, kind, context)
    paper = IssuedPaper(
        edition=edition,
        kind=kind,
        number=number,
        inspection=visit,
        sha256=hashlib.sha256(data).hexdigest(),
        issued_at=now,
        issued_by=by,
    )
    paper.file.save(f"{kind}.docx", ContentFile(data), save=False)
    paper.save()
    return paper


def _papers(visit: Inspection, kind: str) -> list[str]:
    """What originals are asked for: what was handed in, of the union its own."""
    kinds = (Evidence.Kind.UNION, Evidence.Kind.CONGRESS)
    handed_in = visit.nomination.evidence.current().exclude(kind=Evidence.Kind.PHOTO).order_by("pk")
    chosen = handed_in.filter(kind__in=kinds) if kind == UNION else handed_in.exclude(kind__in=kinds)
    return list(dict.fromkeys(each.title or each.get_kind_display() for each in chosen))[:MOST_PAPERS]


def file_name(paper: IssuedPaper) -> str:
    return f"考察通知（{KINDS[paper.kind]}）{paper.inspection.nomination.subject_name}.docx"


def export_letters(edition: Edition, *, by: Membership) -> bytes:
    """A zip of every letter in force, in the order of their numbers."""
    require(by, "awards.issue_paper", edition)
    papers = (
        IssuedPaper.objects.filter(edition=edition, kind__in=KINDS, voided_at__isnull=True)
        .select_related("inspection__nomination")
        .order_by("pk")
    )
    if not papers:
        raise Refused("还没有制发考察通知。")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for position, paper in enumerate(papers, start=1):
            with paper.file.open("rb") as stored:
                bundle.writestr(f"{position:03d} {_safe(file_name(paper))}", stored.read())
    return out.getvalue()


def _safe(name: str) -> str:
    """A name in a bundle stays in its folder."""
    return "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in name)
