from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from voting.rules import judge, mask_phone, phone, poll_settings_ok, tally, turn, vote_scores

FULL_WIDTH = {n: n + 0xFEE0 for n in range(33, 127)}
CITY = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2026, 7, 1, 8, tzinfo=CITY)
CLOSES = datetime(2026, 7, 8, 8, tzinfo=CITY)
TICK = timedelta(microseconds=1)
CANDIDATES = frozenset("ABCDEFGH")


def verdict(picks, at=OPENS):
    return judge(picks, at=at, opens=OPENS, closes=CLOSES, candidates=CANDIDATES, min_picks=2, max_picks=4)


@pytest.mark.parametrize(
    "at, answer",
    [
        (OPENS - TICK, "outside"),
        (OPENS, None),
        (CLOSES - TICK, None),
        (CLOSES, "outside"),
        (OPENS.astimezone(UTC), None),
        (OPENS.astimezone(UTC) - TICK, "outside"),
    ],
)
def test_window_is_half_open(at, answer):
    assert verdict("AB", at) == answer


@pytest.mark.parametrize(
    "picks, answer",
    [
        ("", "void"),
        ("A", "void"),
        ("AB", None),
        ("ABCD", None),
        ("ABCDE", "void"),
        ("AA", "void"),
        ("ABA", "void"),  # one twice is void although two different remain
        ("AX", "void"),
    ],
)
def test_void_as_a_whole(picks, answer):
    assert verdict(picks) == answer
    assert verdict(picks, CLOSES) == "outside"  # asked first


@given(st.permutations("ABCD"))
def test_order_of_picks_never_matters(picks):
    assert verdict(picks) is None


def test_turn():
    late = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # midnight of the 2nd in the city
    assert turn(late, "poll", CITY) is None
    assert turn(late, "day", CITY) == date(2026, 7, 2)
    assert turn(late - TICK, "day", CITY) == date(2026, 7, 1)
    with pytest.raises(ValueError):
        turn(late, "hour", CITY)
    with pytest.raises(ValueError):
        turn(late.replace(tzinfo=None), "day", CITY)


@pytest.mark.parametrize(
    "text",
    [
        "19900000055",
        " 199 0000 0055 ",
        "+86 199-0000-0055",
        "008619900000055",
        "8619900000055",
        "19900000055".translate(FULL_WIDTH),
        "(86)19900000055",
        19900000055,
    ],
)
def test_phone_is_one_however_typed(text):
    assert phone(text) == "19900000055"


@pytest.mark.parametrize(
    "text",
    ["", None, "1990000005", "199000000551", "12900000055", "0532-12345678", "1990000005a", "8519900000055"],
)
def test_what_is_no_mobile_number_is_refused(text):
    with pytest.raises(Refused):
        phone(text)


def test_mask_phone():
    assert mask_phone("19900000055") == "199****0055"


def test_tally():
    assert tally(["AB", "AC", "A"], "ABCD") == {"A": 3, "B": 1, "C": 1, "D": 0}
    assert tally([], "AB") == {"A": 0, "B": 0}
    assert tally([]) == {}


def test_vote_scores():
    assert vote_scores({"a": 709, "b": 3, "c": 0}) == {"a": 100, "b": Fraction(300, 709), "c": 0}
    assert vote_scores({"a": 0, "b": 0}) == {"a": 0, "b": 0}
    assert vote_scores({}) == {}


ballots = st.lists(st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))


@given(ballots, st.randoms())
def test_order_of_ballots_never_changes_the_tally(cast, random):
    shuffled = [random.sample(picks, len(picks)) for picks in cast]
    random.shuffle(shuffled)
    assert (
        tally(shuffled, "ABCD")
        == tally(cast, "ABCD")
        == {each: Counter(c for picks in cast for c in picks)[each] for each in "ABCD"}
    )


@given(ballots, st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))
def test_a_ballot_never_lowers_the_score_of_whom_it_picks(cast, one_more):
    before, after = (vote_scores(tally(each, "ABCD")) for each in (cast, [*cast, one_more]))
    assert all(after[pick] >= before[pick] for pick in one_more)
    assert all(0 <= score <= 100 for score in after.values())
    assert max(after.values()) == 100


SETTINGS = {
    "candidates": 20,
    "min_picks": 5,
    "max_picks": 10,
    "opens": OPENS,
    "closes": CLOSES,
    "ballots_per": "poll",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"min_picks": 0},
        {"min_picks": 11},
        {"candidates": 5},
        {"candidates": 9},
        {"closes": OPENS},
        {"closes": OPENS - TICK},
        {"ballots_per": "hour"},
    ],
)
def test_a_poll_without_a_choice_is_refused(changed):
    poll_settings_ok(**SETTINGS)
    with pytest.raises(Refused):
        poll_settings_ok(**SETTINGS | changed)


def test_one_alone_is_told_what_can_be_done():
    with pytest.raises(Refused, match="撤回这一家，再写明理由办结本届"):
        poll_settings_ok(**SETTINGS | {"candidates": 1, "min_picks": 1, "max_picks": 1})


def test_the_narrowest_poll_that_still_leaves_a_choice():
    poll_settings_ok(**SETTINGS | {"candidates": 2, "min_picks": 1, "max_picks": 2})
    poll_settings_ok(**SETTINGS | {"candidates": 10, "min_picks": 9, "max_picks": 10})
