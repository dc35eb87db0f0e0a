"""Lists from the years before the portal, brought as workbooks by the city's office and two districts'."""

import io
from datetime import date

from awards.demonstration.city import DISTRICTS
from awards.demonstration.course import Stage
from awards.demonstration.enterprises import SURNAMES, Company, Registry
from awards.models import Honour
from awards.services import former_files
from nominations.models import Category
from portal.models import Membership, Role
from portal.workbook import write

#: The years of the lists, counted back from this one.
YEARS = (4, 3, 2)
#: Of every year, by the city: as many of the first category, and one of each other.
CITY, DISTRICT, OWN = 8, 4, 2
#: What is not the enterprise itself has a name of its own.
NAMES = {
    Category.Subject.PERSON: "{person}演示",
    Category.Subject.STUDIO: "{person}演示创新工作室",
    Category.Subject.TEAM: "{person}演示班组",
    Category.Subject.RESULT: "{person}演示工艺改进成果",
}


def lists(stage: Stage, registry: Registry) -> None:
    """The winners of a district stand a year later on the city's list, and one of those on the province's."""
    at = stage.days.on(stage.days.today.year - 1, 10, 12, 15)
    first, *others = Category.objects.order_by("position")
    known: list[Company] = []
    by_district = {code: [] for code in ("370202", "370212")}
    city: list[dict] = []
    for back in YEARS:
        year = stage.days.today.year - back
        risen, known = known, []
        winners = risen + [registry.take(DISTRICTS[n]) for n in range(len(risen), CITY)]
        city += [_line(year, "市级", first, company) for company in winners]
        city += [
            _line(year, "市级", category, registry.take(DISTRICTS[n]), person=SURNAMES[(back + n) % 10])
            for n, category in enumerate(others)
        ]
        if risen:
            city.append(_line(year, "省级", first, risen[0], namer="（演示）省总工会"))
        for code, rows in by_district.items():
            place = next(each for each in DISTRICTS if each[0] == code)
            taken = [registry.take(place) for _each in range(DISTRICT)]
            rows += [_line(year, "区市级", first, company) for company in taken]
            known.append(taken[0])
            if back == YEARS[-1]:
                rows += [_line(year, "企业级", others[2], taken[n], person=SURNAMES[n]) for n in range(OWN)]
    _bring(stage.people.hat(Role.OFFICE, "city"), "市", city, at)
    for code, rows in by_district.items():
        office = stage.people.hat(Role.OFFICE, code)
        _bring(office, office.organisation.division_name, rows, at)


def _line(
    year: int, level: str, category: Category, company: Company, *, person: str = "", namer: str = ""
) -> dict:
    facts = company.declared
    place = "" if level == "企业级" else {"省级": "全省"}.get(level, "青岛市")
    if level == "区市级":
        place = facts["division_name"]
    return {
        "year": year,
        "level": level,
        "category": category.name,
        "title": f"{year}年度{place}{category.name}（演示）",
        "subject": NAMES.get(category.subject, "").format(person=person) or None,
        "name": company.name,
        "credit_code": company.credit_code,
        "division_name": facts["division_name"],
        "industry": facts["industry"],
        "decision": f"演示工发{year}-8号" if level != "企业级" else None,
        "named_on": date(year, 12, 18),
        "namer": namer or None,
    }


def _bring(office: Membership, place: str, rows: list[dict], at) -> None:
    """Numbered as the paper would be, written as the office writes it, and handed in."""
    count: dict[int, int] = {}
    for row in rows:
        count[row["year"]] = count.get(row["year"], 0) + 1
        row["number"] = f"演示{place}{row['year']}-{count[row['year']]:02d}"
    file = io.BytesIO()
    columns = former_files.columns_of(Honour.Level.values)
    write(file, former_files.TITLE, columns, rows, sheet_name=former_files.TITLE)
    file.name = f"{place}历年命名表（演示）.xlsx"
    kept = former_files.keep_former(file, by=office, now=at)
    former_files.apply_former(kept, by=office, now=at)
