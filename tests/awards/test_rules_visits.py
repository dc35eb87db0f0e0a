"""Visits by the rules alone: who stays away, what collides, the order of a day, a proposal of days."""

from datetime import date

import pytest

from awards.rules import visits as rules
from awards.rules.visits import Appointment, Person, Stop, Subject, Wanted

MON, TUE, WED = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)
FIRM = Subject("n", "91370202MA0000001X", frozenset({"演示甲公司"}), "市南区", {"e": rules.N_("担任专家")})


@pytest.mark.parametrize(
    ("person", "same_district", "why"),
    [
        (Person("p"), True, None),
        (Person("p", employer_code="91370202MA0000001X"), False, "工作单位的统一社会信用代码与企业相同"),
        (Person("p", employer="演示甲公司"), False, "工作单位与企业名称相同"),
        (Person("p", employer="演示乙公司"), False, None),
        (Person("e"), False, "担任专家"),
        (Person("p", division="市南区"), False, None),
        (Person("p", division="市南区"), True, "与推荐单位同属市南区"),
        (Person("p", division="市北区"), True, None),
    ],
)
def test_who_stays_away(person, same_district, why):
    found = rules.conflict(person, FIRM, same_district=same_district)
    assert (str(found) if found else None) == why


def test_nothing_known_matches_nothing():
    nobody = Subject("n", "", frozenset({""}), "")
    assert rules.conflict(Person("p"), nobody, same_district=True) is None


def at(name, day, slot, team, *people):
    return Appointment(name, name, day, slot, team, f"{team}组", {person: person for person in people})


@pytest.mark.parametrize(
    ("visits", "count"),
    [
        ([at("A", MON, "am", 1, "甲"), at("B", MON, "am", 1, "甲")], 0),
        ([at("A", MON, "am", 1, "甲"), at("B", MON, "am", 2, "甲")], 1),
        ([at("A", MON, "am", 1, "甲"), at("B", MON, "pm", 2, "甲")], 0),
        ([at("A", MON, "", 1, "甲"), at("B", MON, "pm", 2, "甲")], 1),
        ([at("A", MON, "", 1, "甲"), at("B", MON, "", 2, "甲")], 1),
        ([at("A", MON, "am", 1, "甲"), at("B", TUE, "am", 2, "甲")], 0),
        ([at("A", MON, "am", 1, "甲", "乙"), at("B", MON, "am", 2, "甲", "乙")], 2),
        ([at("A", MON, "am", 1, "甲"), at("B", MON, "am", 2, "乙")], 0),
    ],
)
def test_nobody_is_with_two_teams_at_once(visits, count):
    assert len(rules.collisions(visits)) == count


def test_a_collision_says_who_when_and_where():
    [said] = rules.collisions([at("A", MON, "am", 1, "甲"), at("B", MON, "am", 2, "甲")])
    assert said.params == {"person": "甲", "day": MON, "names": "A（1组）、B（2组）"}


def test_much_in_a_day_is_said():
    visits = [at(name, MON, "", 1, "甲") for name in "ABC"] + [at("D", TUE, "", 1, "甲")]
    assert rules.overloads(visits, 2) == [("1组", MON, 3)]
    assert rules.overloads(visits, 3) == []


@pytest.mark.parametrize(
    ("stops", "order"),
    [
        ((("1", "am", "市南"), ("2", "am", "市北"), ("3", "am", "市南")), "132"),
        ((("2", "pm", "市南"), ("9", "am", "市北")), "92"),
        # The afternoon goes on where the morning ended.
        ((("1", "am", "市南"), ("2", "am", "市北"), ("3", "pm", "崂山"), ("4", "pm", "市北")), "1243"),
        # Without a half: between the two.
        ((("5", "", "市南"), ("4", "am", "市北"), ("6", "pm", "市南")), "456"),
        ((), ""),
    ],
)
def test_the_order_of_a_day(stops, order):
    found = rules.route(Stop(each, slot, place, int(each)) for each, slot, place in stops)
    assert "".join(found) == order


def wanted(**places):
    return [Wanted(name, division, rank) for rank, (name, division) in enumerate(places.items(), start=1)]


def test_a_proposal_keeps_a_district_together_and_shares_the_work():
    firms = wanted(a="市南区", b="市北区", c="市南区", d="市北区")
    found = rules.propose(firms, [1, 2], [MON, TUE], per_day=2, seed="x")
    days = {}
    for place in found.places:
        days.setdefault((place.team, place.day), set()).add(place.id)
    assert sorted(map(sorted, days.values())) == [["a", "c"], ["b", "d"]]
    assert {team for team, _day in days} == {1, 2}
    assert {day for _team, day in days} == {MON}
    assert [place.slot for place in found.places] == ["am", "pm", "am", "pm"]


def test_the_same_seed_proposes_the_same_in_whatever_order_it_is_asked():
    firms = wanted(**{f"n{n}": f"区{n % 5}" for n in range(17)})
    first = rules.propose(firms, [1, 2, 3], [MON, TUE, WED], per_day=2, seed="x")
    again = rules.propose(reversed(firms), [1, 2, 3], [MON, TUE, WED], per_day=2, seed="x")
    assert first == again
    assert len(first.places) == 17
    others = {rules.propose(firms, [1, 2, 3], [MON, TUE, WED], per_day=2, seed=str(n)) for n in range(9)}
    assert len(others) > 1


def test_what_stands_is_counted_and_nobody_gets_too_much():
    firms = wanted(a="市南区", b="市南区", c="市南区")
    found = rules.propose(firms, [1], [MON, TUE], per_day=2, seed="x", taken={(1, MON): ["市南区"]})
    assert [(place.id, place.day) for place in found.places] == [("a", MON), ("b", TUE), ("c", TUE)]
    found = rules.propose(firms, [1], [MON], per_day=2, seed="x", taken={(1, MON): ["市南区"]})
    assert ([place.id for place in found.places], found.crowded) == (["a"], ("b", "c"))


def test_a_barred_team_is_never_proposed():
    firms = [
        Wanted("a", "市南区", 1, frozenset({1})),
        Wanted("b", "市南区", 2),
        Wanted("c", "市南区", 3, frozenset({1, 2})),
    ]
    found = rules.propose(firms, [1, 2], [MON], per_day=4, seed="x")
    assert {place.id: place.team for place in found.places}["a"] == 2
    assert found.barred == ("c",)
