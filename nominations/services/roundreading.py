"""A 推荐填报表 that came back, looked through: what is new, changed, in conflict, and what stays as it is."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from nominations import round_form, subjects
from nominations.declaration import Unfit, shape_of
from nominations.models import Edition, Handout, Nomination, Return
from nominations.services import keeping
from nominations.services.declaring import may_edit, require_editable
from nominations.services.duplicates import duplicates_of
from nominations.services.intake_rows import (
    IntakeRow,
    check_code,
    check_subjects,
    read_unit,
    units_of,
    warn,
)
from nominations.services.windows import require_window
from nominations.states import State
from nominations.summary import ENTERPRISE_NAME
from portal.errors import N_, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.roundtrip import Cell, compare, digest
from portal.sentences import Sentence
from portal.workbook import HIDDEN, CellError, WorkbookRefused, read, token_of
from portal.workbook.problems import refuse_file

OPEN = (State.DRAFT, State.RECOMMENDATION)


@dataclass
class RoundRow:
    """One row of the file. `kind`: new, changed, conflict, same (asks for nothing), closed."""

    number: int
    key: str
    kind: str
    name: str
    recommender: Organisation
    values: dict  # key → as the declaration keeps it
    nomination: Nomination | None = None
    cells: tuple[Cell, ...] = ()
    reason: Refused | None = None
    warnings: list[Sentence] = field(default_factory=list)


@dataclass
class RoundDiff:
    """What a file would do. With errors it does nothing at all."""

    rows: list[RoundRow]
    errors: list[CellError]
    notices: list[Sentence]
    sha256: str
    handout: Handout
    titles: dict[str, str]  # column key → heading
    absent: list[str]  # names that went out and are not in the file: nothing happens to them

    def of(self, kind: str) -> list[RoundRow]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def asked(self) -> list[RoundRow]:
        """The rows that would write something, whichever side is chosen."""
        return [row for row in self.rows if row.kind in ("new", "changed", "conflict")]

    @cached_property
    def digest(self) -> str:
        return digest(
            [
                self.sha256,
                [
                    [row.number, row.kind, [[c.column, c.now, c.yours, c.clash] for c in row.cells]]
                    for row in self.rows
                ],
            ]
        )


def read_open(edition: Edition, by: Membership):
    """The nominations still being filled in that this hat may see, in the unions' order."""
    return (
        Nomination.objects.visible_to(by)
        .filter(edition=edition, state__in=OPEN)
        .select_related("enterprise", "recommender", "declaration", "edition__category")
        .order_by("recommender__position", "recommender__code", "rank", "pk")
    )


def read_round(edition: Edition, file, *, by: Membership, now: datetime) -> RoundDiff:
    """Look a file through as the world is now. Raises `WorkbookRefused` when no row can be read."""
    require(by, "nominations.import", edition)
    data = keeping.bytes_of(file)
    token = token_of(data)
    if not token:
        raise refuse_file(
            N_("这不是从这里下载的推荐填报表"),
            N_("请在本页下载填报表填写；自己做的推荐汇总表，请从“导入推荐汇总表”上传"),
        )
    reading = _Reading(edition, _handout(edition, token, by), by, now)
    return reading.diff(data)


def _handout(edition, token, by) -> Handout:
    """The hand-out a file goes back to. Another union's is not told from one that never was."""
    found = Handout.objects.filter(token=token, edition=edition, kind=Handout.Kind.ROUND)
    if by.role == Role.RECOMMENDER:
        found = found.filter(issued_to__organisation=by.organisation, issued_to__role=Role.RECOMMENDER)
    handout = found.first()
    if handout is None:
        raise refuse_file(
            N_("这份填报表不是本单位从本届下载的"), N_("请在本页重新下载填报表，把内容抄过去后上传")
        )
    return handout


class _Reading:
    def __init__(self, edition, handout, by, now):
        self.edition, self.handout, self.by, self.now = edition, handout, by, now
        self.shape = shape_of(edition)
        self.columns = round_form.columns_of(edition)
        found = Nomination.objects.visible_to(by).filter(edition=edition)
        self.nominations = {
            str(each.pk): each
            for each in found.filter(pk__in=[int(key) for key in handout.rows]).select_related(
                "enterprise", "recommender", "declaration", "edition__category"
            )
        }

        back = Return.objects.filter(nomination__in=self.nominations.values(), mended_at__isnull=True)
        self.returned = dict(back.values_list("nomination", "from_state"))
        self.refusals: dict = {}

    def diff(self, data: bytes) -> RoundDiff:
        self.sheet = read(
            data, [*HIDDEN, *self.columns], title=round_form.TITLE, allow_empty=True, partial=True
        )
        if {column.key for column in HIDDEN} - self.sheet.letters.keys():
            raise refuse_file(
                N_("表格里隐藏的“行标识”或“版本”一栏不见了"), N_("请重新下载填报表，把内容抄过去后上传")
            )
        self.there = set(self.sheet.letters)
        seen, rows, fresh = {}, [], []
        for row in self.sheet:
            if not row["key"]:
                fresh.append(row)
            elif row["key"] in seen:
                self.sheet.error(
                    row,
                    None,
                    N_("这一行是从第 {row} 行复制来的，带着它的标识"),
                    N_("要新增的，请清空这一行隐藏的“行标识”和“版本”，或在表下的空行里填写"),
                    row=seen[row["key"]],
                )
            elif self._is_known(row):
                seen[row["key"]] = row.number
                if (one := self._changed(row)) is not None:
                    rows.append(one)
        rows += self._new(fresh)
        self._check_ranks(rows)
        self._check_names(rows)
        return RoundDiff(
            rows=sorted(rows, key=lambda row: row.number),
            errors=WorkbookRefused(self.sheet.errors).errors,
            notices=self.sheet.notices,
            sha256=hashlib.sha256(data).hexdigest(),
            handout=self.handout,
            titles={column.key: column.name for column in self.columns},
            absent=[
                each.subject_name
                for key, each in self.nominations.items()
                if key not in seen and each.state in OPEN
            ],
        )

    def _is_known(self, row) -> bool:
        went_out = self.handout.rows.get(row["key"])
        if went_out is None or row["key"] not in self.nominations:
            self.sheet.error(
                row, None, N_("这一行隐藏的标识不是下载时的"), N_("请重新下载填报表，把这一行抄过去")
            )
        elif row["version"] != went_out["version"]:
            self.sheet.error(
                row, None, N_("这一行隐藏的版本被改动过"), N_("请重新下载填报表，把这一行抄过去")
            )
        elif (row["credit_code"] or went_out["fixed"]) != went_out["fixed"]:
            self.sheet.error(
                row,
                "credit_code",
                N_("信用代码与这一行隐藏的标识对不上，可能排序时没有带上隐藏的列"),
                N_("应为 {code}；换企业的，请另填一行，原来的在网上撤回"),
                code=went_out["fixed"],
            )
        else:
            return True
        return False

    def _values(self, row) -> dict | None:
        """The cells as the declaration keeps them; None when one of them is wrong."""
        values = {}
        for column in self.columns:
            if column.key not in self.there:
                continue
            try:
                values[column.key] = round_form.cleaned(self.shape, column.key, row[column.key])
            except Unfit as unfit:
                self.sheet.error(row, column.key, unfit.message, **unfit.params)
        wrong = any(error.row == row.number for error in self.sheet.errors)
        return None if wrong else values

    def _changed(self, row) -> RoundRow | None:
        nomination = self.nominations[row["key"]]
        values = self._values(row)
        if values is None:
            return None
        yours = {
            column.key: round_form.text_of(column, values[column.key])
            for column in self.columns
            if column.key in values and column.key not in round_form.FIXED
        }
        now = round_form.texts_of(nomination, self.columns)
        went_out = self.handout.rows[row["key"]]["values"]
        # A database keeps no order of keys; the sheet does.
        base = {column.key: went_out[column.key] for column in self.columns if column.key in went_out}
        cells = compare(base, now, yours)
        one = RoundRow(
            row.number,
            row["key"],
            "same",
            nomination.subject_name,
            nomination.recommender,
            values,
            nomination,
            cells,
        )
        if not cells:
            return one
        if "name" in {cell.column for cell in cells} and not values["name"]:
            self.sheet.error(
                row, "name", N_("没有填写"), N_("{title}不能清空"), title=subjects.title_of(self.edition)
            )
            return one
        one.kind = "conflict" if any(cell.clash for cell in cells) else "changed"
        if (refusal := self._refusal(nomination)) is not None:
            one.kind, one.cells, one.reason = "closed", (), refusal
        return one

    def _refusal(self, nomination) -> Refused | None:
        """Why this one can no longer be changed; the step's dates are asked once for all that stand alike."""
        alike = (nomination.state, self.returned.get(nomination.pk))
        if not may_edit(nomination, self.by):
            alike = nomination.pk  # the sentence names it, and asks nothing of the database
        if alike not in self.refusals:
            self.refusals[alike] = None
            try:
                require_editable(nomination, by=self.by, now=self.now)
            except Refused as refusal:
                self.refusals[alike] = refusal
        return self.refusals[alike]

    def _new(self, rows) -> list[RoundRow]:
        if not rows:
            return []
        require_window(self.edition, by=self.by, now=self.now)
        units = units_of(self.edition)
        known = duplicates_of(self.edition, [(row["credit_code"], row["name"]) for row in rows])
        own = not subjects.is_enterprise(self.edition)
        asked = ("name", ENTERPRISE_NAME, "credit_code") if own else ("name", "credit_code")
        twice = Counter(row["credit_code"] for row in rows if not own)
        check_subjects(self.sheet, self.edition, rows)
        found = []
        for row in rows:
            for key in asked:
                if not row[key] and not self._is_wrong(row, key):
                    self.sheet.error(row, key, N_("没有填写"), N_("新增的一行必须填写这一栏"))
            unit = self._unit(row, units)
            check_code(self.sheet, self.edition, row, known)
            if row["credit_code"] and twice[row["credit_code"]] > 1:
                self.sheet.error(
                    row,
                    "credit_code",
                    N_("{code} 在新增的行里不止一次"),
                    N_("请只保留一行"),
                    code=row["credit_code"],
                )
            values = self._values(row)
            if values is not None and unit is not None:
                found.append(RoundRow(row.number, "", "new", row["name"], unit, values))
        looked_at = [IntakeRow(row.number, row.recommender, row.values) for row in found]
        warn(self.edition, looked_at)
        for one, intake in zip(found, looked_at, strict=True):
            one.warnings = intake.warnings
        return found

    def _unit(self, row, units) -> Organisation | None:
        if not row["recommender"]:
            if self.by.role == Role.RECOMMENDER:
                return self.by.organisation
            self.sheet.error(row, "recommender", N_("没有填写"), N_("请填写推荐单位全称"))
            return None
        return read_unit(self.sheet, row, units, self.by)

    def _is_wrong(self, row, key) -> bool:
        letter = self.sheet.letters.get(key)
        return any(each.row == row.number and each.column_letter == letter for each in self.sheet.errors)

    def _check_names(self, rows: list[RoundRow]) -> None:
        """A name the file gives to a result that another result of the same enterprise has."""
        if subjects.is_enterprise(self.edition):
            return
        taken = {
            key: (pk, name)
            for pk, key, name in self.edition.nominations.exclude(state=State.WITHDRAWN).values_list(
                "pk", "subject_key", "subject_name"
            )
        }
        for row in rows:
            if row.nomination is None or "name" not in {cell.column for cell in row.cells}:
                continue
            code = row.nomination.enterprise.credit_code
            key = subjects.row_key(self.edition, code, row.values["name"])
            pk, name = taken.setdefault(key, (row.nomination.pk, row.values["name"]))
            if pk != row.nomination.pk:
                self.sheet.error(
                    row.number,
                    "name",
                    N_("同一企业的“{name}”已在这一届推荐"),
                    N_("请换一个名称，或保留原来的"),
                    name=name,
                )

    def _check_ranks(self, rows: list[RoundRow]) -> None:
        """A place one union gives twice, where the file gives it; a place in conflict is looked at later."""
        moved = [
            row
            for row in rows
            if row.values.get("rank") is not None
            and (row.nomination is None or any(c.column == "rank" and not c.clash for c in row.cells))
        ]
        # Those whose place the file moves or clears, the one in conflict too.
        gone = {
            row.nomination.pk
            for row in rows
            if row.nomination is not None and any(cell.column == "rank" for cell in row.cells)
        }
        taken = {
            (unit, rank): name
            for pk, unit, rank, name in self.edition.nominations.live()
            .exclude(rank=None)
            .values_list("pk", "recommender", "rank", "subject_name")
            if pk not in gone
        }
        for row in moved:
            place = (row.recommender.pk, row.values["rank"])
            if place in taken:
                self.sheet.error(
                    row.number,
                    "rank",
                    N_("本单位第 {rank} 位已是“{name}”"),
                    N_("请换一个排序，或留空"),
                    rank=row.values["rank"],
                    name=taken[place],
                )
            taken[place] = row.name
