"""Kill -9 while a worker draws the list: it comes out the same. The long version is bench/killed.py."""

import pytest

from bench import killed

KILLS = 6


@pytest.fixture(scope="module")
def hall():
    with killed.Hall() as made:
        yield made


def test_the_list_is_the_same_whenever_its_worker_was_killed(hall):
    hits, wrong = killed.run(hall, KILLS, seed=3)
    assert sum(hits.values()) == KILLS
    assert wrong == []
