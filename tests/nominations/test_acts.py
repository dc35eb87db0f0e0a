"""Every act that is on the record has words."""

import ast
from pathlib import Path

from portal.acts import WORDS
from portal.permissions import MAY

ROOT = Path(__file__).parents[2]


def recorded() -> set[str]:
    """The acts named in a call of record(…), in the source of every app."""
    acts = set()
    for app in ("portal", "nominations", "review", "voting", "awards"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _is_record(node.func) and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        acts.add(first.value)
    return acts


def _is_record(function) -> bool:
    return (isinstance(function, ast.Attribute) and function.attr == "record") or (
        isinstance(function, ast.Name) and function.id == "record"
    )


def test_every_act_of_the_table_has_words():
    assert not set(MAY) - set(WORDS)


def test_every_act_that_is_recorded_has_words():
    assert "nominations.create" in recorded()
    assert not recorded() - set(WORDS)
