"""What was decided about visits: who stays away, what collides, the order of a day, a proposal of days.

S1 四.3⑤ asks for a visit on the spot; how teams are put together and sent out is 委员会决定 throughout.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from portal.errors import N_
from portal.sentences import Sentence, sentence

MORNING, AFTERNOON = "am", "pm"
_TURN = {MORNING: 0, "": 1, AFTERNOON: 2}


@dataclass(frozen=True)
class Person:
    """Somebody who may visit. Names of employers come prepared for comparing."""

    id: Hashable
    employer: str = ""
    employer_code: str = ""
    division: str = ""


@dataclass(frozen=True)
class Subject:
    """An enterprise on the list, and who had to do with it in this edition: person → what as."""

    id: Hashable
    code: str
    names: frozenset[str]
    division: str = ""
    served: Mapping[Hashable, str] = field(default_factory=dict)


EMPLOYER_CODE = N_("工作单位的统一社会信用代码与企业相同")
EMPLOYER = N_("工作单位与企业名称相同")
DISTRICT = N_("与推荐单位同属{division}")


def conflict(person: Person, subject: Subject, *, same_district: bool) -> Sentence | None:
    """委员会决定: 回避 as with experts: the own employer, an earlier part in the matter, the same district.

    The last only where the edition says so.
    """
    if person.employer_code and person.employer_code == subject.code:
        return sentence(EMPLOYER_CODE)
    if person.employer and person.employer in subject.names:
        return sentence(EMPLOYER)
    if person.id in subject.served:
        return sentence(subject.served[person.id])
    if same_district and person.division and person.division == subject.division:
        return sentence(DISTRICT, division=subject.division)
    return None


@dataclass(frozen=True)
class Appointment:
    """One visit as it is planned: whose, when, by which team and which people of it."""

    id: Hashable
    name: str
    day: date
    slot: str
    team: Hashable
    team_name: str
    people: Mapping[Hashable, str] = field(default_factory=dict)


def collisions(appointments: Iterable[Appointment]) -> list[Sentence]:
    """委员会决定: nobody goes with two teams in the same half of a day.

    One team makes several visits one after another; a visit without a half may be in either.
    """
    days: dict[tuple, list[Appointment]] = defaultdict(list)
    for each in appointments:
        for person, name in each.people.items():
            days[each.day, name, person].append(each)
    return [
        sentence(
            N_("{person}在 {day} 同一时段随两个考察组外出：{names}"),
            person=name,
            day=day,
            names="、".join(f"{each.name}（{each.team_name}）" for each in sorted(met, key=_by_name)),
        )
        for (day, name, _person), visits in sorted(days.items(), key=lambda pair: str(pair[0]))
        if (met := _met(visits))
    ]


def _met(visits: list[Appointment]) -> list[Appointment]:
    return [one for one in visits if any(_meet(one, other) for other in visits)]


def _meet(one: Appointment, other: Appointment) -> bool:
    return one.team != other.team and (one.slot == other.slot or "" in (one.slot, other.slot))


def _by_name(each: Appointment) -> str:
    return each.name


def overloads(appointments: Iterable[Appointment], most: int) -> list[tuple[str, date, int]]:
    """委员会决定: a team's day with more than `most` visits, as (team, day, how many)."""
    load = Counter((each.team_name, each.day) for each in appointments)
    return [(team, day, count) for (team, day), count in sorted(load.items()) if count > most]


class Stop(NamedTuple):
    """A visit in the order of a day."""

    id: Hashable
    slot: str
    division: str
    rank: int


def route(stops: Iterable[Stop]) -> list[Hashable]:
    """委员会决定: the order of a team's day: morning first, then district by district.

    The district of the best rank comes first; where the morning ended, the afternoon goes on.
    """
    ordered: list[Stop] = []
    halves = defaultdict(list)
    for stop in stops:
        halves[_TURN.get(stop.slot, 1)].append(stop)
    for _turn, half in sorted(halves.items()):
        here = ordered[-1].division if ordered else None
        best: dict[str, int] = {}
        for stop in half:
            best[stop.division] = min(stop.rank, best.get(stop.division, stop.rank))
        ordered += sorted(
            half,
            key=lambda stop: (
                stop.division != here,
                best[stop.division],
                stop.division,
                stop.rank,
                str(stop.id),
            ),
        )
    return [stop.id for stop in ordered]


@dataclass(frozen=True)
class Wanted:
    """A visit that waits for a day and a team; `barred` are the teams with somebody who must stay away."""

    id: Hashable
    division: str
    rank: int
    barred: frozenset[Hashable] = frozenset()


class Place(NamedTuple):
    id: Hashable
    team: Hashable
    day: date
    slot: str


@dataclass(frozen=True)
class Proposal:
    places: tuple[Place, ...]
    #: Those for whom every team is barred, and those for whom no day was left.
    barred: tuple[Hashable, ...] = ()
    crowded: tuple[Hashable, ...] = ()


def propose(
    wanted: Iterable[Wanted],
    teams: Sequence[Hashable],
    days: Sequence[date],
    *,
    per_day: int,
    seed: str,
    taken: Mapping[tuple[Hashable, date], Sequence[str]] | None = None,
) -> Proposal:
    """委员会决定: a proposal of days and teams, the same for the same seed.

    District by district, the largest first: a team goes on in the district it is in that day, else the team
    with the fewest visits takes its next free day. `taken` are visits that stand already: (team, day) → their
    districts. Nobody gets more than `per_day` visits a day; the first half of them is the morning's.
    """
    wanted, order = list(wanted), {team: _lot(seed, team) for team in teams}
    bins: dict[tuple[Hashable, date], list[str]] = {
        (team, day): list((taken or {}).get((team, day), ())) for day in days for team in teams
    }
    load = Counter(dict.fromkeys(teams, 0))
    for (team, _day), stops in (taken or {}).items():
        load[team] += len(stops)
    size = Counter(each.division for each in wanted)
    placed, barred, crowded = [], [], []
    for each in sorted(
        wanted, key=lambda w: (-size[w.division], _lot(seed, w.division), w.division, w.rank, str(w.id))
    ):
        able = [team for team in teams if team not in each.barred]
        if not able:
            barred.append(each.id)
            continue
        free = [key for key, stops in bins.items() if key[0] in able and len(stops) < per_day]
        if not free:
            crowded.append(each.id)
            continue
        team, day = min(
            free,
            key=lambda key: (_strangeness(bins[key], each.division), load[key[0]], key[1], order[key[0]]),
        )
        bins[team, day].append(each.division)
        load[team] += 1
        half = MORNING if len(bins[team, day]) * 2 <= per_day + per_day % 2 else AFTERNOON
        placed.append(Place(each.id, team, day, half))
    return Proposal(tuple(placed), tuple(barred), tuple(crowded))


def _strangeness(stops: list[str], division: str) -> int:
    """0 where the team is in this district that day already, 1 on a free day, 2 where it is elsewhere."""
    if not stops:
        return 1
    return 0 if division in stops else 2


def _lot(seed: str, thing: Hashable) -> str:
    return hashlib.sha256(f"{seed}:{thing}".encode()).hexdigest()
