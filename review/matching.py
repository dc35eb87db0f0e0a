"""Who reviews what: a min-cost flow over conflicts, loads and fields. Pure: no Django, no clock, no chance.

Every nomination gets `each` experts. First as few places stay empty as possible, then the loads are as even
as the conflicts allow, then fields match as far as they can; what is equal after that the seed decides, and
the same seed with the same input decides the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import networkx

MISMATCH = 100
NOISE = 10


@dataclass(frozen=True)
class Reviewer:
    """An expert who may be given work. `most` counts what is held already; None is no limit."""

    key: str
    fields: frozenset[str] = frozenset()
    most: int | None = None


@dataclass(frozen=True)
class Subject:
    """A nomination to be reviewed. Without fields, everybody's field matches."""

    key: str
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shortage:
    """One nomination that cannot get all its experts: how many are missing, and why the others cannot."""

    subject: str
    missing: int
    barred: tuple[str, ...]  # conflicts
    full: tuple[str, ...]  # free of conflict, and at their limit


@dataclass(frozen=True)
class Plan:
    """`pairs` are (subject, reviewer) beside those held; `shortages` is empty when everybody is served."""

    pairs: tuple[tuple[str, str], ...]
    loads: Mapping[str, int]
    matched: int  # new pairs whose fields meet
    shortages: tuple[Shortage, ...] = field(default=())


def match(
    subjects: Iterable[Subject],
    reviewers: Iterable[Reviewer],
    *,
    each: int,
    barred: Iterable[tuple[str, str]] = (),
    held: Iterable[tuple[str, str]] = (),
    seed: str,
) -> Plan:
    """Fill every subject up to `each` reviewers, keeping what is `held`: a top-up changes nothing else.

    `barred` are pairs in conflict; a held pair that is barred is the caller's to release first.
    """
    subjects = sorted(subjects, key=lambda one: one.key)
    reviewers = sorted(reviewers, key=lambda one: one.key)
    barred, held = set(barred), set(held)
    # Somebody who left the panel may hold a pair as well: it counts for the subject.
    have = {one.key: sum(subject == one.key for subject, _who in held) for one in subjects}
    held_loads = {who.key: sum(reviewer == who.key for _subject, reviewer in held) for who in reviewers}
    wanted = {one.key: max(each - have[one.key], 0) for one in subjects}
    total = sum(wanted.values())
    if not total:
        return Plan((), held_loads, 0)
    flow = _solve(subjects, reviewers, wanted, barred | held, held_loads, total, seed)
    pairs = tuple(
        (one.key, who.key)
        for one in subjects
        for who in reviewers
        if flow[_subject(one.key)].get(_reviewer(who.key), {}).get(0, 0)
    )
    loads = dict(held_loads)
    for _one, who in pairs:
        loads[who] += 1
    fields = {who.key: who.fields for who in reviewers}
    wants = {one.key: one.fields for one in subjects}
    return Plan(
        pairs,
        loads,
        sum(_meets(wants[one], fields[who]) for one, who in pairs),
        _shortages(subjects, reviewers, wanted, pairs, barred, held, loads),
    )


def _solve(subjects, reviewers, wanted, excluded, held_loads, total, seed):
    """The cheapest flow. Costs are in tiers: one empty place outweighs all loads, one load all mismatches."""
    load_cost = total * (MISMATCH + NOISE) + 1
    most_load = max(held_loads.values(), default=0) + len(subjects)
    empty_cost = load_cost * (2 * most_load + 1) * total + 1
    graph = networkx.MultiDiGraph()
    graph.add_node("end", demand=total)
    for one in subjects:
        graph.add_node(_subject(one.key), demand=-wanted[one.key])
        graph.add_edge(_subject(one.key), "end", 0, capacity=wanted[one.key], weight=empty_cost)
        for who in reviewers:
            if (one.key, who.key) not in excluded:
                weight = _noise(seed, one.key, who.key) + (0 if _meets(one.fields, who.fields) else MISMATCH)
                graph.add_edge(_subject(one.key), _reviewer(who.key), 0, capacity=1, weight=weight)
    for who in reviewers:
        # Each further nomination costs more than the one before: the squares of the loads are least.
        last = held_loads[who.key] + len(subjects)
        last = last if who.most is None else min(last, who.most)
        for level in range(held_loads[who.key], last):
            weight = load_cost * (2 * level + 1)
            graph.add_edge(_reviewer(who.key), "end", level, capacity=1, weight=weight)
    _cost, flow = networkx.network_simplex(graph)
    return flow


def _shortages(subjects, reviewers, wanted, pairs, barred, held, loads):
    found = []
    for one in subjects:
        got = {who for subject, who in pairs if subject == one.key}
        missing = wanted[one.key] - len(got)
        if missing:
            free = [
                who for who in reviewers if who.key not in got and (one.key, who.key) not in barred | held
            ]
            found.append(
                Shortage(
                    one.key,
                    missing,
                    tuple(who.key for who in reviewers if (one.key, who.key) in barred),
                    tuple(who.key for who in free if who.most is not None and loads[who.key] >= who.most),
                )
            )
    return tuple(found)


def _meets(wanted: frozenset[str], offered: frozenset[str]) -> bool:
    return not wanted or bool(wanted & offered)


def _noise(seed: str, subject: str, reviewer: str) -> int:
    """Which of equals is taken: from the seed, so that anybody gets the same."""
    return sha256(f"{seed}|{subject}|{reviewer}".encode()).digest()[0] % NOISE


def _subject(key: str) -> tuple[str, str]:
    return ("subject", key)


def _reviewer(key: str) -> tuple[str, str]:
    return ("reviewer", key)
