"""推荐汇总表 read, looked through and applied as a unit."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from nominations import rules, subjects, summary
from nominations.declaration import shape_of
from nominations.models import Edition, Enterprise, IntakeFile, Nomination
from nominations.services import keeping
from nominations.services.completeness import missing_fields_of
from nominations.services.declaring import enter, seal
from nominations.services.duplicates import Duplicates, duplicates_of, near_names
from nominations.services.moves import advance
from nominations.services.quotas import quota_lines
from nominations.services.recommending import recommend
from nominations.services.windows import recommenders, require_window
from portal import audit
from portal.errors import N_, Listing, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.sentences import Sentence, sentence
from portal.workbook import CellError, Row, Sheet, WorkbookRefused, name_key, read, write

SIGNED_LIST = N_("推荐单位按《推荐汇总表》审核推荐，办公室据签章的汇总表登记。")


@dataclass
class IntakeRow:
    """One line of the sheet: what it would become, and what to look at twice."""

    number: int
    recommender: Organisation
    values: dict
    warnings: list[Sentence] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values["name"]


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


def units_of(edition) -> dict[str, Organisation]:
    units = {}
    for unit in recommenders(edition):
        units.setdefault(name_key(unit.short_name), unit)
        units[name_key(unit.name)] = unit
    return units


def _taken_ranks(edition) -> dict[tuple, str]:
    live = edition.nominations.live().exclude(rank=None)
    return {(pk, rank): name for pk, rank, name in live.values_list("recommender", "rank", "subject_name")}


def read_unit(sheet: Sheet, row: Row, units, by) -> Organisation | None:
    if not row["recommender"]:
        return None
    unit = units.get(name_key(row["recommender"]))
    if unit is None:
        sheet.error(
            row,
            "recommender",
            N_("“{name}”不是这一届的推荐单位"),
            N_("请填写推荐单位全称，例如“{example}”"),
            name=row["recommender"],
            example=next(iter(sorted({each.name for each in units.values()})), ""),
        )
        return None
    if by.role == Role.RECOMMENDER and unit.pk != by.organisation_id:
        sheet.error(
            row,
            "recommender",
            N_("这一行的推荐单位是“{name}”，不是本单位"),
            N_("只能导入本单位“{own}”的推荐"),
            name=unit.name,
            own=by.organisation.name,
        )
        return None
    return unit


def check_subjects(sheet: Sheet, edition, rows: list[Row]) -> None:
    """Of several results of one enterprise: each once, and the enterprise always by the same name."""
    if subjects.is_enterprise(edition):
        return
    seen, names = {}, {}
    for row in rows:
        code, own = row["credit_code"], row[summary.ENTERPRISE_NAME]
        key = subjects.row_key(edition, code, row["name"])
        if key and key in seen:
            sheet.error(
                row,
                "name",
                N_("“{name}”（{code}）与第 {row} 行重复"),
                N_("请只保留一行"),
                name=row["name"],
                code=code,
                row=seen[key],
            )
        seen.setdefault(key, row.number)
        if code and own and name_key(names.setdefault(code, (own, row.number))[0]) != name_key(own):
            sheet.error(
                row,
                summary.ENTERPRISE_NAME,
                N_("{code} 在第 {row} 行写的企业名称是“{name}”"),
                N_("同一个代码请写同一个企业名称"),
                code=code,
                row=names[code][1],
                name=names[code][0],
            )


def check_code(sheet: Sheet, edition, row: Row, known: dict[str, Duplicates]) -> bool:
    """Whether the subject is there already; what else is wrong with such a row does not matter."""
    found = known.get(subjects.row_key(edition, row["credit_code"], row["name"]))
    if found is None:
        return False
    own = not subjects.is_enterprise(edition)
    if found.nomination:
        sheet.error(
            row,
            "name" if own else "credit_code",
            N_("{code} 在这一届已由“{recommender}”推荐"),
            N_("请删除这一行"),
            code=f"{row['name']}（{row['credit_code']}）" if own else row["credit_code"],
            recommender=found.nomination.recommender.name,
        )
    elif found.honours:
        sheet.error(
            row,
            "name" if own else "credit_code",
            N_("{code} 已于 {year} 年命名，按本届规则不再推荐"),
            N_("请删除这一行"),
            code=f"{row['name']}（{row['credit_code']}）" if own else row["credit_code"],
            year=found.honours[0].year,
        )
    return True


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


def warn(edition, rows: list[IntakeRow]) -> None:
    """What does not refuse and yet deserves a look."""
    prefixes = city_prefixes(edition)
    rows = [row for row in rows if row.values["credit_code"] and row.name]
    own = not subjects.is_enterprise(edition)
    said = {
        row.values["credit_code"]: row.values[summary.ENTERPRISE_NAME] if own else row.name for row in rows
    }
    near = near_names({code: name for code, name in said.items() if name})
    registered = dict(
        Enterprise.objects.filter(credit_code__in=said).values_list("credit_code", "name") if own else ()
    )
    same = defaultdict(list)
    for row in rows:
        same[name_key(row.name)].append(row)
    for row in rows:
        code = row.values["credit_code"]
        if prefixes and rules.out_of_city(code, prefixes):
            row.warnings.append(
                sentence(N_("信用代码的登记地不在本市（{division}），请核对注册地"), division=code[2:8])
            )
        for each in near.get(code, ()):
            row.warnings.append(
                sentence(N_("与已登记的“{name}”（{code}）名称相近"), name=each.name, code=each.credit_code)
            )
        for other in same[name_key(row.name)]:
            if other is not row:
                words = N_("与第 {row} 行名称相同") if own else N_("与第 {row} 行企业名称相同")
                row.warnings.append(sentence(words, row=other.number))
        if own and name_key(registered.get(code, said[code] or "")) != name_key(said[code] or ""):
            row.warnings.append(
                sentence(N_("平台登记的企业名称是“{name}”，导入后以登记的为准"), name=registered[code])
            )
        members, employees = row.values.get("union_members"), row.values.get("employees")
        if members is not None and employees is not None and members > employees:
            row.warnings.append(
                sentence(
                    N_("工会会员数 {members} 多于职工人数 {employees}"), members=members, employees=employees
                )
            )


def city_prefixes(edition: Edition) -> tuple[str, ...]:
    """The first four digits of the host's division: its city's."""
    code = edition.host.division_code
    return (code[:4],) if code else ()
