"""A rule imports no Django, and its docstring opens with its clause or says that the committee decided."""

import importlib
import inspect
import re
import subprocess
import sys

import pytest

MODULES = [
    "nominations.rules",
    "nominations.order",
    "nominations.declaration",
    "nominations.likeness",
    "review.rules.screening",
    "review.rules.scoring",
    "review.rules.discussion",
    "review.rules.remarks",
    "review.rules.statistics",
    "review.matching",
    "review.drawing",
    "voting.rules.ballots",
    "voting.rules.detection.chance",
    "voting.rules.detection.look",
    "voting.rules.detection.matters",
    "voting.rules.detection.signs",
    "voting.rules.detection.terms",
    "voting.rules.detection.view",
    "voting.rules.entries",
    "voting.rules.homes",
    "voting.rules.notes",
    "voting.rules.tiles",
    "voting.rules.tree",
    "indicators.rules",
    "awards.rules.ranking",
    "awards.rules.objections",
    "awards.rules.publicity",
    "awards.rules.money",
    "awards.rules.naming",
    "awards.rules.former",
    "awards.rules.paths",
    "awards.rules.visits",
    "awards.rules.quarters",
    "awards.rules.referring",
    "awards.resultfile",
    "awards.resultform",
    "portal.workdays",
]
CLAUSE = re.compile(r"S1 [一二三四五](\.\d)?[①-⑥]*|委员会决定")


def test_rules_import_no_django():
    code = f"import sys\nsys.modules['django'] = None\nimport {', '.join(MODULES)}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in MODULES
        if name.rpartition(".")[2]
        in {
            "ranking",
            "publicity",
            "money",
            "quarters",
            "referring",
            "screening",
            "scoring",
            "ballots",
            "entries",
            "rules",
            "order",
        }
    ],
)
def test_every_rule_cites_its_clause(name):
    module = importlib.import_module(name)
    rules = [
        rule
        for title, rule in inspect.getmembers(module, inspect.isfunction)
        if rule.__module__ == name and not title.startswith("_")
    ]
    assert rules
    assert [rule.__name__ for rule in rules if not CLAUSE.match(rule.__doc__ or "")] == []
