"""The rules of the screening: items, what a declaration shows, and the truth table of the verdict."""

from datetime import date, timedelta
from itertools import product

import pytest

from portal.clauses import find_clause
from portal.errors import Refused
from review.rules import (
    CLEAR,
    CONDITIONS,
    EVERY,
    ITEM_BY_TITLE,
    ITEMS,
    MET,
    OPEN,
    OVERRULED,
    PENDING,
    PROBLEM,
    QUALIFIED,
    REFUSED,
    UNKNOWN,
    UNMET,
    UNVERIFIABLE,
    Answer,
    Scope,
    expired,
    positive_findings,
    screen,
    set_aside,
)

TODAY = date(2026, 5, 20)
FOUNDED = date(2010, 3, 1)
DAYS = 30
FRESH, LAST, STALE = TODAY, TODAY - timedelta(days=DAYS), TODAY - timedelta(days=DAYS + 1)


def test_the_items_are_four_conditions_one_overall_and_the_five_exclusions():
    assert [(item.number, item.code) for item in CONDITIONS] == [
        ("四.1", "union"),
        ("四.1", "legal"),
        ("四.1", "place"),
        ("四.3①", "complete"),
    ]
    assert [(item.number, item.code, item.sense) for item in ITEMS] == [
        ("四.3②", "overall", "综合意见"),
        ("四.1①", "prohibited", "不得存在"),
        ("四.1②", "fraud", "不得存在"),
        ("四.1③", "misconduct", "不得存在"),
        ("四.1④", "accident", "不得存在"),
        ("四.1④", "environment", "不得存在"),
        ("四.1⑤", "abnormal", "不得存在"),
    ]
    assert len(EVERY) == 11 and list(EVERY)[-1] == "overall"
    assert len(ITEM_BY_TITLE) == 7
    assert all(find_clause(item.clause).code == item.clause for item in EVERY.values())


@pytest.mark.parametrize(
    "facts, verdicts",
    [
        (Scope(FOUNDED, True, True), (MET, MET, MET, MET)),
        (Scope(TODAY, True, True), (MET, MET, MET, MET)),
        (Scope(TODAY + timedelta(days=1), True, True), (UNMET, MET, MET, MET)),
        (Scope(None, True, True), (UNKNOWN, MET, MET, MET)),
        (Scope(FOUNDED, False, True), (MET, MET, UNMET, MET)),
        (Scope(FOUNDED, True, False), (MET, UNMET, MET, MET)),
        (Scope(FOUNDED, None, True), (MET, MET, UNKNOWN, MET)),
        (Scope(FOUNDED, True, None), (MET, UNKNOWN, MET, MET)),
        (Scope(FOUNDED, False, None), (MET, UNKNOWN, UNMET, MET)),
        (Scope(FOUNDED, False, True, 2), (MET, MET, MET, MET)),
        (Scope(FOUNDED, None, True, 3), (MET, MET, MET, MET)),
        (Scope(FOUNDED, False, False, 2), (MET, UNMET, MET, MET)),
        (Scope(FOUNDED, False, True, 4), (MET, MET, UNMET, MET)),
        (Scope(FOUNDED, False, None, 2), (MET, UNKNOWN, MET, MET)),
        (Scope(FOUNDED, True, True, missing=("主要事迹",)), (MET, MET, MET, UNKNOWN)),
    ],
)
def test_positive_findings(facts, verdicts):
    findings = positive_findings(facts, today=TODAY)
    assert tuple(finding.verdict for finding in findings) == verdicts
    assert all(str(finding.reason).endswith("。") and finding.source for finding in findings)


def test_what_is_missing_is_named():
    facts = Scope(FOUNDED, True, True, missing=("主要事迹", "营业执照"))
    assert str(positive_findings(facts, today=TODAY)[3].reason) == "还缺：主要事迹、营业执照。"


# The verdict, by hand. Positive conditions × one answer (with what became of it) × its age; the other
# question is answered 无异议 today. What the answer comes to: "" is settled, "?" doubtful, "-" missing,
# "!" a no.
GOOD = positive_findings(Scope(FOUNDED, True, True), today=TODAY)
BAD = positive_findings(Scope(FOUNDED, False, True), today=TODAY)
VAGUE = positive_findings(Scope(None, True, True), today=TODAY)
ONE = ("市应急管理局", "accident")
OTHER = Answer("市科技局", "misconduct", CLEAR, TODAY)
REQUIRED = {ONE, ("市科技局", "misconduct")}
COMES_TO = {
    # answer, what became of it: fresh, on its last day, too old
    (None, ""): ("-", "-", "-"),
    (CLEAR, ""): ("", "", "-"),
    (PROBLEM, ""): ("!", "!", "!"),
    (PROBLEM, PENDING): ("?", "?", "?"),
    (PROBLEM, OVERRULED): ("", "", "-"),
    (UNVERIFIABLE, ""): ("?", "?", "?"),
    (UNVERIFIABLE, OVERRULED): ("", "", "-"),
}
# What it comes to, for those who meet the conditions, do not, or whose declaration is not clear:
# verdict, number of reasons, number of missing.
VERDICT = {
    "": ((QUALIFIED, 0, 0), (REFUSED, 1, 0), (OPEN, 1, 0)),
    "?": ((OPEN, 1, 0), (REFUSED, 1, 0), (OPEN, 2, 0)),
    "-": ((OPEN, 1, 1), (REFUSED, 1, 1), (OPEN, 2, 1)),
    "!": ((REFUSED, 1, 0), (REFUSED, 2, 0), (REFUSED, 1, 0)),
}


@pytest.mark.parametrize("given", COMES_TO, ids=lambda given: "-".join(filter(None, map(str, given))))
def test_the_truth_table(given):
    result, became = given
    wrong = []
    for (place, day), (kind, findings) in product(
        enumerate((FRESH, LAST, STALE)), enumerate((GOOD, BAD, VAGUE))
    ):
        answers = [OTHER]
        if result is not None:
            state = {"resolved": became == OVERRULED, "pending": became == PENDING}
            answers.append(Answer(*ONE, result, day, **state))
        expected = VERDICT[COMES_TO[given][place]][kind]
        for order in (answers, answers[::-1]):
            found = screen(findings, order, REQUIRED, valid_days=DAYS, today=TODAY)
            if (found.verdict, len(found.reasons), len(found.missing)) != expected:
                wrong.append((place, kind, found, expected))
            if expected[2]:
                assert found.missing == (ONE,)
    assert wrong == []


@pytest.mark.parametrize("given", COMES_TO)
def test_without_an_age_limit_nothing_grows_old(given):
    result, became = given
    state = {"resolved": became == OVERRULED, "pending": became == PENDING}
    answers = [OTHER] + ([Answer(*ONE, result, date(2000, 1, 1), **state)] if result else [])
    found = screen(GOOD, answers, REQUIRED)
    assert (found.verdict, len(found.reasons), len(found.missing)) == VERDICT[COMES_TO[given][0]][0]


def answers(one=CLEAR, other=CLEAR, **facts):
    return [Answer(*ONE, one, TODAY, **facts), Answer("市科技局", "misconduct", other, TODAY)]


@pytest.mark.parametrize(
    "findings, given_answers, verdict, reasons, missing",
    [
        (GOOD, answers(PROBLEM, PROBLEM), REFUSED, 2, 0),
        (GOOD, answers(UNVERIFIABLE, PROBLEM), REFUSED, 1, 0),
        (GOOD, answers(PROBLEM, PROBLEM, resolved=True), REFUSED, 1, 0),
        (GOOD, answers(PROBLEM, PROBLEM, pending=True), REFUSED, 1, 0),
        (GOOD, answers(PROBLEM, UNVERIFIABLE, resolved=True), OPEN, 1, 0),
        (GOOD, [], OPEN, 1, 2),
        (GOOD, answers(PROBLEM)[:1], REFUSED, 1, 1),
        (BAD, [], REFUSED, 1, 2),
        # nobody asked, yet a problem is a problem
        (GOOD, [*answers(), Answer("市税务局（演示）", "fraud", PROBLEM)], REFUSED, 1, 0),
        # two answers to one question: the graver counts
        (GOOD, [*answers(), Answer("市科技局", "misconduct", PROBLEM)], REFUSED, 1, 0),
    ],
)
def test_several_answers(findings, given_answers, verdict, reasons, missing):
    for order in (given_answers, given_answers[::-1]):
        found = screen(findings, order, REQUIRED)
        assert (found.verdict, len(found.reasons), len(found.missing)) == (verdict, reasons, missing)


def test_what_was_settled_is_as_old_as_the_look_up_that_settled_it():
    old = Answer(*ONE, UNVERIFIABLE, STALE, resolved=True, settled_on=TODAY)
    assert screen(GOOD, [OTHER, old], REQUIRED, valid_days=DAYS, today=TODAY).verdict == QUALIFIED
    new = Answer(*ONE, UNVERIFIABLE, TODAY, resolved=True, settled_on=STALE)
    assert screen(GOOD, [OTHER, new], REQUIRED, valid_days=DAYS, today=TODAY).missing == (ONE,)


def test_screen_names_who_said_what():
    found = screen(GOOD, answers(PROBLEM), REQUIRED)
    assert "市应急管理局" in str(found.reasons[0]) and "重大安全" in str(found.reasons[0])
    waits = screen(GOOD, answers(PROBLEM, pending=True), REQUIRED)
    assert "等待第二人复核" in str(waits.reasons[0])


def test_an_unknown_result_is_refused():
    with pytest.raises(Refused, match="也许"):
        screen(GOOD, [Answer("市科技局", "misconduct", "也许")], REQUIRED)


@pytest.mark.parametrize(
    "version, overrules, state",
    [
        (1, [], ""),
        (1, [(1, None)], PENDING),
        (1, [(1, True)], OVERRULED),
        (1, [(1, False)], ""),
        (1, [(1, False), (1, None)], PENDING),
        (1, [(1, False), (1, True)], OVERRULED),
        # the department has answered anew: it is of the old version
        (2, [(1, True)], ""),
        (2, [(1, None)], ""),
        (2, [(1, True), (2, None)], PENDING),
        (2, [(1, False), (2, True)], OVERRULED),
    ],
)
def test_set_aside(version, overrules, state):
    assert set_aside(version, overrules) == state


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
