from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards.rules import (
    ACCEPTED,
    ANSWERED,
    DECLINED,
    DISMISSED,
    LODGED,
    TIE_BREAK,
    UPHELD,
    Candidate,
    Rules,
    check_proposal,
    check_rules,
    composite,
    departs,
    explain,
    free_places,
    may_name,
    may_name_any,
    naming_is_over,
    next_states,
    notice_ends,
    notice_proposal,
    replacement,
    restarts,
    shortlist,
    shortlist_size,
)
from portal.errors import Refused
from portal.sentences import sentence
from portal.workdays import Calendar, Year


def said(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return str(refused.value)


def field(*lines):
    """Candidates from (id, expert score, picks, private, recognised)."""
    return [Candidate(i, Fraction(score), picks, bool(p), bool(r)) for i, score, picks, p, r in lines]


def table(result):
    return [(row.id, row.rank, row.shortlisted, row.tie) for row in result.rows]


@pytest.mark.parametrize(
    "seats, size", [(1, 2), (2, 3), (3, 4), (5, 6), (8, 10), (10, 12), (15, 18), (100, 120)]
)
def test_shortlist_size(seats, size):
    assert shortlist_size(seats) == size


def test_shortlist_size_of_another_ratio():
    assert shortlist_size(10, Fraction(1)) == 10
    assert shortlist_size(3, Fraction(3, 2)) == 5


def test_composite_is_exact():
    assert composite(Fraction(9477, 100), Fraction(65875, 709), Rules(10)) == Fraction(66796851, 709000)
    assert composite(Fraction(80), Fraction(50), Rules(10, expert_weight=60, vote_weight=40)) == 68
    assert Rules(10, "6/5", Decimal("70"), "30") == Rules(10)


def test_plain_order_without_ties():
    result = shortlist(field(("a", 90, 10, 0, 0), ("b", 80, 10, 1, 1), ("c", 85, 0, 1, 1)), Rules(1))
    assert table(result) == [("a", 1, True, None), ("b", 2, True, None), ("c", 3, False, None)]
    assert [row.composite for row in result.rows] == [93, 86, Fraction(119, 2)]
    assert (result.size, result.grew_by, result.warning) == (2, 0, None)


def test_private_first_even_against_a_better_expert_score():
    # 70·100 + 30·0 = 7000 = 70·(400/7) + 30·100
    result = shortlist(field(("z", Fraction(400, 7), 5, 1, 0), ("a", 100, 0, 0, 1)), Rules(1, Fraction(1)))
    assert table(result) == [("z", 1, True, "private"), ("a", 2, False, "private")]


def test_recognised_key_industry_second():
    result = shortlist(field(("z", Fraction(400, 7), 5, 1, 1), ("a", 100, 0, 1, 0)), Rules(1, Fraction(1)))
    assert table(result) == [
        ("z", 1, True, "recognised_key_industry"),
        ("a", 2, False, "recognised_key_industry"),
    ]


def test_expert_score_third():
    result = shortlist(field(("a", Fraction(400, 7), 5, 1, 1), ("z", 100, 0, 1, 1)), Rules(1, Fraction(1)))
    assert table(result) == [("z", 1, True, "expert_score"), ("a", 2, False, "expert_score")]


def test_order_of_the_tie_rules_is_the_editions():
    lines = field(("p", 80, 5, 1, 0), ("r", 80, 5, 0, 1))
    assert [row.id for row in shortlist(lines, Rules(1)).rows] == ["p", "r"]
    other = Rules(1, tie_break=("recognised_key_industry", "private"))
    assert [row.id for row in shortlist(lines, other).rows] == ["r", "p"]
    none = shortlist(lines, Rules(1, Fraction(1), tie_break=()))
    assert [(row.rank, row.tie) for row in none.rows] == [(1, "equal"), (1, "equal")]
    assert none.grew_by == 1


def test_equals_at_the_cut_are_all_in_and_the_list_says_so():
    lines = field(
        ("a", 90, 5, 0, 0), ("b", 80, 5, 0, 0), ("c", 80, 5, 0, 0), ("d", 80, 5, 0, 0), ("e", 70, 5, 0, 0)
    )
    result = shortlist(lines, Rules(1))
    assert [(row.id, row.rank, row.shortlisted) for row in result.rows if row.id in "ae"] == [
        ("a", 1, True),
        ("e", 5, False),
    ]
    assert {row.rank for row in result.rows if row.id in "bcd"} == {2}
    assert {row.tie for row in result.rows if row.id in "bcd"} == {"equal"}
    assert (result.size, result.grew_by) == (2, 2)
    assert "2" in str(result.warning)


def test_equals_above_the_cut_do_not_make_it_grow():
    result = shortlist(field(("a", 90, 5, 0, 0), ("b", 90, 5, 0, 0), ("c", 80, 5, 0, 0)), Rules(1))
    assert [(row.rank, row.shortlisted) for row in result.rows] == [(1, True), (1, True), (3, False)]
    assert result.grew_by == 0


def test_every_row_of_a_tied_group_says_what_settled_its_place():
    lines = field(
        ("1", 80, 5, 1, 1),
        ("2", 80, 5, 1, 0),
        ("3", 80, 5, 0, 1),
        ("4", 80, 5, 0, 1),
        ("5", 80, 5, 0, 0),
    )
    assert {row.id: (row.rank, row.tie) for row in shortlist(lines, Rules(5)).rows} == {
        "1": (1, "recognised_key_industry"),
        "2": (2, "recognised_key_industry"),
        "3": (3, "equal"),
        "4": (3, "equal"),
        "5": (5, "recognised_key_industry"),
    }


def test_nobody_voted():
    result = shortlist(field(("a", 90, 0, 0, 0), ("b", 80, 0, 1, 1)), Rules(1))
    assert [(row.vote_score, row.composite) for row in result.rows] == [(0, 63), (0, 56)]


def test_fewer_candidates_than_the_size():
    result = shortlist(field(("a", 90, 1, 0, 0), ("b", 80, 1, 1, 1)), Rules(10))
    assert all(row.shortlisted for row in result.rows)
    assert (result.size, result.grew_by) == (12, 0)
    assert "12" in str(result.warning)
    assert shortlist([], Rules(10)).rows == ()


@pytest.mark.parametrize(
    "rules",
    [
        Rules(0),
        Rules(10, ratio=Fraction(1, 2)),
        Rules(10, expert_weight=71),
        Rules(10, expert_weight=101, vote_weight=-1),
        Rules(10, tie_break=("name",)),
        Rules(10, tie_break=("private", "private")),
    ],
)
def test_rules_that_cannot_be_are_refused(rules):
    assert said(check_rules, rules) == said(shortlist, [], rules)


# few values, so that ties are many
candidates = st.lists(
    st.tuples(st.sampled_from([60, 70, 80]), st.integers(0, 3), st.booleans(), st.booleans()), max_size=12
).map(lambda lines: field(*((i, *line) for i, line in enumerate(lines))))
rules_of = st.builds(
    Rules,
    seats=st.integers(1, 6),
    ratio=st.sampled_from([Fraction(1), Fraction(6, 5), Fraction(3, 2)]),
    tie_break=st.sampled_from([TIE_BREAK, TIE_BREAK[::-1], TIE_BREAK[:1], ()]),
)


@given(candidates, rules_of, st.randoms())
def test_order_of_candidates_never_changes_a_result(lines, rules, random):
    assert shortlist(random.sample(lines, len(lines)), rules) == shortlist(lines, rules)


@given(candidates, rules_of, st.permutations(range(12)))
def test_ids_never_decide(lines, rules, renamed):
    other = [
        Candidate(renamed[c.id], c.expert_score, c.picks, c.private, c.recognised_key_industry) for c in lines
    ]
    before = {renamed[row.id]: (row.rank, row.shortlisted, row.tie) for row in shortlist(lines, rules).rows}
    assert before == {row.id: (row.rank, row.shortlisted, row.tie) for row in shortlist(other, rules).rows}


@given(candidates, rules_of)
def test_every_list_has_its_size_or_says_why(lines, rules):
    result = shortlist(lines, rules)
    chosen = [row for row in result.rows if row.shortlisted]
    assert len(chosen) == min(result.size, len(lines)) + result.grew_by
    assert (len(chosen) == result.size) == (result.warning is None)
    missed = [row for row in result.rows if not row.shortlisted]
    assert all(a.composite >= b.composite and a.rank < b.rank for a in chosen for b in missed)


@given(candidates, rules_of)
def test_tie_is_said_exactly_where_another_has_the_same_composite(lines, rules):
    rows = shortlist(lines, rules).rows
    for row in rows:
        same = [other for other in rows if other.composite == row.composite and other.id != row.id]
        assert (row.tie is None) == (not same)
        assert (row.tie == "equal") == any(other.rank == row.rank for other in same)


@given(candidates.filter(bool), rules_of, st.data())
def test_one_more_vote_never_harms(lines, rules, data):
    lucky = data.draw(st.sampled_from(lines))
    more = [
        Candidate(c.id, c.expert_score, c.picks + (c is lucky), c.private, c.recognised_key_industry)
        for c in lines
    ]
    before, after = (
        next(row for row in shortlist(each, rules).rows if row.id == lucky.id) for each in (lines, more)
    )
    assert after.vote_score >= before.vote_score
    assert after.composite >= before.composite
    assert after.rank <= before.rank
    assert after.shortlisted >= before.shortlisted


def explained(lines, rules=None):
    rules = rules or Rules(1)
    first, second = shortlist(lines, rules).rows[:2]
    said_both = explain(first, second, rules), explain(second, first, rules)
    if first.rank != second.rank:
        assert said_both[0] == said_both[1]
    return [str(each) for each in said_both[0]]


def test_explain():
    parts = explained(field(("a", 90, 10, 0, 0), ("b", 80, 10, 1, 1)))
    assert "93.00" in parts[0] and "86.00" in parts[0] and "7.00" in parts[0]
    assert "90.00 × 70%" in parts[1] and "80.00 × 70%" in parts[2]
    assert "民营" in explained(field(("a", 80, 1, 1, 0), ("b", 80, 1, 0, 0)))[0]
    assert "十强产业" in explained(field(("a", 80, 1, 1, 1), ("b", 80, 1, 1, 0)))[0]
    by_expert = explained(field(("a", 100, 0, 0, 0), ("b", Fraction(400, 7), 1, 0, 0)))[0]
    assert "100.00" in by_expert and "400/7" in by_expert
    assert "并列第 1 名" in explained(field(("a", 80, 1, 0, 0), ("b", 80, 1, 0, 0)))[0]


def test_explain_says_a_gap_too_small_to_show():
    parts = explained(field(("a", Fraction(800001, 10000), 1, 0, 0), ("b", 80, 1, 0, 0)))
    assert "0.00007" in parts[0]


def listed(*ranks):
    """Rows named by letters with these ranks; each rank comes from a real shortlist."""
    lines = field(*((chr(97 + i), 100 - rank, 0, 0, 0) for i, rank in enumerate(ranks)))
    rows = shortlist(lines, Rules(len(ranks))).rows
    assert sorted(row.rank for row in rows) == sorted(ranks)
    return rows


def test_notice_proposal_takes_who_passed_in_order():
    rows = listed(1, 2, 3, 4, 5)
    proposal = notice_proposal(rows, {"a", "c", "d", "e"}, 3)
    assert (proposal.ids, proposal.undecided, proposal.short_by) == (("a", "c", "d"), frozenset(), 0)
    assert notice_proposal(rows[::-1], {"a", "c", "d", "e"}, 3) == proposal
    short = notice_proposal(rows, {"b"}, 3)
    assert (short.ids, short.short_by) == (("b",), 2)


def test_notice_proposal_does_not_choose_among_equals():
    proposal = notice_proposal(listed(1, 2, 2, 2, 5), set("abcde"), 2)
    assert (proposal.ids, proposal.undecided, proposal.places) == (("a",), frozenset("bcd"), 1)
    assert departs(["a", "b"], proposal)
    fits = notice_proposal(listed(1, 2, 2, 4), set("abcd"), 3)
    assert (set(fits.ids), fits.undecided) == (set("abc"), frozenset())


def test_departs():
    proposal = notice_proposal(listed(1, 2, 2, 4), set("abcd"), 3)
    assert not departs(["a", "b", "c"], proposal)
    assert not departs(["a", "c", "b"], proposal)  # equals either way round
    assert departs(["b", "a", "c"], proposal)
    assert departs(["a", "b"], proposal)
    assert departs(["a", "b", "d"], proposal)


def test_departing_needs_a_reason_and_the_minute():
    proposal = notice_proposal(listed(1, 2, 3), set("abc"), 2)
    passed = {"passed": set("abc"), "seats": 2}
    check_proposal(["a", "b"], proposal, **passed)
    check_proposal(["a", "c"], proposal, **passed, reason="委员会审议（演示）", minute="2026年第3号")
    said(check_proposal, ["a", "c"], proposal, **passed)
    said(check_proposal, ["a", "c"], proposal, **passed, reason="委员会审议（演示）", minute=" ")
    said(check_proposal, [], proposal, **passed)
    said(check_proposal, ["a", "a"], proposal, **passed)
    said(check_proposal, ["a", "x"], proposal, **passed, reason="有", minute="1")
    said(check_proposal, ["a", "b", "c"], proposal, **passed, reason="有", minute="1")


def test_replacement():
    rows = listed(1, 2, 3, 4, 4, 6)
    assert replacement(rows, set("abcdef"), {"a"}, {"a", "b"}) == ("c",)
    assert replacement(rows, set("abdef"), {"a"}, {"a", "b"}) == ("d", "e")
    assert replacement(rows, set("ab"), {"a"}, {"a", "b"}) == ()
    assert replacement(rows, set("abc"), {"a", "c"}, {"b"}) == ()


@pytest.mark.parametrize(
    "places, held, free",
    [(10, 10, 0), (10, 9, 1), (10, 0, 10), (2, 3, 0), (0, 0, 0)],
)
def test_a_place_is_free_while_nobody_holds_it(places, held, free):
    assert free_places(places, held) == free


@pytest.mark.parametrize(
    "before, after, anew",
    [("ab", "ab", False), ("ab", "ba", True), ("ab", "a", True), ("ab", "abc", True), ("ab", "ac", True)],
)
def test_a_correction_restarts_the_period_when_members_or_order_change(before, after, anew):
    assert restarts(tuple(before), list(after)) is anew


def test_notice_ends_does_not_count_its_day():
    plain = Calendar.of([Year(2026)])
    assert notice_ends(date(2026, 6, 1), 5, plain) == date(2026, 6, 8)
    assert notice_ends(date(2026, 6, 6), 5, plain) == date(2026, 6, 12)  # published on a Saturday
    said(notice_ends, date(2026, 6, 1), 0, plain)


def test_objection_states_by_hand():
    assert {
        state: set(next_states(state)) for state in (LODGED, ACCEPTED, DECLINED, UPHELD, DISMISSED, ANSWERED)
    } == {
        LODGED: {ACCEPTED, DECLINED},
        ACCEPTED: {UPHELD, DISMISSED},
        DECLINED: {ANSWERED},
        UPHELD: {ANSWERED},
        DISMISSED: {ANSWERED},
        ANSWERED: set(),
    }


LAST = date(2026, 10, 9)


@pytest.mark.parametrize(
    "changed, reasons",
    [
        ({}, 0),
        ({"today": LAST}, 1),
        ({"ends": None}, 1),
        ({"provisional": True}, 1),
        ({"stale": [sentence("演示过期。")]}, 1),
        ({"upheld": True}, 1),
        ({"today": LAST, "stale": [sentence("演示过期。")], "upheld": True}, 3),
    ],
)
def test_may_name(changed, reasons):
    facts = {"today": date(2026, 10, 10), "ends": LAST}
    assert len(may_name(**facts | changed)) == reasons


@pytest.mark.parametrize("count, says", [(0, []), (1, ["1 件异议"]), (3, ["3 件异议"])])
def test_an_open_objection_holds_up_the_whole_edition(count, says):
    found = [str(reason) for reason in may_name_any(count)]
    assert len(found) == len(says) and all(word in found[0] for word in says)


@pytest.mark.parametrize(
    "in_publicity, free, reserves, over",
    [(0, 0, 0, True), (1, 0, 0, False), (0, 1, 0, True), (0, 0, 2, True), (0, 1, 1, False), (2, 1, 1, False)],
)
def test_naming_is_over(in_publicity, free, reserves, over):
    assert naming_is_over(in_publicity=in_publicity, free=free, reserves=reserves) is over
