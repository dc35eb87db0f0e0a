"""Three levels seen together: what each 区（市） names of its own, what the city names, and all of it a year.

Namings are public; what a union's office is at, and what was agreed with it, only those see who may see
that union (`indicators.see_union`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _

from awards.models import Honour
from indicators import rules
from indicators.models import Agreement, Guidance, Indicator
from indicators.services import counting
from indicators.services.board import STEP, Bar, bars_of
from nominations.models import Category, Edition
from portal.models import Membership, Organisation
from portal.permissions import can

Fill, Level = Indicator.Fill, Honour.Level
#: How many years stand beside one another.
YEARS = 6
#: Where in an address a unit's key stands for every unit that is no 区（市）.
OTHERS = "others"


@dataclass(frozen=True)
class Cell:
    year: int
    named: int
    aim: Fraction | None

    @property
    def lacking(self) -> int | None:
        return rules.lacking(self.named, self.aim)

    @property
    def reached(self) -> bool:
        return self.lacking == 0


@dataclass(frozen=True)
class Row:
    """One line of years. `unit` is None where it is no single 区（市）; `level` "" is all of them."""

    name: str
    cells: list[Cell]
    level: str = ""
    unit: Organisation | None = None
    scope: str = ""  # how an address names it

    def in_year(self, year: int) -> Cell:
        return next(cell for cell in self.cells if cell.year == year)

    @property
    def bars(self) -> list[Bar]:
        aims = {cell.year: cell.aim for cell in self.cells if cell.aim is not None}
        return bars_of({cell.year: Fraction(cell.named) for cell in self.cells}, aims)

    @property
    def wide(self) -> int:
        return len(self.bars) * STEP


@dataclass(frozen=True)
class Inside:
    """What is not public of a union in a year."""

    editions: list[Edition] = field(default_factory=list)
    visits: int = 0
    last_visit: date | None = None
    open_agreements: int = 0


@dataclass(frozen=True)
class District:
    """One 区（市） in the year looked at."""

    unit: Organisation
    cell: Cell
    of_enterprises: int  # 企业级, of its own year
    went_on: int  # of all its winners, who has a naming of the city since
    inside: Inside | None


@dataclass(frozen=True)
class Levels:
    host: Organisation
    category: Category | None
    year: int
    years: list[int]
    first: int  # the first year of which a naming is known
    rows: list[Row]  # the districts, and where there are any, the other units
    own: Row  # 区市级 together
    enterprises: Row
    city: Row
    everyone: Row
    districts: list[District]

    @property
    def sums(self) -> list[Row]:
        return [self.own, self.enterprises, self.city, self.everyone]

    @property
    def near(self) -> set[int]:
        """The years a narrow screen shows: the one looked at and the one before; the chart shows all."""
        return {self.year - 1, self.year}

    @property
    def inside(self) -> bool:
        """Whether there is anything here that is not public."""
        return any(each.inside for each in self.districts)

    @property
    def there(self) -> int:
        """How many 区（市） have as many as they should in the year looked at."""
        return sum(each.cell.reached for each in self.districts)


def levels_of(
    host: Organisation, category: Category | None, *, year: int, this_year: int, hat: Membership
) -> Levels:
    """The board of a host in a year, beside the years around it. A constant number of queries."""
    units = counting.districts(host.pk)
    counts = _counts(host, category, units)
    first = min((at for at, _level, _unit in counts), default=year)
    last = this_year if year > this_year - YEARS else year
    years = list(range(last - YEARS + 1, last + 1))
    aims = aims_of(host, category)
    known = {unit.pk for unit in units}

    def row(name, level, fill=None, unit=None, scope=""):
        aim = aims.get(fill, _no_aim)
        named = {
            each: sum(
                number
                for (at, of_level, of_unit), number in counts.items()
                if at == each and level in ("", of_level) and _within(scope, unit, of_unit, known)
            )
            for each in years
        }
        return Row(name, [Cell(each, named[each], aim(each)) for each in years], level, unit, scope)

    rows = [
        row(unit.division_name or unit.name, Level.DISTRICT, Fill.DISTRICT_YEAR, unit, str(unit.pk))
        for unit in units
    ]
    others = row(_("区市以外的单位"), Level.DISTRICT, scope=OTHERS)
    if any(cell.named for cell in others.cells):
        rows.append(others)
    return Levels(
        host,
        category,
        year,
        years,
        first,
        rows,
        row(_("区市级合计"), Level.DISTRICT),
        row(_("企业级"), Level.ENTERPRISE),
        row(_("市级"), Level.CITY, Fill.CITY_YEAR),
        _everyone(years, counts, aims.get(Fill.ALL_YEAR, _no_aim)),
        _districts(units, counts, aims, category, year, host, hat),
    )


def aims_of(host: Organisation, category: Category | None) -> dict[str, Callable[[int], Fraction | None]]:
    """By what is counted, the target of a year, out of the systems of the host. Two queries.

    Where two systems say something of one thing, the first in their order is taken.
    """
    found = {}
    if category is None:
        return found
    rows = Indicator.objects.filter(
        system__host=host, category=category, fill__in=(Fill.CITY_YEAR, Fill.ALL_YEAR, Fill.DISTRICT_YEAR)
    )
    for indicator in rows.order_by("system__position", "system", "number").prefetch_related("targets"):
        marks = list(indicator.targets.all())
        by_year = {mark.year: Fraction(mark.value) for mark in marks if mark.year and not mark.base}
        every = next((Fraction(mark.value) for mark in marks if mark.year is None), None)
        found.setdefault(indicator.fill, _aim(by_year, every))
    return found


def step_words(edition: Edition) -> str:
    """Where an edition is, in a word."""
    if edition.concluded_at:
        return _("已办结")
    return str(edition.current_step or _("待办结"))


def categories_of(host: Organisation) -> list[Category]:
    """What there is to look at: categories with a target of the host first, then those named below it."""
    aimed = Exists(
        Indicator.objects.filter(system__host=host, category=OuterRef("pk"), fill=Fill.DISTRICT_YEAR)
    )
    named = Exists(Honour.objects.public().filter(counting.below(host.pk), category=OuterRef("pk")))
    rows = Category.objects.annotate(aimed=aimed, named=named).filter(Q(aimed=True) | Q(named=True))
    return list(rows.order_by(F("aimed").desc(), "position", "pk"))


def honours_of(
    host: Organisation,
    *,
    category: Category | None = None,
    year: int | None = None,
    level: str = "",
    scope: Organisation | str = "",
    went_on: bool = False,
):
    """The namings that a figure of the board counts, newest first. `scope` is a unit below, or `OTHERS`."""
    rows = _standing(host, category).filter(level__in=rules.COUNTED)
    if year:
        rows = rows.filter(year=year)
    if level:
        rows = rows.filter(level=level)
    if scope == OTHERS:
        for unit in counting.districts(host.pk):
            rows = rows.exclude(counting.named_by(unit))
    elif scope:
        rows = rows.filter(counting.named_by(scope))
    if went_on:
        rows = rows.filter(_went_on(host))
    return rows.select_related("enterprise", "category", "host").order_by("-year", "number")


def _standing(host, category):
    rows = Honour.objects.public().filter(counting.below(host.pk), revoked_on__isnull=True)
    return rows.filter(category=category) if category else rows


def _went_on(host):
    """Named by the city on the same day or later, as the same thing in the same category."""
    later = Honour.objects.public().filter(
        level=Level.CITY,
        host=host,
        revoked_on__isnull=True,
        category=OuterRef("category"),
        subject_key=OuterRef("subject_key"),
        named_on__gte=OuterRef("named_on"),
    )
    return Exists(later)


def _counts(host, category, units) -> Mapping[tuple[int, str, int], int]:
    """By year, level and the unit that named, or stands right below the host, or the host itself."""
    counts, named = Counter(), counting.by_name(units)
    rows = _standing(host, category).order_by().annotate(said=counting.said_by(host.pk))
    rows = rows.values_list("year", "level", "host", "host__parent", "said")
    for year, level, by, above, said, number in rows.annotate(number=Count("pk")):
        unit = by if by == host.pk or above == host.pk else above
        counts[year, level, named.get(said, unit)] += number
    return counts


def _within(scope, unit, of_unit, known):
    if unit is not None:
        return of_unit == unit.pk
    return of_unit not in known if scope == OTHERS else True


def _everyone(years, counts, aim):
    by_year = defaultdict(Counter)
    for (year, level, _unit), number in counts.items():
        by_year[year][level] += number
    return Row(_("各级合计"), [Cell(each, rules.counts_of(by_year[each]), aim(each)) for each in years])


def _districts(units, counts, aims, category, year, host, hat):
    open_to = [unit.pk for unit in units if can(hat, "indicators.see_union", unit)]
    inside = _inside(open_to, category, year, hat)
    went_on, named = defaultdict(set), counting.by_name(units)
    rows = _standing(host, category).filter(counting.DISTRICT, _went_on(host))
    rows = rows.order_by().annotate(said=counting.said_by(host.pk))
    for by, said, key in rows.values_list("host", "said", "subject_key").distinct():
        went_on[named.get(said, by)].add(key)
    aim = aims.get(Fill.DISTRICT_YEAR, _no_aim)(year)
    return [
        District(
            unit,
            Cell(year, counts[year, Level.DISTRICT, unit.pk], aim),
            counts[year, Level.ENTERPRISE, unit.pk],
            len(went_on[unit.pk]),
            inside.get(unit.pk),
        )
        for unit in units
    ]


def _inside(units, category, year, hat) -> dict[int, Inside]:
    """Of each of these units; four queries, or none where there are no units."""
    if not units:
        return {}
    editions = defaultdict(list)
    rows = Edition.objects.visible_to(hat).filter(host__in=units, year=year, published=True)
    if category:
        rows = rows.filter(category=category)
    for edition in rows.prefetch_related("steps").order_by("pk"):
        editions[edition.host_id].append(edition)
    made = Guidance.objects.visible_to(hat).filter(unit__in=units, visited_on__year=year)
    visits = {
        unit: (number, last)
        for unit, number, last in made.order_by()
        .values_list("unit")
        .annotate(number=Count("pk"), last=Max("visited_on"))
    }
    waiting = Agreement.objects.filter(
        guidance__in=Guidance.objects.visible_to(hat), guidance__unit__in=units, done_on__isnull=True
    )
    agreed = dict(waiting.order_by().values_list("guidance__unit").annotate(number=Count("pk")))
    return {unit: Inside(editions[unit], *visits.get(unit, (0, None)), agreed.get(unit, 0)) for unit in units}


def _aim(by_year, every):
    return lambda year: rules.aim_of(by_year, every, year)


def _no_aim(year):
    return None
