from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from review.rules import (
    CLEAR,
    DIMENSIONS,
    ITEM_BY_TITLE,
    ITEMS,
    MET,
    OPEN,
    PROBLEM,
    QUALIFIED,
    REFUSED,
    UNKNOWN,
    UNMET,
    UNVERIFIABLE,
    Answer,
    Scope,
    check_panel,
    check_sheet,
    expert_score,
    expired,
    nominees,
    positive_findings,
    screen,
    sheet_total,
    weights_sum_100,
)

TODAY = date(2026, 5, 20)
FOUNDED = date(2010, 3, 1)
WEIGHTS = {"mechanism": Decimal(35), "platform": Decimal(30), "effect": Decimal(35)}


def said(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return str(refused.value)


def test_items_are_one_overall_and_the_five_exclusions():
    assert [item.kind for item in ITEMS].count("overall") == 1
    assert len({item.code for item in ITEMS}) == len(ITEM_BY_TITLE) == 7


@pytest.mark.parametrize(
    "facts, verdicts",
    [
        (Scope(FOUNDED, True, True), (MET, MET)),
        (Scope(TODAY, True, True), (MET, MET)),
        (Scope(TODAY + timedelta(days=1), True, True), (UNMET, MET)),
        (Scope(None, True, True), (UNKNOWN, MET)),
        (Scope(FOUNDED, False, True), (MET, UNMET)),
        (Scope(FOUNDED, True, False), (MET, UNMET)),
        (Scope(FOUNDED, None, True), (MET, UNKNOWN)),
        (Scope(FOUNDED, True, None), (MET, UNKNOWN)),
        (Scope(FOUNDED, False, None), (MET, UNMET)),
        (Scope(FOUNDED, False, True, 2), (MET, MET)),
        (Scope(FOUNDED, None, True, 3), (MET, MET)),
        (Scope(FOUNDED, False, False, 2), (MET, UNMET)),
        (Scope(FOUNDED, False, True, 4), (MET, UNMET)),
        (Scope(FOUNDED, False, None, 2), (MET, UNKNOWN)),
    ],
)
def test_positive_findings(facts, verdicts):
    findings = positive_findings(facts, today=TODAY)
    assert tuple(finding.verdict for finding in findings) == verdicts
    assert all(str(finding.reason).endswith("。") for finding in findings)


GOOD = positive_findings(Scope(FOUNDED, True, True), today=TODAY)
BAD = positive_findings(Scope(FOUNDED, False, True), today=TODAY)
VAGUE = positive_findings(Scope(None, True, True), today=TODAY)
REQUIRED = {("市应急管理局", "accident"), ("市科技局", "misconduct")}


def answers(one=CLEAR, other=CLEAR, **facts):
    return [
        Answer("市应急管理局", "accident", one, TODAY, **facts),
        Answer("市科技局", "misconduct", other, TODAY),
    ]


@pytest.mark.parametrize(
    "findings, given_answers, verdict, reasons, missing",
    [
        (GOOD, answers(), QUALIFIED, 0, 0),
        (GOOD, answers(PROBLEM), REFUSED, 1, 0),
        (GOOD, answers(PROBLEM, PROBLEM), REFUSED, 2, 0),
        (GOOD, answers(PROBLEM, resolved=True), QUALIFIED, 0, 0),
        (GOOD, answers(UNVERIFIABLE), OPEN, 1, 0),
        (GOOD, answers(UNVERIFIABLE, resolved=True), QUALIFIED, 0, 0),
        (GOOD, answers(UNVERIFIABLE, PROBLEM), REFUSED, 1, 0),
        (GOOD, answers()[:1], OPEN, 1, 1),
        (GOOD, [], OPEN, 1, 2),
        (GOOD, answers(PROBLEM)[:1], REFUSED, 1, 1),
        (BAD, answers(), REFUSED, 1, 0),
        (BAD, [], REFUSED, 1, 2),
        (VAGUE, answers(), OPEN, 1, 0),
        # nobody asked, yet a problem is a problem
        (GOOD, [*answers(), Answer("市税务局（演示）", "fraud", PROBLEM)], REFUSED, 1, 0),
        # two answers to one question: the graver counts
        (GOOD, [*answers(), Answer("市科技局", "misconduct", PROBLEM)], REFUSED, 1, 0),
    ],
)
def test_screen(findings, given_answers, verdict, reasons, missing):
    for order in (given_answers, given_answers[::-1]):
        screening = screen(findings, order, REQUIRED)
        assert (screening.verdict, len(screening.reasons), len(screening.missing)) == (
            verdict,
            reasons,
            missing,
        )


def test_screen_names_who_said_what():
    screening = screen(GOOD, answers(PROBLEM), REQUIRED)
    assert "市应急管理局" in str(screening.reasons[0]) and "重大安全" in str(screening.reasons[0])
    assert screen(GOOD, answers()[:1], REQUIRED).missing == (("市科技局", "misconduct"),)


def test_screen_asks_again_when_a_look_up_is_out_of_date():
    day = TODAY + timedelta(days=30)
    assert screen(GOOD, answers(), REQUIRED, valid_days=30, today=day).verdict == QUALIFIED
    late = screen(GOOD, answers(), REQUIRED, valid_days=30, today=day + timedelta(days=1))
    assert (late.verdict, len(late.missing)) == (OPEN, 2)
    old = screen(GOOD, answers(PROBLEM), REQUIRED, valid_days=30, today=day + timedelta(days=99))
    assert old.verdict == REFUSED


def test_an_unknown_result_is_refused():
    assert "也许" in said(screen, GOOD, [Answer("市科技局", "misconduct", "也许")], REQUIRED)


@pytest.mark.parametrize(
    "looked, valid_days, answer",
    [
        (TODAY, 0, False),
        (TODAY - timedelta(days=1), 0, True),
        (TODAY - timedelta(days=30), 30, False),
        (TODAY - timedelta(days=31), 30, True),
        (None, 30, True),
        (None, None, False),
        (date(2000, 1, 1), None, False),
    ],
)
def test_expired(looked, valid_days, answer):
    assert expired(looked, valid_days, TODAY) is answer


def test_weights():
    weights_sum_100(WEIGHTS)
    weights_sum_100({"a": Decimal("33.3"), "b": Decimal("66.7")})
    assert "99" in said(weights_sum_100, WEIGHTS | {"effect": Decimal(34)})
    assert "99.9" in said(weights_sum_100, {"a": Decimal("99.9")})
    assert "全员创新效果" in said(weights_sum_100, {"effect": Decimal(-1), "platform": Decimal(101)})
    said(weights_sum_100, {})


def test_sheet_total_is_exact():
    scores = {"mechanism": Decimal("88"), "platform": Decimal("90.5"), "effect": Decimal("79")}
    assert sheet_total(scores, WEIGHTS) == Fraction(8560, 100)  # 30.80 + 27.15 + 27.65
    assert sheet_total(dict.fromkeys(scores, Decimal(100)), WEIGHTS) == 100


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"effect": None}, "全员创新效果"),
        ({"effect": Decimal("100.5")}, "100.5"),
        ({"effect": Decimal("-0.5")}, "-0.5"),
        ({"effect": Decimal("79.3")}, "0.5"),
        ({"effect": Decimal("NaN")}, "NaN"),
        ({"effect": Decimal("Infinity")}, "Infinity"),
        ({"beauty": Decimal(1)}, "beauty"),
    ],
)
def test_check_sheet(changed, words):
    scores = {"mechanism": Decimal(0), "platform": Decimal("0.5"), "effect": Decimal(100)}
    check_sheet(scores)
    assert words in said(check_sheet, scores | changed)


def test_check_sheet_wants_every_dimension():
    for code, title in DIMENSIONS.items():
        assert title in said(check_sheet, {name: Decimal(80) for name in DIMENSIONS if name != code})


@pytest.mark.parametrize(
    "totals, score, low, high",
    [
        ([90, 80, 70], 80, None, None),
        ([90, 80, 70, 61], Fraction(301, 4), None, None),
        ([90, 80, 70, 60, 50], 70, 50, 90),
        ([90, 90, 90, 50, 50], Fraction(230, 3), 50, 90),  # one of each, not all
        ([90, 85, 80, 75, 70, 65, 10], 75, 10, 90),
        ([80, 80, 80, 80, 80], 80, 80, 80),
    ],
)
def test_expert_score(totals, score, low, high):
    result = expert_score(map(Fraction, totals), min_sheets=3, trim_from=5)
    assert (result.score, result.low, result.high, result.valid) == (score, low, high, len(totals))
    assert result.reason is None


@pytest.mark.parametrize("totals", [[], [90], [90, 80]])
def test_too_few_sheets_are_no_result(totals):
    result = expert_score(map(Fraction, totals), min_sheets=3, trim_from=5)
    assert result.score is None and str(len(totals)) in str(result.reason)


def test_mean_median_and_deviation_stand_beside_the_score():
    result = expert_score(map(Fraction, [2, 4, 4, 4, 5, 5, 7, 9]), min_sheets=3, trim_from=5)
    assert (result.mean, result.median, result.variance, result.stdev) == (
        5,
        Fraction(9, 2),
        4,
        Decimal("2.00"),
    )
    assert result.score == Fraction(29, 6)
    assert expert_score([Fraction(1, 3)], min_sheets=1, trim_from=5).stdev == 0
    assert expert_score([], min_sheets=1, trim_from=5).stdev is None


def test_never_trimmed_where_the_committee_says_so():
    assert expert_score(
        map(Fraction, [0, 50, 50, 50, 100, 100]), min_sheets=3, trim_from=None
    ).score == Fraction(350, 6)


@pytest.mark.parametrize("min_sheets, trim_from", [(0, 5), (3, 2), (3, 0)])
def test_a_panel_that_could_leave_nothing_is_refused(min_sheets, trim_from):
    said(check_panel, min_sheets, trim_from)


points = st.integers(0, 200).map(lambda n: Fraction(n, 2))


@given(st.lists(points, max_size=9), st.randoms())
def test_order_of_sheets_never_changes_the_score(totals, random):
    shuffled = random.sample(totals, len(totals))
    one, other = (expert_score(each, min_sheets=3, trim_from=5) for each in (totals, shuffled))
    assert one == other
    assert (one.score is None) == (len(totals) < 3)
    if one.score is not None:
        assert min(totals) <= one.score <= max(totals)


def test_nominees_all_who_tie_at_the_cut_are_in():
    scores = {each: Fraction(score) for each, score in {"a": 90, "b": 80, "c": 80, "d": 80, "e": 70}.items()}
    two = nominees(scores, 2)
    assert (set(two.chosen), two.missed, two.cut, two.grew_by) == (set("abcd"), ("e",), 80, 2)
    assert two.warning
    four = nominees(scores, 4)
    assert (set(four.chosen), four.grew_by, four.warning) == (set("abcd"), 0, None)
    assert nominees(scores, 1).chosen == ("a",)
    assert (len(nominees(scores, 9).chosen), nominees(scores, 9).grew_by) == (5, 0)
    assert nominees(scores, 9).warning
    assert nominees({}, 3).cut is None


@given(st.dictionaries(st.integers(), points), st.integers(1, 9), st.randoms())
def test_nominees_have_their_number_or_say_why(scores, count, random):
    items = list(scores.items())
    random.shuffle(items)
    result = nominees(dict(items), count)
    assert result == nominees(scores, count)
    assert (result.warning is None) == (len(result.chosen) == count)
    assert len(result.chosen) == min(count, len(scores)) + result.grew_by
    assert all(scores[a] > scores[b] for a in result.chosen for b in result.missed)
