"""Who reviews what: tables by hand, and what must hold for whatever conflicts there are."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from review.matching import Plan, Reviewer, Shortage, Subject, match


def subjects(*keys, **fields):
    return [Subject(key, frozenset(fields.get(key, ()))) for key in keys]


def reviewers(*keys, most=None, **fields):
    return [Reviewer(key, frozenset(fields.get(key, ())), most) for key in keys]


def of(plan: Plan, subject: str) -> set[str]:
    return {who for one, who in plan.pairs if one == subject}


def test_everyone_gets_its_experts_and_loads_are_even():
    plan = match(subjects(*"abcdef"), reviewers(*"1234"), each=2, seed="s")
    assert [len(of(plan, key)) for key in "abcdef"] == [2] * 6
    assert sorted(plan.loads.values()) == [3, 3, 3, 3]
    assert plan.shortages == ()


def test_a_conflict_is_never_assigned():
    plan = match(subjects("a"), reviewers(*"123"), each=2, barred=[("a", "2")], seed="s")
    assert of(plan, "a") == {"1", "3"}


def test_fields_are_matched_where_loads_allow():
    plan = match(
        subjects("a", "b", a=["电子"], b=["化工"]),
        reviewers("1", "2", **{"1": ["化工"], "2": ["电子"]}),
        each=1,
        seed="s",
    )
    assert plan.pairs == (("a", "2"), ("b", "1"))
    assert plan.matched == 2


def test_even_loads_go_before_fields():
    plan = match(
        subjects("a", "b", a=["电子"], b=["电子"]),
        reviewers("1", "2", **{"1": ["电子"], "2": ["化工"]}),
        each=1,
        seed="s",
    )
    assert plan.loads == {"1": 1, "2": 1}
    assert plan.matched == 1


def test_what_is_held_stays_and_counts():
    held = [("a", "1"), ("a", "2"), ("b", "1")]
    plan = match(subjects("a", "b"), reviewers(*"123"), each=2, held=held, seed="s")
    assert plan.pairs == (("b", "3"),)
    assert plan.loads == {"1": 2, "2": 1, "3": 1}


def test_who_lacks_whom_is_said():
    # Expert 2 has one place left, and a has nobody else; b keeps 1 and lacks a second.
    plan = match(
        subjects("a", "b"),
        reviewers("1", "2", most=1),
        each=2,
        barred=[("a", "1"), ("b", "2")],
        seed="s",
    )
    assert plan.pairs == (("a", "2"), ("b", "1"))
    assert plan.shortages == (Shortage("a", 1, ("1",), ()), Shortage("b", 1, ("2",), ()))


def test_who_is_full_is_said():
    plan = match(subjects("a", "b"), reviewers("1", most=1), each=1, barred=[("b", "1")], seed="s")
    assert plan.shortages == (Shortage("b", 1, ("1",), ()),)
    plan = match(subjects("a"), [Reviewer("1", most=2)], each=1, held=[("x", "1"), ("y", "1")], seed="s")
    assert plan.shortages == (Shortage("a", 1, (), ("1",)),)


def test_more_experts_wanted_than_there_are():
    plan = match(subjects("a"), reviewers(*"12"), each=3, seed="s")
    assert plan.shortages == (Shortage("a", 1, (), ()),)
    assert of(plan, "a") == {"1", "2"}


def test_the_seed_decides_and_nothing_else():
    asked = {"each": 2, "barred": [("a", "1")]}
    one = match(subjects(*"abcd"), reviewers(*"12345"), seed="2026", **asked)
    again = match(reversed(subjects(*"abcd")), reversed(reviewers(*"12345")), seed="2026", **asked)
    assert one == again
    others = {match(subjects(*"abcd"), reviewers(*"12345"), seed=str(n), **asked).pairs for n in range(20)}
    assert len(others) > 1


instances = st.integers(1, 7).flatmap(
    lambda n: st.integers(1, 6).flatmap(
        lambda m: st.tuples(
            st.just(n),
            st.just(m),
            st.integers(1, 4),
            st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))),
            st.one_of(st.none(), st.integers(0, 5)),
        )
    )
)


@settings(max_examples=200, deadline=None)
@given(instances)
def test_what_always_holds(instance):
    n, m, each, conflicts, most = instance
    barred = {(f"s{one}", f"r{who}") for one, who in conflicts}
    people = [Reviewer(f"r{who}", most=most) for who in range(m)]
    plan = match([Subject(f"s{one}") for one in range(n)], people, each=each, barred=barred, seed="h")
    assert len(set(plan.pairs)) == len(plan.pairs)
    assert not set(plan.pairs) & barred
    missing = {shortage.subject: shortage.missing for shortage in plan.shortages}
    for one in range(n):
        assert len(of(plan, f"s{one}")) + missing.get(f"s{one}", 0) == each
    assert most is None or max(plan.loads.values()) <= most
    # No swap makes two loads more even, and none fills an empty place.
    for high, low in combinations(sorted(plan.loads, key=plan.loads.get, reverse=True), 2):
        if plan.loads[high] - plan.loads[low] < 2 or (most is not None and plan.loads[low] >= most):
            continue
        movable = [one for one, who in plan.pairs if who == high]
        assert all((one, low) in barred or (one, low) in plan.pairs for one in movable)
    for shortage in plan.shortages:
        for who in people:
            if who.key in of(plan, shortage.subject) or (shortage.subject, who.key) in barred:
                continue
            assert most is not None and plan.loads[who.key] >= most
            assert who.key in shortage.full


def test_a_city_of_experts():
    fields = ["电子", "化工", "海洋", "纺织"]
    plan = match(
        [Subject(f"s{n:03}", frozenset([fields[n % 4]])) for n in range(200)],
        [Reviewer(f"r{n:02}", frozenset([fields[n % 4]])) for n in range(60)],
        each=5,
        barred=[(f"s{n:03}", f"r{n % 60:02}") for n in range(200)],
        seed="2026",
    )
    assert plan.shortages == ()
    assert set(plan.loads.values()) == {16, 17}
    assert plan.matched > 990
