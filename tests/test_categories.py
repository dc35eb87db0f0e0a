"""No code knows a category by its code or name: what differs is data, or the kind of subject.

Read from the source. Data may name one: fixtures, migrations, the demonstration.
"""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "nominations", "review", "voting", "awards", "indicators")
CATEGORIES = [
    json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "fixtures" / "categories").glob("*.json"))
]
WORDS = {row[key] for row in CATEGORIES for key in ("code", "name")}
DATA = {"migrations", "demonstration", "__pycache__"}
CODE = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if not DATA & set(path.relative_to(ROOT).parts)
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ASKS = re.compile(r"category\.(code|name)\s*(==|!=|in\b)|(==|!=)\s*\w*\.?category\.(code|name)")


def known(node) -> set[str]:
    """The codes and names of categories that stand in a piece of code."""
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and each.value in WORDS}


def breaches(tree: ast.Module):
    """Where code decides by a category: comparing, looking up, matching, asking the database for it."""
    for node in ast.walk(tree):
        found = set()
        if isinstance(node, ast.Compare):
            found = known(node)
        elif isinstance(node, ast.Dict):
            found = {word for key in node.keys if key is not None for word in known(key)}
        elif isinstance(node, (ast.MatchValue, ast.Subscript)):
            found = known(node)
        elif isinstance(node, ast.Call):
            found = {
                word
                for each in node.keywords
                if each.arg and re.search(r"(^|_)(code|name)(__|$)", each.arg)
                for word in known(each.value)
            }
        yield from ((node.lineno, word) for word in found)


def test_no_code_decides_by_a_category():
    assert len(CODE) > 500
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in CODE
        if (wrong := list(breaches(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


def test_no_page_decides_by_a_category():
    asking = [path.name for path in TEMPLATES if ASKS.search(path.read_text("utf-8"))]
    assert asking == []


@pytest.mark.parametrize(
    "code",
    [
        "if category.code == 'cxcg': pass",
        "if category.name in ('工匠', '别的'): pass",
        "WORDS = {'qycx': 1}",
        "one = WORDS['gzs']",
        "match code:\n    case 'gj': pass",
        "Category.objects.get(code='qycx')",
        "Category.objects.filter(name__in=['创新型班组'])",
    ],
)
def test_the_search_finds_what_it_looks_for(code):
    assert len(list(breaches(ast.parse(code)))) == 1


def test_what_is_data_is_let_be():
    assert list(breaches(ast.parse("TITLE = '全员创新企业'\ndecided.pop('category', 'qycx')"))) == []
