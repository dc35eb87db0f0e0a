"""Tiles hold the same tree: grown at any pace, and every proof out of few of them."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voting.test_rules_tree import naive, naive_path, naive_subproof
from voting.rules import tiles, tree


def some(size):
    return [hashlib.sha256(b"\0%d" % number).digest() for number in range(size)]


LEAVES = some(70_000)


def grown(size, steps=()):
    """The tiles of a log that was put down and taken up again at each of these sizes."""
    kept, growing = {}, tiles.Growing()
    for stop in (*steps, size):
        growing = tiles.Growing(growing.size, kept)
        for leaf in LEAVES[growing.size : stop]:
            growing.append(leaf)
        assert growing.root() == tree.root(LEAVES[:stop])
        kept |= growing.changed()
        assert growing.changed() == {}
    return kept


def test_tiles_of_three_levels():
    kept = grown(70_000, (1, 255, 256, 257, 65_535, 65_536, 65_537))
    assert {place: len(each) // 32 for place, each in kept.items() if len(each) < 256 * 32} == {
        (0, 273): 112,
        (1, 1): 17,
        (2, 0): 1,
    }
    assert len(kept) == 274 + 2 + 1
    assert kept[0, 3] == b"".join(LEAVES[768:1024])
    assert kept[1, 0][:32] == tree.root(LEAVES[:256])
    assert kept[2, 0] == tree.root(LEAVES[:65_536])


def test_the_ends_of_a_log():
    assert tiles.ends(0) == ([], [])
    assert tiles.ends(256) == ([(0, 1), (1, 0)], [0, 1])
    assert tiles.ends(70_000) == ([(0, 273), (1, 1), (2, 0)], [112, 17, 1])


@settings(max_examples=60)
@given(st.integers(1, 1200), st.lists(st.integers(0, 1200), max_size=4), st.data())
def test_proofs_out_of_tiles(size, steps, data):
    kept = grown(size, sorted(step for step in steps if step <= size))
    at = data.draw(st.integers(1, size))
    index, old = data.draw(st.integers(0, at - 1)), data.draw(st.integers(1, at))
    plan = tree.inclusion(index, at)
    assert tiles.hashes(plan, kept) == naive_path(index, LEAVES[:at])
    assert tiles.hashes(tree.consistency(old, at), kept) == naive_subproof(old, LEAVES[:at])
    assert tiles.hashes([(0, at)], kept) == [naive(LEAVES[:at])]
    few = {place: kept[place] for place in tiles.needed(plan)}
    assert tiles.hashes(plan, few) == naive_path(index, LEAVES[:at])


def test_a_proof_of_ten_million_takes_a_handful_of_tiles():
    assert len(tiles.needed(tree.inclusion(4_321_098, 10_000_000))) <= 6
    assert len(tree.inclusion(4_321_098, 10_000_000)) == 24


def test_a_tile_that_is_missing_or_short_is_said():
    kept = grown(300)
    with pytest.raises(ValueError, match="tile 0/1"):
        tiles.Growing(300, {place: each for place, each in kept.items() if place != (0, 1)})
    with pytest.raises(ValueError, match="tile 1/0"):
        tiles.hashes([(0, 256)], {})
