"""The closing table of `make test`: every part is run, and what failed is named."""

import sys

from portal.devstack.processes import Family
from portal.devstack.testing import Part, conclude, counts, run_parts

REPORT = """<?xml version="1.0"?>
<testsuites><testsuite tests="12" failures="1" errors="0" skipped="3"/></testsuites>
"""


def exits(code):
    return [sys.executable, "-c", f"raise SystemExit({code})"]


def test_every_part_runs_and_the_failed_ones_are_named(checkout, capfd):
    parts = [Part("first", exits(1)), Part("second", exits(0)), Part("third", exits(5), accept=(0, 5))]
    with Family() as family:
        results = run_parts(family, checkout, None, parts)
    assert [code for _, code, _ in results] == [1, 0, 5]
    assert conclude(results) == 1
    told = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in told[-4:-1]] == ["first", "second", "third"]
    assert "FAILED (1)" in told[-4]
    assert told[-1] == "Failed: first."


def test_all_well_is_said(checkout, capfd):
    with Family() as family:
        assert conclude(run_parts(family, checkout, None, [Part("only", exits(0))])) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "All parts passed."


def test_counts_are_in_pytests_words(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert counts(report) == "1 failed, 8 passed, 3 skipped"
    assert counts(tmp_path / "none.xml") == ""
    assert counts(None) == ""
