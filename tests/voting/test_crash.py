"""Kill -9 while the city votes: what was acknowledged is there, once. The long version is bench/crash.py."""

import pytest

from bench import crash
from bench.stand import Stand


@pytest.fixture(scope="module")
def stand():
    with Stand() as made:
        yield made


def test_what_was_acknowledged_outlives_every_kill(stand):
    journal = crash.run(stand, kills=len(crash.KINDS), seconds=4, batch=6_000)
    found = crash.account(stand, journal)
    assert found["acknowledged"] > 100
    for fault in ("lost", "doubled", "not signed", "stored otherwise"):
        assert found[fault] == 0, found
    assert (journal.changed, journal.wrong) == ([], [])
    stand.end("sequencer")
    assert stand.inside("log", str(stand.poll)).split()[-1] == "equal"
