"""The shelf: once a second, one at a time, and something to show while the database is away."""

import threading
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError

from portal.shelf import Shelf
from tests.moments import NOW


def seconds(n):
    return NOW + timedelta(seconds=n)


@pytest.fixture
def shelf():
    return Shelf(fresh=timedelta(seconds=1), stale=timedelta(seconds=30), most=3)


class Kitchen:
    """Makes 1, 2, 3 …, and counts."""

    def __init__(self):
        self.made = 0
        self.fails: Exception | None = None

    def __call__(self):
        if self.fails:
            raise self.fails
        self.made += 1
        return self.made


@pytest.mark.parametrize(("later", "expected"), [(0, 1), (0.999, 1), (1, 2), (31, 2), (-1, 2)])
def test_an_answer_is_kept_for_a_second_of_the_clock(shelf, later, expected):
    make = Kitchen()
    shelf.get("page", make, now=NOW)
    assert shelf.get("page", make, now=seconds(later)) == expected


@pytest.mark.parametrize("gone", [OperationalError("gone"), InterfaceError("gone")])
def test_while_the_database_is_away_the_last_answer_stands_in_for_half_a_minute(shelf, gone):
    make = Kitchen()
    shelf.get("page", make, now=NOW)
    make.fails = gone
    assert shelf.get("page", make, now=seconds(29)) == 1
    with pytest.raises(type(gone)):
        shelf.get("page", make, now=seconds(30))
    with pytest.raises(type(gone)):
        shelf.get("another", make, now=NOW)
    make.fails = None
    assert shelf.get("page", make, now=seconds(31)) == 2


def test_another_failure_is_not_hidden(shelf):
    make = Kitchen()
    shelf.get("page", make, now=NOW)
    make.fails = KeyError("a slip of ours")
    with pytest.raises(KeyError):
        shelf.get("page", make, now=seconds(2))
    make.fails = None
    assert shelf.get("page", make, now=seconds(2)) == 2  # and the turn was given back


def test_nothing_takes_no_room(shelf):
    make = Kitchen()
    for name in "abc":
        shelf.get(name, make, now=NOW)
    for name in "defg":
        assert shelf.get(name, lambda: None, now=NOW) is None
    assert [shelf.get(name, make, now=NOW) for name in "abc"] == [1, 2, 3]
    assert shelf.get("a", lambda: None, now=seconds(2)) is None
    assert len(shelf) == 2 and shelf.get("a", make, now=seconds(2)) == 4


def test_what_was_refused_takes_no_room(shelf):
    make = Kitchen()
    for name in "abc":
        shelf.get(name, make, now=NOW)
    make.fails = KeyError("refused")
    for name in "defg":
        with pytest.raises(KeyError):
            shelf.get(name, make, now=NOW)
    make.fails = None
    assert [shelf.get(name, make, now=NOW) for name in "abc"] == [1, 2, 3]


def test_the_one_made_longest_ago_makes_room(shelf):
    make = Kitchen()
    for name in "abc":
        shelf.get(name, make, now=NOW)
    shelf.get("a", make, now=seconds(2))
    shelf.get("d", make, now=seconds(2))
    assert [shelf.get(name, make, now=seconds(2)) for name in "cad"] == [6, 4, 5]


def test_what_may_not_even_stand_in_is_thrown_away(shelf):
    make = Kitchen()
    shelf.get("a", make, now=NOW)
    shelf.get("b", make, now=seconds(10))
    shelf.get("c", make, now=seconds(29))
    assert len(shelf) == 3
    shelf.get("c", make, now=seconds(30))
    assert len(shelf) == 2
    shelf.get("c", make, now=seconds(60))
    assert len(shelf) == 1


def test_a_crowd_at_an_empty_shelf_asks_once(shelf):
    make, begun, go = Kitchen(), threading.Event(), threading.Event()
    answers = []

    def slowly():
        begun.set()
        go.wait(10)
        return make()

    crowd = [
        threading.Thread(target=lambda: answers.append(shelf.get("page", slowly, now=NOW))) for _n in range(8)
    ]
    for one in crowd:
        one.start()
    assert begun.wait(10)
    go.set()
    for one in crowd:
        one.join(10)
    assert answers == [1] * 8 and make.made == 1


def test_nobody_waits_for_a_new_answer_while_an_old_one_is_there(shelf):
    make, begun, go = Kitchen(), threading.Event(), threading.Event()
    shelf.get("page", make, now=NOW)

    def slowly():
        begun.set()
        go.wait(10)
        return make()

    slow = threading.Thread(target=shelf.get, args=("page", slowly), kwargs={"now": seconds(2)})
    slow.start()
    assert begun.wait(10)
    assert shelf.get("page", make, now=seconds(2)) == 1
    go.set()
    slow.join(10)
    assert shelf.get("page", make, now=seconds(2)) == 2


def test_the_shelf_has_an_end(shelf):
    make = Kitchen()
    for name in "abcd":
        shelf.get(name, make, now=NOW)
    assert shelf.get("d", make, now=NOW) == 4
    assert shelf.get("a", make, now=NOW) == 5
    shelf.clear()
    assert shelf.get("d", make, now=NOW) == 6


def test_under_another_mark_it_is_made_anew_however_young(shelf):
    make = Kitchen()
    assert [shelf.get("page", make, now=NOW, mark=mark) for mark in ("a", "a", "b", "b", "")] == [
        1,
        1,
        2,
        2,
        3,
    ]


def test_while_the_database_is_away_the_answer_of_another_mark_stands_in(shelf):
    make = Kitchen()
    shelf.get("page", make, now=NOW, mark="a")
    make.fails = OperationalError("gone")
    assert shelf.get("page", make, now=seconds(29), mark="b") == 1
    with pytest.raises(OperationalError):
        shelf.get("page", make, now=seconds(30), mark="b")


def test_who_comes_after_a_change_waits_for_what_is_so_now(shelf):
    began, may_end = threading.Event(), threading.Event()
    shelf.get("page", lambda: "before", now=NOW, mark="a")

    def slow():
        began.set()
        may_end.wait(10)
        return "after"

    found = []
    first = threading.Thread(target=shelf.get, args=("page", slow), kwargs={"now": NOW, "mark": "b"})
    second = threading.Thread(target=lambda: found.append(shelf.get("page", slow, now=NOW, mark="b")))
    first.start()
    began.wait(10)
    second.start()
    second.join(0.2)
    assert not found
    may_end.set()
    first.join()
    second.join()
    assert found == ["after"]
