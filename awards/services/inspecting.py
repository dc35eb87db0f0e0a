"""差额考察 of an edition: visits planned, how far they are, the teams' summary taken over."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Case, Count, F, Value, When
from django.utils import timezone

from awards.models import Inspection, InspectionFile
from awards.services.board import LEFT
from awards.services.checklists import lay_lines
from awards.services.inspector_conflicts import barred_pairs, named_inspectors
from awards.services.team_places import names_of
from awards.services.visiting import record_inspection
from nominations import subjects
from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Role
from portal.permissions import require
from portal.sentences import Sentence
from portal.workbook import Column, Sheet, name_key, read, same_name

KEPT_FOR = timedelta(hours=1)


VERDICTS = {"合格": Inspection.Verdict.PASSED, "不合格": Inspection.Verdict.FAILED}


def columns_of(edition: Edition) -> list[Column]:
    """The teams' summary."""
    return [
        Column("序号", "number"),
        Column("统一社会信用代码", "credit_code", code=True, required=True),
        Column("企业名称", "name", required=True),
        *subjects.subject_columns(edition, required=True),
        Column("考察日期", "visited_on", "date", required=True),
        Column("考察组长", "leader", required=True, max_length=60),
        Column("考察成员", "members", required=True, max_length=200),
        Column("结论", "verdict", "choice", choices=tuple(VERDICTS), required=True),
        Column("问题", "problem", max_length=500),
    ]


@transaction.atomic
def plan_inspections(edition: Edition, *, by: Membership, now: datetime) -> list[Inspection]:
    """One visit for each shortlisted enterprise, its checklist built from the enterprise's own claims.

    Asking again plans only what is not planned yet.
    """
    require(by, "awards.plan_inspection", edition)
    require_open(edition, StepKind.INSPECTION)
    planned = []
    due = Nomination.objects.at(State.INSPECTION).filter(edition=edition, inspection__isnull=True)
    for nomination in due.select_related("declaration").select_for_update(of=("self",)).order_by("pk"):
        inspection = Inspection.objects.create(nomination=nomination)
        lay_lines(inspection)
        audit.record("awards.plan_inspection", inspection, by=by, now=now)
        planned.append(inspection)
    return planned


def visits_of(edition: Edition, hat: Membership):
    """The visits this hat may see: for an inspector the next day first, else in the order of the list."""
    visits = (
        Inspection.objects.visible_to(hat)
        .filter(nomination__edition=edition)
        .select_related("team", "nomination__enterprise", "nomination__shortlist_row")
        .annotate(photo_count=Count("photos", distinct=True))
    )
    if hat.role == Role.INSPECTOR:
        done = Case(When(verdict="", then=Value(0)), default=Value(1))
        return visits.order_by(done, F("planned_on").asc(nulls_last=True), "nomination__subject_key")
    return visits.order_by("nomination__shortlist_row__rank", "nomination__subject_key")


@dataclass(frozen=True)
class Figures:
    """How far the visits are: of `total`, how many have a verdict, no team, or a day that has passed.

    A visit to one that withdrew or was refused before it had a verdict is not among them.
    """

    total: int
    done: int
    passed: int
    without_team: int
    late: int


def figures_of(visits: list[Inspection], *, today: date) -> Figures:
    waiting = [visit for visit in visits if not visit.verdict and visit.nomination.state not in LEFT]
    done = sum(bool(visit.verdict) for visit in visits)
    return Figures(
        total=done + len(waiting),
        done=done,
        passed=sum(visit.verdict == Inspection.Verdict.PASSED for visit in visits),
        without_team=sum(not (visit.leader_name and visit.member_names) for visit in waiting),
        late=sum(bool(visit.planned_on) and visit.planned_on < today for visit in waiting),
    )


@dataclass
class InspectionPaper:
    """What a file would do: its rows on open visits, and the names of rows that concern no one here."""

    rows: list[tuple[Inspection, dict]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    notices: list[Sentence] = field(default_factory=list)
    sha256: str = ""


def read_inspections(edition: Edition, file, *, now: datetime) -> InspectionPaper:
    """Look the teams' summary through as the world is now.

    Every error is a row and a column; an enterprise on the list that the file leaves out is an error too.
    A row of an enterprise that is not on the list is left aside and named.
    """
    data = _bytes_of(file)
    heads = columns_of(edition)
    who = tuple(each.key for each in heads if each.key in ("credit_code", subjects.KEY))
    sheet = read(data, heads, unique=(who,))
    visits = {
        visit.nomination_id: visit
        for visit in Inspection.objects.filter(
            nomination__edition=edition, nomination__state=State.INSPECTION
        )
        .select_related("nomination__enterprise", "nomination__edition")
        .order_by("pk")
    }
    known = subjects.by_row(edition, [visit.nomination for visit in visits.values()])
    listed = set()
    named, away = named_inspectors(), barred_pairs(edition)
    paper = InspectionPaper(notices=sheet.notices, sha256=hashlib.sha256(data).hexdigest())
    for row in sheet.rows:
        nomination = known.get(subjects.row_key(edition, row["credit_code"], row.values.get(subjects.KEY)))
        if nomination is None:
            if row["credit_code"]:
                paper.beside.append(row.values.get(subjects.KEY) or row["name"] or row["credit_code"])
            continue
        visit = visits[nomination.pk]
        listed.add(nomination.pk)
        _check_row(sheet, row, visit, timezone.localdate(now))
        if visit.team_id:
            _check_team(sheet, row, visit)
        else:
            _check_barred(sheet, row, visit, named, away)
        paper.rows.append((visit, row.values))
    for pk, visit in visits.items():
        if pk not in listed and not visit.verdict:
            sheet.error(
                None, "credit_code", N_("缺少“{name}”的一行"), N_("请补上这家企业（{code}）的考察结论"),
                name=str(visit.nomination), code=visit.nomination.enterprise.credit_code,
            )  # fmt: skip
    sheet.finish()
    return paper


def _check_row(sheet: Sheet, row, visit: Inspection, today) -> None:
    name = subjects.cells_of(visit.nomination.edition, visit.nomination)["name"]
    if row["name"] and not same_name(row["name"], name):
        sheet.error(row, "name", N_("企业名称与信用代码不符"), N_("该代码是“{name}”"), name=name)
    if visit.verdict:
        sheet.error(
            row, None, N_("“{name}”的考察结论已经登记"), N_("请删除这一行"), name=str(visit.nomination)
        )
    if row["visited_on"] and row["visited_on"] > today:
        sheet.error(row, "visited_on", N_("考察日期晚于今天"), N_("请填写实际考察日期"))
    if row["leader"] and row["leader"] in names_of(row["members"] or ""):
        sheet.error(row, "members", N_("组长同时列为成员"), N_("请填写另一名成员"))
    if row["verdict"] == "不合格" and not row["problem"]:
        sheet.error(row, "problem", N_("结论为不合格，但没有写明问题"), N_("请写明发现的问题"))


def _check_team(sheet: Sheet, row, visit: Inspection) -> None:
    """A visit that was given to a team was made by those of it who were given it."""
    if row["leader"] and row["leader"] != visit.leader_name:
        sheet.error(
            row, "leader", N_("“{person}”不是这次考察的组长"),
            N_("这次考察的组长是“{name}”；确有变动的，请先改派或调整考察组"),
            person=row["leader"], name=visit.leader_name or "—",
        )  # fmt: skip
    expected = names_of(visit.member_names)
    strange = [name for name in names_of(row["members"] or "") if name not in expected]
    if strange:
        sheet.error(
            row, "members", N_("“{people}”不是这次考察的成员"),
            N_("这次考察的成员是“{names}”；确有变动的，请先改派或调整考察组"),
            people="、".join(strange), names="、".join(expected) or "—",
        )  # fmt: skip


def _check_barred(sheet: Sheet, row, visit: Inspection, named, away) -> None:
    """A visit nobody gave to a team was made by whom the file names."""
    for column, people in (("leader", [row["leader"] or ""]), ("members", names_of(row["members"] or ""))):
        for person in people:
            if any((user.pk, visit.nomination_id) in away for user in named.get(name_key(person), ())):
                sheet.error(
                    row, column, N_("“{person}”对这家企业须回避"),
                    N_("请核对实际考察人员；不是同一人或无须回避的，请先写明理由认定"), person=person,
                )  # fmt: skip


@transaction.atomic
def apply_inspections(
    edition: Edition, file, *, by: Membership, now: datetime, sha256: str = ""
) -> InspectionPaper:
    """Take over the teams' summary as a unit; visits nobody has planned yet are planned with it.

    The world is looked at again; `sha256` names the file that was looked through before.
    """
    require(by, "awards.plan_inspection", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    plan_inspections(edition, by=by, now=now)
    paper = read_inspections(edition, file, now=now)
    if sha256 and sha256 != paper.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if not paper.rows:
        raise Refused("文件中没有一家是正在考察的企业，没有可以登记的内容。")
    audit.record(
        "awards.apply_inspections", edition, by=by, now=now, sha256=paper.sha256, rows=len(paper.rows),
        beside=paper.beside,
    )  # fmt: skip
    for visit, values in sorted(paper.rows, key=lambda pair: pair[0].pk):
        if not visit.team_id:
            visit.leader_name, visit.member_names = values["leader"], values["members"]
            visit.save(update_fields=["leader_name", "member_names"])
        record_inspection(
            visit,
            visited_on=values["visited_on"],
            verdict=VERDICTS[values["verdict"]],
            problem=values["problem"] or "",
            leader_signature=values["leader"],
            member_signature=names_of(values["members"])[0],
            version=visit.version,
            by=by,
            now=now,
        )
    return paper


def keep_inspections(edition: Edition, *, file, by: Membership, now: datetime) -> InspectionFile:
    """Keep a readable file between preview and applying; what nobody applied in time goes."""
    require(by, "awards.plan_inspection", edition)
    require_open(edition, StepKind.INSPECTION)
    paper = read_inspections(edition, file, now=now)
    for old in InspectionFile.objects.filter(applied_at__isnull=True, uploaded_at__lt=now - KEPT_FOR):
        old.file.delete(save=False)
        old.delete()
    kept = InspectionFile(
        edition=edition, name=file.name[:200], sha256=paper.sha256, uploaded_at=now, uploaded_by=by
    )
    kept.file.save("paper.xlsx", ContentFile(_bytes_of(file)), save=False)
    kept.save()
    return kept


@transaction.atomic
def apply_kept(kept: InspectionFile, *, by: Membership, now: datetime) -> InspectionPaper:
    """Apply the file that was kept, by the one who brought it, once, within the hour."""
    kept = InspectionFile.objects.select_for_update(of=("self",)).select_related("edition").get(pk=kept.pk)
    if kept.uploaded_by_id != by.pk:
        raise Refused("请由上传文件的人登记，或重新上传。")
    if kept.applied_at:
        raise Refused("这份文件已经登记过，不需要再次登记。")
    if now - kept.uploaded_at > KEPT_FOR:
        raise Refused("预览已超过一小时，请重新上传文件。")
    with kept.file.open("rb") as file:
        paper = apply_inspections(kept.edition, file, by=by, now=now, sha256=kept.sha256)
    kept.applied_at = now
    kept.save(update_fields=["applied_at"])
    return paper


def _bytes_of(file) -> bytes:
    if isinstance(file, bytes):
        return file
    if hasattr(file, "read"):
        file.seek(0)
        return file.read()
    with open(file, "rb") as opened:  # noqa: PTH123  a path as it was given
        return opened.read()
