"""Detection: groups written by hand, and what they may and may not be flagged for."""

import random
from collections import Counter
from itertools import combinations

import pytest

from voting.rules import detection
from voting.rules.detection import EXPLANATIONS, SIGNS, Past, Seen, Thresholds, chance, coarse, look
from voting.rules.detection.signs import accounted_for, flagged

HOUR, TEN = 3600, 600
NOON = 1_780_000_800 // 86400 * 86400 + 4 * HOUR  # 12:00 in the city
T = Thresholds()


def past(days: int = 3, a_ten: int = 10) -> Past:
    """Three quiet days: forty candidates, three on a ballot, all alike; people stay 40 to 159 seconds."""
    found = Past()
    for ten in range(days * 144):
        begin = NOON - 4 * HOUR - days * 86400 + ten * TEN
        n = 1 if begin // HOUR % 24 in (17, 18, 19, 20) else a_ten  # 1:00 to 5:00 in the city
        picks = Counter(dict.fromkeys(range(1, 41), 3 * n / 40))
        for book, key in ((found.tens, begin), (found.hours, begin // HOUR * HOUR)):
            known, before = book.get(key, (0, Counter()))
            book[key] = (known + n, before + picks)
        found.n += n
    found.tens = {begin: each for begin, each in found.tens.items() if begin >= NOON - 28 * HOUR}
    found.dwell = Counter(dict.fromkeys(range(40, 160), found.n // 120))
    found.home = Counter(local=found.n * 9 // 10, away=found.n // 10)
    return found


def honest(n: int = 300, *, since: float = NOON) -> list[Seen]:
    """Everybody from somewhere else, with another set, at a person's pace."""
    sets = list(combinations(range(1, 41), 3))
    random.Random(7).shuffle(sets)
    return [
        Seen(
            f"h{one}",
            f"vh{one}",
            since + one * TEN / n,
            sets[one % len(sets)],
            address=f"a{one}",
            network=f"n{one % 250}",
            device=f"d{one}",
            block=f"b{one}",
            home="away" if one % 10 == 0 else "local",
            dwell=40 + one * 13 % 120,
        )
        for one in range(n)
    ]


def group(n: int = 60, **traits) -> list[Seen]:
    """Voters of candidate 7 in the same ten minutes; a trait is a value, or a function of the number."""
    usual = {
        "picks": lambda one: (7, 8 + one % 11, 20 + one % 17),
        "address": lambda one: f"ga{one}",
        "network": lambda one: f"gn{one}",
        "device": lambda one: f"gd{one}",
        "block": lambda one: f"gb{one}",
        "home": lambda one: "away" if one % 10 == 0 else "local",
        "dwell": lambda one: 40 + one * 17 % 120,
    }
    return [
        Seen(
            f"g{one}",
            f"vg{one}",
            NOON + one * TEN / n,
            **{name: each(one) if callable(each) else each for name, each in (usual | traits).items()},
        )
        for one in range(n)
    ]


def seen(ballots, **more):
    """Rule → (candidate or set, flagged ballots), of a look at these ballots among honest ones."""
    return {
        (each.rule, each.candidate or each.key): set(each.flagged)
        for each in look([*honest(), *ballots], past(), **more)
    }


def ids(ballots) -> set:
    return {each.id for each in ballots}


def flagged_in(found) -> set:
    return set().union(*found.values()) if found else set()


SAME = (2, 5, 7)
FARM = {"network": "farm", "picks": SAME, "home": "virtual"}

BRUSHED = {
    "a script: the same set, no time to read": {"picks": SAME, "dwell": lambda one: 2 + one % 4},
    "a script that draws the others, from one address": {
        "dwell": lambda one: 2 + one % 4,
        "address": "x",
        "network": "y",
    },
    "a script that draws the others, from everywhere": {"dwell": lambda one: 2 + one % 4},
    "a script that waits, always as long": {"picks": SAME, "dwell": lambda one: 30 + one % 2},
    "a telephone many voters had, all alike": {"picks": SAME, "device": lambda one: f"t{one // 10}"},
    "numbers bought by the packet": {"picks": SAME, "home": "virtual", "block": lambda one: f"p{one // 5}"},
    "bought numbers, the others drawn": {"home": "virtual", "block": lambda one: f"p{one // 5}"},
    "a farm of telephones with numbers from elsewhere": FARM,
}


@pytest.mark.parametrize("traits", BRUSHED.values(), ids=BRUSHED)
def test_brush_votes_are_flagged_and_nobody_else_is(traits):
    ballots = group(**traits)
    found = seen(ballots)
    assert flagged_in(found) == ids(ballots), {key: len(each) for key, each in found.items()}


HONEST = {
    "a celebrity's post: many, fast, many from elsewhere": {
        "home": lambda one: "away" if one % 2 else "local"
    },
    "a list that goes round": {"picks": SAME},
    "a list that goes round, fans from everywhere": {
        "picks": SAME,
        "home": lambda one: "away" if one % 2 else "local",
    },
    "a shift behind one address": {"address": "x", "network": "y"},
    "a shift with the firm's numbers and its list": {
        "address": "x",
        "network": "y",
        "block": lambda one: f"f{one // 20}",
        "picks": SAME,
    },
    "a branch in another city": {"address": "x", "network": "y", "home": "away"},
    "a firm's people at home": {"block": lambda one: f"f{one // 20}", "home": "local"},
    "two tablets in a union's hall": {
        "address": "x",
        "network": "y",
        "device": lambda one: f"t{one % 2}",
    },
    "people who pick nobody else": {"picks": (7,)},
}


@pytest.mark.parametrize("traits", HONEST.values(), ids=HONEST)
def test_honest_rushes_are_remarked_on_and_not_flagged(traits):
    found = seen(group(**traits))
    assert found, "nothing was noticed at all"
    assert flagged_in(found) == set()


def test_an_ordinary_hour_raises_nothing():
    assert look(honest(), past()) == []


def test_with_an_attack_hidden_in_a_rush_only_the_attack_is_flagged():
    rush = [
        Seen(f"r{each.id}", f"r{each.voter}", each.at, each.picks, f"r{each.id}", dwell=each.dwell)
        for each in group(80)
    ]
    script = group(dwell=lambda one: 2 + one % 4)
    assert flagged_in(seen([*rush, *script])) == ids(script)


def test_what_a_voter_did_yesterday_too_is_one_voter_and_every_ballot_is_flagged():
    """One ballot a day: the same person with the same telephone is no crowd."""
    today = group(3, picks=SAME, device="t")
    days = [
        Seen(f"{each.id}.{day}", each.voter, each.at - day * HOUR, *_rest(each))
        for each in today
        for day in range(4)
    ]
    assert flagged_in(seen(days, surges=False)) == set()
    many = group(40, picks=SAME, device="t")
    twice = [Seen(f"{each.id}.1", each.voter, each.at - HOUR, *_rest(each)) for each in many]
    assert flagged_in(seen([*many, *twice], surges=False)) == ids([*many, *twice])


def _rest(each):
    return each.picks, each.address, each.network, each.device, each.block, each.home, each.dwell


def test_ballots_without_signals_are_no_group():
    silent = {"address": "", "network": "", "device": "", "block": "", "home": "", "dwell": None}
    found = seen(group(**silent))
    assert set(found) == {("velocity", 7)} and flagged_in(found) == set()


def test_a_young_poll_has_no_past_to_be_fast_against():
    young = Past(n=T.min_past - 1)
    assert [each for each in look([*honest(40), *group()], young) if each.rule == "velocity"] == []


def test_a_finding_says_what_it_saw_against_what():
    found = next(each for each in look([*honest(), *group()], past()) if each.rule == "velocity")
    assert (found.candidate, found.key) == (7, "")
    assert found.seen > found.threshold > found.expected and found.digits > 6
    assert found.since <= found.until <= NOON + TEN + 1
    assert found.more["series"][-1][1] == pytest.approx(found.seen / found.expected, rel=0.05)


# signs of a ballot, whether an honest reason accounts for them, and whether it is flagged
TOGETHER = [
    (set(), True, False),
    ({"dwell"}, False, False),
    ({"device"}, False, False),
    ({"velocity"}, True, False),
    ({"place"}, True, False),
    ({"area", "velocity"}, True, False),
    ({"area", "velocity", "clique"}, True, False),
    ({"area", "place"}, True, False),
    ({"area", "place", "clique"}, False, True),
    ({"place", "block", "clique", "velocity"}, True, False),
    ({"place", "clique", "rhythm"}, True, False),
    ({"clique", "rhythm"}, False, True),
    ({"kiosk", "place"}, True, False),
    ({"device", "place"}, False, True),
    ({"sequence", "area"}, False, True),
    ({"block", "clique"}, True, False),
    ({"dwell", "one_sided"}, False, True),
    ({"dwell", "velocity"}, False, True),
]


@pytest.mark.parametrize(("signs", "honest_reason", "guilty"), TOGETHER)
def test_two_signs_and_no_honest_reason_for_them_together(signs, honest_reason, guilty):
    assert (accounted_for(signs) is not None) is honest_reason
    assert flagged(signs, T) is guilty


def test_every_sign_has_its_words():
    named = set().union(*(each.accounts_for for each in EXPLANATIONS))
    assert named <= set(SIGNS) and all(SIGNS.values())
    assert {"dwell", "device", "sequence", "one_sided"}.isdisjoint(named)


@pytest.mark.parametrize(
    ("seen_", "expected", "digits"), [(10, 10, 0), (5, 10, 0), (20, 5, 5.53), (8, 0.5, 6.37)]
)
def test_poisson(seen_, expected, digits):
    assert chance.poisson(seen_, expected) == pytest.approx(digits, abs=0.01)


@pytest.mark.parametrize(
    ("n", "of", "share", "digits"), [(3, 10, 0.3, 0), (10, 10, 0.1, 10), (6, 10, 0.1, 3.26)]
)
def test_binomial(n, of, share, digits):
    assert chance.binomial(n, of, share) == pytest.approx(digits, abs=0.01)


def test_the_chances_of_all_sets_of_a_size_are_one():
    shares = {1: 0.9, 2: 0.4, 3: 0.1, 4: 0.05}
    of = chance.set_chance(shares)
    for size in (1, 2, 3):
        assert sum(of(each) for each in combinations(shares, size)) == pytest.approx(1)
    assert of((1, 2)) > of((2, 3)) > of((3, 4))


def test_two_voters_share_a_block():
    assert detection.collisions(Counter()) == 0
    assert detection.collisions(Counter(a=2, b=1, c=1)) == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("value", "limit", "found"),
    [(0, 3, 1), (2.99, 3, 1), (3, 3, 3), (4.9, 3, 3), (5, 3, 5), (7, 3, 5), (99, 2, 50), (1234, 2, 1000)],
)
def test_while_totals_are_hidden_multiples_are_rounded_down(value, limit, found):
    assert coarse.times(value, limit) == found


@pytest.mark.parametrize(
    ("value", "share", "hundred"),
    [(0, 0, 0), (0.04, 0.1, 1), (0.2, 0.25, 1), (0.96, 1, 1), (4.2, 1, 5), (17, 1, 20), (100, 1, 100)],
)
def test_and_shares_are_one_of_few(value, share, hundred):
    assert (coarse.share(value), coarse.of_hundred(value)) == (share, hundred)
