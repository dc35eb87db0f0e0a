"""The calendar: which days are working days, from the published arrangements, as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.errors import Refused


class YearNotPublished(Refused):
    """委员会决定: a year whose arrangement the calendar does not hold is never guessed."""


@dataclass(frozen=True)
class Year:
    """One year's arrangement: days off (weekends among them may be listed) and weekend days worked."""

    year: int
    source: str = ""
    provisional: bool = False
    holidays: frozenset[date] = field(default_factory=frozenset)
    workdays: frozenset[date] = field(default_factory=frozenset)


def read_year(data: object) -> Year:
    """A year from `{"year","source","provisional","holidays","workdays"}`; what is wrong in it is refused."""
    if not isinstance(data, Mapping) or type(data.get("year")) is not int:
        raise Refused("节假日数据缺少年份，请核对后重新导入。")
    number = data["year"]
    holidays, workdays = (_days(number, data.get(key, ())) for key in ("holidays", "workdays"))
    if both := sorted(holidays & workdays):
        raise Refused("{day} 既列为放假又列为上班，请按放假通知核对。", day=both[0])
    for day in sorted(workdays):
        if day.weekday() < 5:
            raise Refused("{day} 不是周末，不需要列为调休上班日，请按放假通知核对。", day=day)
    return Year(number, str(data.get("source", "")), data.get("provisional") is True, holidays, workdays)


def _days(year: int, texts: object) -> frozenset[date]:
    if isinstance(texts, (str, Mapping)) or not isinstance(texts, Iterable):
        raise Refused("{year} 年的节假日应当是日期的清单，请核对后重新导入。", year=year)
    days = []
    for text in texts:
        try:
            day = text if type(text) is date else date.fromisoformat(text)
        except (TypeError, ValueError):
            raise Refused("“{text}”不是日期，请写成 2026-10-01 的样子。", text=text) from None
        if day.year != year:
            raise Refused("{day} 不在 {year} 年内，请放到它所在年份的数据中。", day=day, year=year)
        days.append(day)
    return frozenset(days)


@dataclass(frozen=True)
class Calendar:
    """委员会决定: 工作日 is Monday to Friday, less the published days off, plus the make-up days."""

    years: Mapping[int, Year]

    @classmethod
    def of(cls, years: Iterable[Year]) -> "Calendar":
        return cls({each.year: each for each in years})

    def year(self, number: int) -> Year:
        if number not in self.years:
            raise YearNotPublished(
                "工作日历中没有 {year} 年的放假安排，无法推算工作日。请办公室先录入该年的放假通知。",
                year=number,
            )
        return self.years[number]

    def is_workday(self, day: date) -> bool:
        arrangement = self.year(day.year)
        if day in arrangement.workdays:
            return True
        return day.weekday() < 5 and day not in arrangement.holidays

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted."""
        if n < 0:
            raise ValueError(n)
        while n:
            day += timedelta(days=1)
            n -= self.is_workday(day)
        return day

    def provisional(self, start: date, end: date) -> bool:
        """Whether any day from `start` to `end`, both included, rests on an arrangement not yet confirmed."""
        years = [self.year(number) for number in range(start.year, end.year + 1)]
        return any(year.provisional for year in years)
