"""推荐汇总表 read, looked through and applied as a unit."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from nominations import rules, subjects, summary
from nominations.declaration import shape_of
from nominations.models import Edition, IntakeFile, Nomination
from nominations.services import keeping
from nominations.services.completeness import missing_fields_of
from nominations.services.declaring import enter, seal
from nominations.services.duplicates import duplicates_of
from nominations.services.intake_rows import (
    IntakeRow,
    check_code,
    check_subjects,
    read_unit,
    units_of,
    warn,
)
from nominations.services.moves import advance
from nominations.services.quotas import quota_lines
from nominations.services.recommending import recommend
from nominations.services.windows import require_window
from portal import audit
from portal.errors import N_, Listing, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.sentences import Sentence
from portal.workbook import CellError, Row, Sheet, WorkbookRefused, read, write

SIGNED_LIST = N_("推荐单位按《推荐汇总表》审核推荐，办公室据签章的汇总表登记。")


@dataclass
class Intake:
    """What a file would do. With errors it does nothing at all."""

    rows: list[IntakeRow]
    errors: list[CellError]
    notices: list[Sentence]
    sha256: str
    counts: Counter

    @property
    def warned(self) -> list[IntakeRow]:
        return [row for row in self.rows if row.warnings]


def read_intake(
    edition: Edition, file, *, by: Membership, now: datetime, recommended: bool = False
) -> Intake:
    """Look a workbook through as the world is now. Raises `WorkbookRefused` when no row can be read."""
    require(by, "nominations.import", edition)
    require_window(edition, by=by, now=now)
    if recommended and by.role != Role.OFFICE:
        raise Refused("只有办公室可以按签章的汇总表直接登记推荐。")
    data = keeping.bytes_of(file)
    place = [("recommender", "rank")]
    sheet = read(
        data,
        summary.columns_of(edition),
        title=summary.TITLE,
        unique=["credit_code", *place] if subjects.is_enterprise(edition) else place,
    )
    units = units_of(edition)
    known = duplicates_of(edition, [(row["credit_code"], row["name"]) for row in sheet])
    check_subjects(sheet, edition, list(sheet))
    taken = _taken_ranks(edition)
    rows = []
    for row in sheet:
        unit = read_unit(sheet, row, units, by)
        again = check_code(sheet, edition, row, known)
        if unit is not None:
            if not again:
                _check_rank(sheet, row, unit, taken)
            rows.append(IntakeRow(row.number, unit, row.values))
    if recommended:
        _check_quotas(sheet, edition, rows)
    warn(edition, rows)
    wrong = {error.row for error in sheet.errors}
    return Intake(
        rows=[row for row in rows if row.number not in wrong],
        errors=WorkbookRefused(sheet.errors).errors,
        notices=sheet.notices,
        sha256=hashlib.sha256(data).hexdigest(),
        counts=Counter(row.recommender.name for row in rows),
    )


@transaction.atomic
def apply_intake(
    edition: Edition,
    file,
    *,
    by: Membership,
    now: datetime,
    sha256: str = "",
    recommended: bool = False,
    kept: IntakeFile | None = None,
) -> list[Nomination]:
    """Enter every row or none: handed in for the recommender, or `recommended` as the unions signed.

    The world is looked at again; `sha256` names the file that was looked through before.
    """
    # Two files at once would each find the other's enterprises not yet there.
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    intake = read_intake(edition, file, by=by, now=now, recommended=recommended)
    if sha256 and sha256 != intake.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if intake.errors:
        raise WorkbookRefused(intake.errors)
    audit.record(
        "nominations.import",
        edition,
        by=by,
        now=now,
        sha256=intake.sha256,
        rows=len(intake.rows),
        recommended=recommended,
    )
    made = []
    for part in keeping.in_parts(kept, intake.rows):
        made += [_enter(edition, row, by, now) for row in part]
    if recommended:
        made = recommend(made, by=by, now=now, opinion=SIGNED_LIST, on_paper=True)
    return made


@transaction.atomic
def keep_intake(edition: Edition, file, *, by: Membership, now: datetime, recommended: bool = False):
    """Keep a readable file between preview and applying; what nobody applied in time goes."""
    intake = read_intake(edition, file, by=by, now=now, recommended=recommended)
    return keeping.keep_file(
        edition,
        file,
        kind=IntakeFile.Kind.SUMMARY,
        sha256=intake.sha256,
        total=len(intake.rows),
        by=by,
        now=now,
        recommended=recommended,
    )


@transaction.atomic
def apply_kept(
    kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None
) -> list[Nomination]:
    """Apply the file that was kept, by the one who brought it, once, within the hour."""
    kept = keeping.require_kept(kept, by=by, now=now)
    made = apply_intake(
        kept.edition,
        kept.file,
        by=by,
        now=now,
        sha256=kept.sha256,
        recommended=kept.recommended,
        kept=kept,
    )
    keeping.mark_applied(kept, rows=len(made), now=now)
    return made


def run_kept(pk: int, *, now: datetime) -> bool:
    """Apply a large file that was asked for; see `keeping.run_file`."""
    return keeping.run_file(pk, apply_kept, now=now, event="nominations.import", url=url_of)


def url_of(kept: IntakeFile) -> str:
    return reverse("nominations:import_preview", args=[kept.edition_id, kept.pk])


def export_recommendations(edition: Edition, out, *, by: Membership) -> None:
    """Write 推荐汇总表.xlsx to `out` (a path or a binary file), in columns that can be read back.

    A recommender writes out its own.
    """
    require(by, "nominations.export", edition)
    found = summary.handed_in(edition)
    if by.role == Role.RECOMMENDER:
        found = found.filter(recommender=by.organisation)
    rows = summary.rows_of(edition, found)
    columns = summary.columns_of(edition)
    write(out, f"{edition.title}{summary.TITLE}", columns, rows, sheet_name=summary.TITLE)


def write_blank(edition: Edition, out, *, by: Membership) -> None:
    """The empty form, with its choices as drop-downs."""
    require(by, "nominations.import", edition)
    columns = summary.columns_of(edition)
    write(out, f"{edition.title}{summary.TITLE}", columns, [], sheet_name=summary.TITLE, blank=100)


def _enter(edition, row: IntakeRow, by, now) -> Nomination:
    """One row as a draft that is handed in at once; its columns ask for all a declaration needs."""
    values = row.values
    nomination = enter(
        edition,
        by=by,
        now=now,
        code=rules.credit_code(values["credit_code"]),
        name=values["name"],
        enterprise_name=values.get(summary.ENTERPRISE_NAME) or "",
        recommender=row.recommender,
        rank=values["rank"],
        declared=summary.declared(values, shape_of(edition)),
    )
    missing = missing_fields_of(nomination)
    if missing:
        raise Refused(
            "“{name}”的申报表还缺：{missing}。",
            name=row.name,
            missing=Listing(each.title for each in missing),
        )
    # Just entered, so that nothing was touched which would have to be saved as spoken of.
    return advance(nomination, "submit", by=by, now=now, detail=seal(nomination))


def _taken_ranks(edition) -> dict[tuple, str]:
    live = edition.nominations.live().exclude(rank=None)
    return {(pk, rank): name for pk, rank, name in live.values_list("recommender", "rank", "subject_name")}


def _check_rank(sheet: Sheet, row: Row, unit: Organisation, taken: dict[tuple, str]) -> None:
    name = taken.get((unit.pk, row["rank"]))
    if name is not None:
        sheet.error(
            row,
            "rank",
            N_("本单位第 {rank} 位已是“{name}”"),
            N_("请换一个排序，或留空"),
            rank=row["rank"],
            name=name,
        )


def _check_quotas(sheet: Sheet, edition, rows: list[IntakeRow]) -> None:
    adding = Counter(row.recommender.pk for row in rows)
    for line in quota_lines(edition):
        try:
            rules.check_quota(
                line.number, line.used, adding[line.organisation.pk], recommender=line.organisation.name
            )
        except Refused as refusal:
            sheet.error(None, None, refusal.message, **refusal.params)
