"""The rows of a sheet of recommendations: whose each is, what is wrong with it, what deserves a look."""

from collections import defaultdict
from dataclasses import dataclass, field

from nominations import rules, subjects, summary
from nominations.models import Edition, Enterprise
from nominations.services.duplicates import Duplicates, near_names
from nominations.services.windows import recommenders
from portal.errors import N_
from portal.models import Organisation, Role
from portal.sentences import Sentence, sentence
from portal.workbook import Row, Sheet, name_key


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


def units_of(edition) -> dict[str, Organisation]:
    units = {}
    for unit in recommenders(edition):
        units.setdefault(name_key(unit.short_name), unit)
        units[name_key(unit.name)] = unit
    return units


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


def warn(edition, rows: list[IntakeRow]) -> None:
    """What does not refuse and yet deserves a look."""
    prefixes = city_prefixes(edition)
    rows = [row for row in rows if row.values["credit_code"] and row.name]
    own = not subjects.is_enterprise(edition)
    said = {
        row.values["credit_code"]: row.values[summary.ENTERPRISE_NAME] if own else row.name for row in rows
    }
    near = near_names({code: name for code, name in said.items() if name})
    registered = dict(Enterprise.objects.filter(credit_code__in=said).values_list("credit_code", "name"))
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
        if name_key(registered.get(code, said[code] or "")) != name_key(said[code] or ""):
            words = (
                N_("平台登记的企业名称是“{name}”，导入后以登记的为准")
                if own
                else N_("平台登记的企业名称是“{name}”，请核对是否更名；登记的名称不改，本届按表中的名称")
            )
            row.warnings.append(sentence(words, name=registered[code]))
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
