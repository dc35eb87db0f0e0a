"""What stands against a naming of former years, of one entered by hand and of each row of a workbook alike.

The values are those of `former_files.columns_of`, by key; one that could not be read is None, and what hangs
on it is not looked at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from awards.models import Honour
from awards.rules import former as rule
from awards.services.numbering import series
from nominations import rules
from nominations.models import Category, Enterprise
from nominations.services.duplicates import near_names
from portal.errors import N_, Listing
from portal.models import Organisation
from portal.sentences import Sentence, sentence
from portal.workbook import same_name

Naming = tuple[str, int, str, int]


@dataclass(frozen=True)
class Fault:
    """Something wrong with one value: under which key, what, and what to do."""

    key: str
    problem: Sentence
    expected: Sentence


@dataclass(frozen=True)
class World:
    """What is there already, as far as these rows touch it, and who enters them on what day."""

    today: date
    host: Organisation
    series: re.Pattern
    numbers: dict[tuple[int, str], Honour]
    namings: dict[Naming, Honour]
    enterprises: dict[str, Enterprise]
    near: dict[str, list[Enterprise]]


def levels_of(host: Organisation) -> list[str]:
    """委员会决定: what the city or the province named, the city's office enters; a union enters its own."""
    if host.kind == Organisation.Kind.CITY:
        return list(Honour.Level.values)
    return [Honour.Level.DISTRICT, Honour.Level.ENTERPRISE]


def needs_namer(level: str, host: Organisation) -> bool:
    """委员会决定: whether somebody else must have named it, who is then said by name.

    An enterprise-level naming whose namer is not said is the enterprise's own.
    """
    if level == Honour.Level.PROVINCE:
        return True
    return level == Honour.Level.DISTRICT and host.kind == Organisation.Kind.CITY


def number_key(number: str) -> str:
    """委员会决定: width, case and spaces make no other number."""
    return rules.normalise(number).upper()


def naming_of(values: Mapping) -> Naming | None:
    """Subject, year, level and category: what is named but once."""
    category, code, name = values["category"], values["credit_code"], values["subject"] or ""
    of_enterprise = category is not None and category.subject == Category.Subject.ENTERPRISE
    if category is None or not code or not (values["year"] and values["level"]):
        return None
    if not of_enterprise and not name:
        return None
    key = rules.subject_key(code, "" if of_enterprise else name)
    return key, values["year"], values["level"], category.pk


def keys_of(key: str, name: str) -> set[str]:
    """By what a subject is known: the key it was named or nominated under, and that of its present name."""
    code, own, _digest = key.partition("-")
    return {key, rules.subject_key(code, name)} if own else {key}


def world_of(
    rows: Iterable[Mapping], *, host: Organisation, now: datetime, besides: Honour | None = None
) -> World:
    """What these rows are held against, in a constant number of queries; `besides` is being corrected."""
    rows = list(rows)
    there = Honour.objects.select_related("category").exclude(pk=besides.pk if besides else None)
    years = {row["year"] for row in rows if row["number"] and row["year"]}
    codes = {row["credit_code"] for row in rows if row["credit_code"]}
    enterprises = {each.credit_code: each for each in Enterprise.objects.filter(credit_code__in=codes)}
    fresh = {
        row["credit_code"]: row["name"]
        for row in rows
        if row["credit_code"] and row["name"] and row["credit_code"] not in enterprises
    }
    return World(
        today=timezone.localdate(now),
        host=host,
        series=series(),
        # Each host and each year counts its papers by itself.
        numbers={
            (each.year, number_key(each.number)): each for each in there.filter(host=host, year__in=years)
        },
        namings={
            (key, each.year, each.level, each.category_id): each
            for each in there.public().filter(enterprise__credit_code__in=codes)
            for key in keys_of(each.subject_key, each.subject_name)
        },
        enterprises=enterprises,
        near=near_names(fresh) if fresh else {},
    )


def faults_of(values: Mapping, world: World) -> Iterator[Fault]:
    """All that forbids it, in the order of the columns."""
    level, year, category = values["level"], values["year"], values["category"]
    if level and level not in levels_of(world.host):
        yield Fault(
            "level",
            sentence(N_("{level}的命名由市总工会登记"), level=_word(level)),
            sentence(N_("本单位只能登记{levels}的命名"), levels=Listing(map(_word, levels_of(world.host)))),
        )
    if category is not None:
        of_enterprise = category.subject == Category.Subject.ENTERPRISE
        found = rule.subject_fault(
            values["subject"] or "", of_enterprise, category.get_subject_display(), category.name
        )
        if found:
            yield Fault("subject", *found)
    if values["number"]:
        yield from _number_faults(values["number"], year, world)
    if values["named_on"] and year and (found := rule.day_fault(values["named_on"], year, world.today)):
        yield Fault("named_on", *found)
    if level and needs_namer(level, world.host) and not values["namer"]:
        yield Fault(
            "namer",
            sentence(N_("没有填写命名单位")),
            sentence(N_("{level}的命名请写明由哪个单位命名"), level=_word(level)),
        )
    same = world.namings.get(naming_of(values))
    if same is not None:
        yield Fault(
            "credit_code",
            sentence(
                N_("“{name}”{year} 年{level}“{category}”的命名已经登记，编号 {number}"),
                name=same.subject_name,
                year=same.year,
                level=_word(same.level),
                category=same.category.name,
                number=same.number,
            ),
            sentence(N_("不能重复登记，请去掉这一条")),
        )


def _number_faults(number: str, year: int | None, world: World) -> Iterator[Fault]:
    if world.series.match(number_key(number)):
        yield Fault(
            "number",
            sentence(N_("“{number}”是本系统编排的命名编号的格式，由系统编排"), number=number),
            sentence(N_("请填写当时文件上的编号")),
        )
    elif there := world.numbers.get((year, number_key(number))):
        yield Fault(
            "number",
            sentence(
                N_("命名编号“{number}”已经登记给“{name}”（{year} 年）"),
                number=there.number,
                name=there.subject_name,
                year=there.year,
            ),
            sentence(N_("请按文件核对编号；同一项命名不再登记")),
        )


def warnings_of(values: Mapping, world: World) -> Iterator[Sentence]:
    """What does not refuse and yet deserves a look."""
    code, name = values["credit_code"], values["name"]
    if not code:
        return
    division = world.host.division_code
    if division and rules.out_of_city(code, (division[:4],)):
        yield sentence(N_("信用代码的登记地不在本市（{division}），请核对"), division=code[2:8])
    known = world.enterprises.get(code)
    if known and name and not same_name(known.name, name):
        yield sentence(
            N_("这一代码登记的企业名称是“{name}”；企业名称不改，这项命名按表中的名称记载"), name=known.name
        )
    for each in world.near.get(code, ()):
        yield sentence(N_("与已登记的“{name}”（{code}）名称相近"), name=each.name, code=each.credit_code)


def _word(level: str) -> str:
    return Honour.Level(level).label
