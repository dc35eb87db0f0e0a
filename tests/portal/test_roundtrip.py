"""Three sides of a cell: a table by hand, and what holds for all tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.roundtrip import NOW, WHOLE, YOURS, Cell, compare, digest, excerpts, settle, unsettled

#: base, now, yours → is it asked for, does it clash
TABLE = [
    ("a", "a", "a", None),
    ("a", "a", "b", False),
    ("a", "b", "a", None),
    ("a", "b", "b", None),
    ("a", "b", "c", True),
    ("", "", "a", False),
    ("a", "a", "", False),
    ("a", "", "a", None),
    ("a", "", "b", True),
    ("a", "b", "", True),
    ("", "a", "b", True),
    ("a", "", "", None),
]


@pytest.mark.parametrize(("base", "now", "yours", "clash"), TABLE)
def test_a_cell_by_its_three_sides(base, now, yours, clash):
    found = compare({"x": base}, {"x": now}, {"x": yours})
    assert found == (() if clash is None else (Cell("x", base, now, yours, clash),))


def test_a_column_the_file_lacks_asks_for_nothing():
    assert compare({"x": "a", "y": "b"}, {"x": "a", "y": "b"}, {"y": "c"}) == (
        Cell("y", "b", "b", "c", clash=False),
    )


def test_a_column_that_did_not_go_out_is_not_looked_at():
    assert compare({"x": "a"}, {"x": "a"}, {"x": "a", "z": "typed beside"}) == ()


def test_a_statement_stands_or_falls_as_one():
    base = {"answer": "", "why": "", "day": ""}
    now = {"answer": "problem", "why": "fined", "day": "2026-05-20"}
    yours = {"answer": "clear", "why": "", "day": "2026-05-20"}
    found = compare(base, now, yours, together=True)
    assert [(cell.column, cell.clash) for cell in found] == [("answer", True), ("why", True)]
    assert unsettled(found, {}) == ["answer", "why"]
    assert settle(found, {WHOLE: YOURS}) == ["answer", "why"]
    assert settle(found, {WHOLE: NOW}) == []


def test_a_statement_only_the_record_moved_is_left_alone():
    assert compare({"a": "", "b": ""}, {"a": "x", "b": "y"}, {"a": "", "b": ""}, together=True) == ()


def test_a_clash_nobody_chose_in_stops_everything():
    cells = compare({"x": "a", "y": "a"}, {"x": "b", "y": "a"}, {"x": "c", "y": "c"})
    assert unsettled(cells, {}) == unsettled(cells, {"x": "neither"}) == ["x"]
    with pytest.raises(LookupError):
        settle(cells, {})
    assert settle(cells, {"x": NOW}) == ["y"]
    assert settle(cells, {"x": YOURS}) == ["x", "y"]


texts = st.sampled_from(["", "a", "b", "c"])
rows = st.lists(st.tuples(texts, texts, texts), max_size=6)


def sides(row):
    return tuple({f"c{n}": cells[side] for n, cells in enumerate(row)} for side in range(3))


def merged(now, cells, choices, yours):
    return now | {column: yours[column] for column in settle(cells, choices)}


@given(rows, st.booleans())
def test_no_cell_is_lost(row, together):
    """Where the file's side is taken, every cell typed is there after; what was not typed is the record's."""
    base, now, yours = sides(row)
    cells = compare(base, now, yours, together=together)
    after = merged(now, cells, {WHOLE: YOURS}, yours)
    for column in base:
        if yours[column] != base[column]:
            assert after[column] == yours[column]
        elif not together:
            assert after[column] == now[column]


@given(rows, st.booleans())
def test_keeping_the_record_loses_nothing_of_it(row, together):
    """Where the record's side is taken, a cell that moved stays as it moved."""
    base, now, yours = sides(row)
    after = merged(now, compare(base, now, yours, together=together), {WHOLE: NOW}, yours)
    for column in base:
        if now[column] != base[column]:
            assert after[column] == now[column]


@given(rows)
def test_a_clash_is_a_clash_from_either_side(row):
    base, now, yours = sides(row)
    here = {cell.column: (cell.now, cell.yours) for cell in compare(base, now, yours) if cell.clash}
    there = {cell.column: (cell.yours, cell.now) for cell in compare(base, yours, now) if cell.clash}
    assert here == there


@given(rows, st.booleans())
def test_where_nothing_moved_nothing_clashes(row, together):
    base, _now, yours = sides(row)
    cells = compare(base, base, yours, together=together)
    assert not any(cell.clash for cell in cells)
    assert merged(base, cells, {}, yours) == yours


@given(rows, st.booleans())
def test_a_row_left_alone_asks_for_nothing(row, together):
    base, now, _yours = sides(row)
    assert compare(base, now, base, together=together) == ()


@given(rows, st.booleans())
def test_applied_once_it_asks_for_nothing_more(row, together):
    base, now, yours = sides(row)
    cells = compare(base, now, yours, together=together)
    after = merged(now, cells, {WHOLE: YOURS}, yours)
    assert compare(base, after, yours, together=together) == ()


def test_a_digest_sees_every_cell_and_no_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest([{"a": "1"}]) != digest([{"a": "2"}])


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("300", "455", ("300", "455")),
        ("", "新", ("", "新")),
        ("甲" * 300, "甲" * 300 + "乙", ("…" + "甲" * 40, "…" + "甲" * 40 + "乙")),
        ("甲" * 300 + "丙", "甲" * 300 + "乙", ("…" + "甲" * 40 + "丙", "…" + "甲" * 40 + "乙")),
        ("", "甲" * 300, ("", "甲" * 160 + "…")),
    ],
)
def test_long_texts_are_shown_where_they_differ(one, other, shown):
    assert excerpts(one, other) == shown


@given(st.text(max_size=400), st.text(max_size=400))
def test_what_differs_is_seen_to_differ(one, other):
    here, there = excerpts(one, other)
    assert (here == there) == (one == other)
