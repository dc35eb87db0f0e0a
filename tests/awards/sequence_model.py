"""The last two steps once more, in plain sets and dates: by DESIGN and ADR 18, importing nothing of ours.

Enterprises are their ranks. Each method is an act: it says whether the act may be done, and does it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

# 2026, as the State Council published it: Mid-Autumn and National Day, two working weekend days.
HOLIDAYS = {date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}
SEATS, SIZE, WORKDAYS = 2, 3, 5
RANKS = (1, 2, 3, 4, 5, 6)
DRAWN = (1, 2, 3)


def works(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in HOLIDAYS)


def last_day(published: date) -> date:
    """The fifth working day after the day of publication."""
    day, left = published, WORKDAYS
    while left:
        day += timedelta(days=1)
        left -= works(day)
    return day


@dataclass
class Notice:
    rows: list[int]
    ends: date
    is_list: bool
    in_force: bool = True
    places: int = 0


@dataclass
class Objection:
    to: int
    state: str = "lodged"


@dataclass
class Model:
    today: date
    failed: set[int]
    at: dict[int, str] = field(default_factory=dict)
    listed: set[int] = field(default_factory=lambda: set(DRAWN))
    refilled: set[int] = field(default_factory=set)
    # Rank → what the department said, "" while it did not answer.
    referred: dict[int, str] = field(default_factory=dict)
    problems: set[int] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    decisions: list[list[int]] = field(default_factory=list)
    inspection_open: bool = True
    publicity_open: bool = True

    def __post_init__(self):
        self.at = {rank: "inspection" if rank in DRAWN else "voting" for rank in RANKS}

    def where(self, *states) -> list[int]:
        return [rank for rank in RANKS if self.at[rank] in states]

    def wait(self, days):
        self.today += timedelta(days=days)
        return True

    # 差额考察

    def withdraw(self, rank):
        if self.at[rank] in ("named", "rejected", "withdrawn"):
            return False
        self.at[rank] = "withdrawn"
        self.referred.pop(rank, None)
        return True

    def next_in_line(self):
        return min((rank for rank in self.where("voting") if rank not in self.listed), default=None)

    def top_up(self, leaver):
        gone = (self.listed & set(self.where("rejected", "withdrawn"))) - self.failed
        place = min(len(gone - self.refilled), SIZE - (len(self.listed) - len(gone)))
        follows = self.next_in_line()
        if not self.inspection_open or leaver not in gone - self.refilled or place < 1 or follows is None:
            return False
        self.refilled.add(leaver)
        self.listed.add(follows)
        self.at[follows] = "inspection"
        return True

    def refer(self, rank):
        if not self.inspection_open or self.at[rank] != "inspection":
            return False
        self.at[rank] = "screening"
        self.referred[rank] = ""
        return True

    def answer(self, rank, said):
        if rank not in self.referred:
            return False
        self.referred[rank] = said
        return True

    def settle(self, rank, cleared):
        said = self.referred.get(rank)
        if not said or (cleared and said == "problem") or (cleared and not self.inspection_open):
            return False
        del self.referred[rank]
        self.at[rank] = "inspection" if cleared else "rejected"
        return True

    def close_inspection(self):
        there = set(self.where("inspection"))
        if not self.inspection_open or self.referred or not there:
            return False
        for rank in there & self.failed:
            self.at[rank] = "rejected"
        self.inspection_open = False
        return True

    # 公示

    def look(self, rank, clear):
        if self.at[rank] not in ("inspection", "publicity"):
            return False
        (self.problems.discard if clear else self.problems.add)(rank)
        return True

    @property
    def the_list(self):
        return next((each for each in self.notices if each.is_list and each.in_force), None)

    @property
    def free(self) -> int:
        held = len(self.where("publicity", "named"))
        return max(0, self.the_list.places - held) if self.the_list else 0

    def reserves(self) -> list[int]:
        return [rank for rank in self.where("inspection") if rank not in self.failed]

    def _publish(self, chosen, seats, is_list):
        may = self.publicity_open and not self.inspection_open and 0 < len(chosen) <= seats
        if not may or not set(chosen) <= set(self.reserves()) or set(chosen) & self.problems:
            return False
        self.notices.append(Notice(list(chosen), last_day(self.today), is_list, places=len(chosen)))
        for rank in chosen:
            self.at[rank] = "publicity"
        return True

    def publish(self, chosen):
        return self.the_list is None and self._publish(chosen, SEATS, True)

    def replace(self, chosen):
        return self.the_list is not None and self._publish(chosen, self.free, False)

    def correct(self, number, chosen):
        if not self.publicity_open or number >= len(self.notices) or not chosen:
            return False
        old = self.notices[number]
        if not old.in_force or any(self.at[rank] == "named" for rank in old.rows):
            return False
        standing = [rank for rank in old.rows if self.at[rank] == "publicity"]
        elsewhere = len(self.where("publicity", "named")) - len(standing)
        changed = list(chosen) != standing
        if changed:
            seats = max(0, SEATS - elsewhere) if old.is_list else len(standing) + self.free
            if len(chosen) > seats or not set(chosen) <= {*standing, *self.reserves()}:
                return False
            if set(chosen) & self.problems:
                return False
        count = len(chosen) + (elsewhere if old.is_list else 0)
        old.in_force = False
        ends = last_day(self.today) if changed else old.ends
        self.notices.append(Notice(list(chosen), ends, old.is_list, places=max(old.places, count)))
        for rank in standing:
            self.at[rank] = "inspection"
        for rank in chosen:
            self.at[rank] = "publicity"
        return True

    # 异议

    def notice_of(self, rank):
        """The number of the notice in force that it stands on."""
        found = [n for n, each in enumerate(self.notices) if each.in_force and rank in each.rows]
        return found[-1] if found else None

    def lodge(self, rank):
        number = self.notice_of(rank)
        if number is None or self.at[rank] != "publicity" or self.today > self.notices[number].ends:
            return False
        self.objections.append(Objection(rank))
        return True

    def handle(self, number, to):
        came_from = {
            "accepted": ("lodged",),
            "declined": ("lodged",),
            "upheld": ("accepted",),
            "dismissed": ("accepted",),
            "answered": ("declined", "upheld", "dismissed"),
        }
        objection = self.objections[number]
        if objection.state not in came_from[to]:
            return False
        objection.state = to
        if to == "upheld" and self.at[objection.to] in ("publicity", "inspection"):
            self.at[objection.to] = "rejected"
        return True

    @property
    def disputed(self) -> bool:
        return any(each.state != "answered" for each in self.objections)

    # 命名

    def ready(self) -> list[int]:
        there = self.where("publicity")
        return [rank for rank in there if self.today > self.notices[self.notice_of(rank)].ends]

    def name(self, chosen=None):
        ready = self.ready()
        named = ready if chosen is None else list(chosen)
        if not self.publicity_open or self.disputed or not named:
            return False
        if not set(named) <= set(ready) or set(named) & self.problems:
            return False
        for rank in named:
            self.at[rank] = "named"
        self.decisions.append(sorted(named))
        if not self.where("publicity") and not (self.free and self.reserves()):
            self.publicity_open = False
        return True

    def close_publicity(self):
        if not self.publicity_open or self.the_list is None or self.disputed or self.where("publicity"):
            return False
        self.publicity_open = False
        return True
