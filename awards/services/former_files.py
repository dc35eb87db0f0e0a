"""历年命名表: what an office, or an enterprise within it, named without the portal, brought as a workbook.

Read, looked through row by row and entered as a unit, as every workbook handed in (`nominations.keeping`).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from awards.models import Honour
from awards.services import former, registry
from awards.services.former_checks import (
    World,
    faults_of,
    levels_of,
    naming_of,
    number_key,
    warnings_of,
    world_of,
)
from nominations import rules
from nominations.models import Category, IntakeFile
from nominations.services import keeping
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.sentences import Sentence, sentence
from portal.workbook import CellError, Column, Sheet, WorkbookRefused, name_key, read, same_name, write

TITLE = "历年命名表"
_NAMED = 50  # numbers written on the record; of a longer list the kept file says them


@dataclass
class FormerRow:
    """One line of the sheet: the naming it would become, and what to look at twice."""

    number: int
    values: dict
    warnings: list[Sentence] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values["subject"] or self.values["name"]

    @property
    def level(self) -> str:
        return Honour.Level(self.values["level"]).label


@dataclass
class FormerList:
    """What a file would do. With errors it does nothing at all."""

    rows: list[FormerRow]
    errors: list[CellError]
    notices: list[Sentence]
    sha256: str
    counts: Counter
    world: World

    @property
    def warned(self) -> list[FormerRow]:
        return [row for row in self.rows if row.warnings]


def columns_of(levels: Iterable[str]) -> list[Column]:
    """The thirteen columns; `levels` are those that may be chosen."""
    with translation.override(settings.LANGUAGE_CODE):  # one workbook, whoever reads the pages in what
        words = {str(Honour.Level(level).label): level for level in levels}
    categories = {each.name: each for each in Category.objects.all()}
    return [
        Column("年度", "year", "integer", required=True, minimum=1950, maximum=2100),
        Column("级别", "level", "choice", required=True, choices=words),
        Column("类别", "category", "choice", required=True, choices=categories),
        Column("称号", "title", required=True, max_length=120),
        Column("命名对象", "subject", max_length=120),
        Column("企业名称", "name", required=True, max_length=120),
        Column("统一社会信用代码", "credit_code", required=True, code=True, check=rules.credit_code),
        Column("所属区市", "division_name", max_length=30),
        Column("所属行业", "industry", max_length=40),
        Column("命名编号", "number", required=True, max_length=40),
        Column("命名文号", "decision", max_length=60),
        Column("命名日期", "named_on", "date", required=True),
        Column("命名单位", "namer", max_length=120),
    ]


def write_blank(out, *, by: Membership) -> None:
    """The empty form, with the levels this office enters and the categories as drop-downs."""
    require(by, "awards.import_former")
    columns = columns_of(levels_of(by.organisation))
    write(out, TITLE, columns, [], sheet_name=TITLE, blank=200)


def read_former(file, *, by: Membership, now: datetime) -> FormerList:
    """Look a workbook through as the world is now. Raises `WorkbookRefused` when no row can be read."""
    require(by, "awards.import_former")
    data = keeping.bytes_of(file)
    sheet = read(data, columns_of(Honour.Level.values), title=TITLE)
    world = world_of([row.values for row in sheet], host=by.organisation, now=now)
    _find_repeats(sheet)
    rows = []
    for row in sheet:
        for fault in faults_of(row.values, world):
            params = {**fault.problem.params, **fault.expected.params}
            sheet.error(row, fault.key, fault.problem.message, fault.expected.message, **params)
        rows.append(FormerRow(row.number, row.values, list(warnings_of(row.values, world))))
    wrong = {error.row for error in sheet.errors}
    sound = [row for row in rows if row.number not in wrong]
    _warn_of_names(sound)
    return FormerList(
        rows=sound,
        errors=WorkbookRefused(sheet.errors).errors,
        notices=sheet.notices,
        sha256=hashlib.sha256(data).hexdigest(),
        counts=Counter(row.level for row in sound),
        world=world,
    )


@transaction.atomic
def keep_former(file, *, by: Membership, now: datetime) -> IntakeFile:
    """Keep a readable file between preview and applying; what nobody applied in time goes."""
    found = read_former(file, by=by, now=now)
    return keeping.keep_file(
        None,
        file,
        kind=IntakeFile.Kind.FORMER,
        sha256=found.sha256,
        total=len(found.rows),
        by=by,
        now=now,
    )


@transaction.atomic
def apply_former(
    kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None
) -> list[Honour]:
    """Enter every row of the file that was kept or none, by the one who brought it, once, within the hour.

    The world is looked at again, while nobody else enters any. The record has one line for the file, not one
    for each of its rows: the digest names the kept file, and the file names them all.
    """
    kept = keeping.require_kept(kept, by=by, now=now)
    require(by, "awards.import_former")
    former.hold()
    with kept.file.open("rb") as stream:
        data = stream.read()
    found = read_former(data, by=by, now=now)
    if found.sha256 != kept.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if found.errors:
        raise WorkbookRefused(found.errors)
    rows = [row.values for row in found.rows]
    audit.record(
        "awards.import_former",
        by.organisation,
        by=by,
        now=now,
        sha256=kept.sha256,
        rows=len(rows),
        levels=Counter(row["level"] for row in rows),
        years=sorted({row["year"] for row in rows}),
        **({"numbers": [row["number"] for row in rows]} if len(rows) <= _NAMED else {}),
    )
    enterprises = former.enterprises_of(rows, found.world)
    made = []
    for part in keeping.in_parts(kept, rows):
        made += former.write_all(part, enterprises, by=by)
    registry.changed()
    keeping.mark_applied(kept, rows=len(made), now=now)
    return made


def run_former(pk: int, *, now: datetime) -> bool:
    """Apply a large file that was asked for; see `keeping.run_file`."""
    return keeping.run_file(pk, apply_former, now=now, event="awards.import_former", url=url_of)


def url_of(kept: IntakeFile) -> str:
    return reverse("awards:former_file", args=[kept.pk])


def _find_repeats(sheet: Sheet) -> None:
    """A number twice, or one naming twice, within the file."""
    numbers, namings = {}, {}
    for row in sheet:
        number = row["number"] and (row["year"], number_key(row["number"]))
        if number and numbers.setdefault(number, row.number) != row.number:
            sheet.error(
                row,
                "number",
                N_("命名编号“{value}”与第 {row} 行重复"),
                N_("请按文件核对编号，或只保留一行"),
                value=row["number"],
                row=numbers[number],
            )
        naming = naming_of(row.values)
        if naming and namings.setdefault(naming, row.number) != row.number:
            sheet.error(
                row,
                "credit_code",
                N_("与第 {row} 行是同一项命名（对象、年度、级别和类别都相同）"),
                N_("请只保留一行"),
                row=namings[naming],
            )


def _warn_of_names(rows: list[FormerRow]) -> None:
    """One code under two names, and one name under two codes, within the file."""
    by_code, by_name = {}, {}
    for row in rows:
        code, name = row.values["credit_code"], row.values["name"]
        first = by_code.setdefault(code, row)
        if not same_name(first.values["name"], name):
            row.warnings.append(sentence(N_("与第 {row} 行是同一信用代码，企业名称不同"), row=first.number))
        first = by_name.setdefault(name_key(name), row)
        if first.values["credit_code"] != code:
            row.warnings.append(sentence(N_("与第 {row} 行企业名称相同，信用代码不同"), row=first.number))
