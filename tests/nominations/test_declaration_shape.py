"""The form as data: there and back, what is no form, what is missing, what deserves a look."""

import hashlib
import json
from collections import defaultdict

import pytest

from nominations.declaration import ENTERPRISE, Field, Section, Shape, from_json, to_json
from nominations.declaration.concerns import concerns, frontline_share
from nominations.declaration.facts import advised_missing, canonical, column, digest_of, missing
from nominations.declaration.merging import Difference, differences
from nominations.declaration.shape import CORE
from nominations.rules import RECOGNITIONS
from portal.clauses import find_clause
from portal.errors import Refused

SMALL = {
    "sections": [
        {
            "key": "who",
            "title": "本人",
            "dimension": "skill",
            "fields": [
                {"key": "name", "title": "姓名", "need": "submit", "core": True},
                {"key": "trade", "title": "工种", "most": 20},
                {
                    "key": "results",
                    "title": "成果",
                    "kind": "rows",
                    "columns": [{"key": "title", "title": "名称"}],
                },
            ],
        }
    ]
}


def test_the_enterprises_form_goes_through_json_and_back():
    text = json.dumps(to_json(ENTERPRISE), ensure_ascii=False)
    assert from_json(json.loads(text)) == ENTERPRISE


def test_a_small_form_of_another_category():
    shape = from_json(SMALL)
    assert [(each.key, each.kind, each.need) for each in shape] == [
        ("name", "text", "submit"),
        ("trade", "text", "advised"),
        ("results", "rows", "advised"),
    ]
    assert shape.sections[0].dimension == "skill"
    assert to_json(shape) == SMALL


def test_the_enterprises_form_asks_what_the_regulation_looks_at():
    assert list(ENTERPRISE.needed()) == [
        *("name", "division_name", "independent", "employees", "union_founded_on", "union_members"),
        *("nature", "industry", "deeds", "contact_name", "contact_phone"),
    ]
    assert {each.key for each in ENTERPRISE if each.core} == set(CORE)
    assert [section.dimension for section in ENTERPRISE.sections if section.dimension] == [
        *("mechanism", "platform", "effect"),
    ]
    assert ENTERPRISE.by_key["recognitions"].choices == RECOGNITIONS
    assert (ENTERPRISE.by_key["summary"].most, ENTERPRISE.by_key["deeds"].most) == (500, 2000)
    assert [each.key for each in ENTERPRISE if each.private] == ["contact_name", "contact_phone"]
    assert [each.key for each in ENTERPRISE.by_key["studios"].columns if each.private] == ["leader"]
    shown = defaultdict(list)
    for each in ENTERPRISE:
        shown[each.exhibit].append(each.key)
    assert {kind: keys for kind, keys in shown.items() if kind} == {
        "introduction": ["summary", "deeds"],
        "studio": ["studios"],
        "result": ["awards"],
        "figure": [
            *("mentoring", "participants", "participation", "suggestions_adopted", "results"),
            *("results_applied", "patents", "patents_invention", "methods", "benefit"),
        ],
    }
    for each in ENTERPRISE:
        if each.clause:
            assert find_clause(each.clause)


@pytest.mark.parametrize(
    "change",
    [
        {"key": "Trade"},
        {"key": "version"},
        {"key": "deeds"},
        {"kind": "picture"},
        {"kind": "choice"},
        {"kind": "rows"},
        {"need": "sometimes"},
        {"core": True},
        {"colour": "red"},
        {"key": "name"},
        {"exhibit": "picture"},
        {"exhibit": "studio"},
        {"kind": "long", "exhibit": "introduction", "private": True},
        {"kind": "details", "of": "name", "columns": [{"key": "a", "title": "甲"}]},
    ],
)
def test_what_is_no_form_is_refused(change):
    broken = json.loads(json.dumps(SMALL))
    broken["sections"][0]["fields"][1] |= change
    with pytest.raises(Refused):
        from_json(broken)


@pytest.mark.parametrize("data", [{}, {"sections": [{}]}, {"sections": "x"}, {"sections": [{"key": "a"}]}])
def test_what_is_no_form_at_all(data):
    with pytest.raises(Refused, match="申报表"):
        from_json(data)


def test_what_is_missing_and_what_would_be_good():
    shape = Shape(
        (
            Section(
                "s",
                "节",
                fields=(
                    Field("name", "名称", need="submit", core=True),
                    Field("size", "人数", "integer", "submit"),
                    Field("own", "独立", "boolean", "submit"),
                    Field("marks", "认定", "choices", "optional", choices=("甲", "乙")),
                    Field("info", "信息", "details", of="marks", columns=(Field("number", "编号"),)),
                    Field("plan", "规划"),
                ),
            ),
        )
    )
    assert [each.field for each in missing(shape, {"name": " ", "size": 0, "own": False})] == ["name"]
    assert [each.title for each in missing(shape, {})] == ["名称", "人数", "独立"]
    assert [each.field for each in advised_missing(shape, {})] == ["plan"]
    chosen = {"marks": ["甲", "乙"], "info": {"甲": {"number": "1"}}, "plan": "有"}
    assert [each.field for each in advised_missing(shape, chosen)] == ["info"]
    chosen["info"]["乙"] = {"number": "2"}
    assert advised_missing(shape, chosen) == []


def test_columns_hold_days_and_decimals_and_json_their_text():
    for key, value in (("union_founded_on", "2010-05-01"), ("frontline_share", "62.5"), ("employees", 3)):
        assert canonical(column(ENTERPRISE.by_key[key], value)) == value
    blank = {key: column(ENTERPRISE.by_key[key], None) for key in ("nature", "employees", "recognitions")}
    assert blank == {"nature": "", "employees": None, "recognitions": []}


def test_the_digest_is_of_what_is_said_in_no_order():
    assert digest_of({"b": 1, "a": "甲"}) == digest_of({"a": "甲", "b": 1})
    assert digest_of({"a": "甲"}) != digest_of({"a": "乙"})
    # sha256 of {"a":"甲"} in UTF-8
    assert digest_of({"a": "甲"}) == hashlib.sha256('{"a":"甲"}'.encode()).hexdigest()


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}, [Difference("a", 2, 1, "mine")]),
        ({"a": 1}, {"a": 1}, {"a": 2}, [Difference("a", 1, 2, "theirs")]),
        ({"a": 1}, {"a": 2}, {"a": 3}, [Difference("a", 2, 3, "both")]),
        ({"a": 1}, {"a": 2}, {"a": 2}, []),
        ({"a": 1}, {}, {"a": 2}, []),
        ({}, {"a": None}, {"a": 2}, [Difference("a", None, 2, "theirs")]),
        ({"a": 1}, {"a": None}, {"a": 1}, [Difference("a", None, 1, "mine")]),
        ({}, {"a": None}, {}, []),
        ({}, {"a": []}, {"a": ""}, []),
        ({"a": False}, {"a": False}, {"a": None}, [Difference("a", False, None, "theirs")]),
        (None, {"a": 2}, {"a": 1}, [Difference("a", 2, 1, "both")]),
    ],
)
def test_who_changed_what(base, mine, theirs, expected):
    assert differences(["a"], base, mine, theirs) == expected


def test_what_only_one_changed_is_kept_as_changed():
    assert [Difference("a", 1, 2, who).default for who in ("mine", "theirs", "both")] == [
        "mine",
        "theirs",
        "",
    ]


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"employees": 100, "union_members": 100}, []),
        ({"employees": 100, "union_members": 101}, ["union_members"]),
        ({"suggestions_made": 5, "suggestions_adopted": 6}, ["suggestions_adopted"]),
        ({"frontline_share": "60"}, []),
        ({"frontline_share": "59.99"}, ["frontline_share"]),
        ({"frontline_share": "62.5", "training_fund": "800000", "training_frontline": "500000"}, []),
        (
            {"frontline_share": "70", "training_fund": "800000", "training_frontline": "500000"},
            ["frontline_share"],
        ),
        ({"training_fund": "1", "training_frontline": "2"}, ["training_frontline"]),
        ({"frontline_share": "70", "training_fund": "0", "training_frontline": "0"}, []),
    ],
)
def test_figures_that_do_not_go_together(facts, fields):
    assert [each.field for each in concerns(facts)] == fields


def test_the_share_is_worked_out_exactly():
    assert str(frontline_share("800000", "500000")) == "62.50"
    assert str(frontline_share("3", "2")) == "66.67"
    assert frontline_share(None, "2") is None
