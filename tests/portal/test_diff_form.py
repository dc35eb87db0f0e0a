"""Choosing between the record and the file: each by itself, or one word for the rest."""

import pytest

from portal.forms import Clash, DiffForm

CLASHES = [
    Clash("7", "employees", "第 4 行，职工人数", "333", "455"),
    Clash("7", "note", "第 4 行，备注", "", "已核对"),
    Clash("9", "*", "第 5 行", "无异议", "有问题"),
]


def form(**data):
    return DiffForm({"digest": "d", **data}, clashes=CLASHES, digest="d")


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (
            {"c0": "now", "c1": "yours", "c2": "yours"},
            {"7": {"employees": "now", "note": "yours"}, "9": {"*": "yours"}},
        ),
        ({"rest": "now"}, {"7": {"employees": "now", "note": "now"}, "9": {"*": "now"}}),
        ({"rest": "now", "c1": "yours"}, {"7": {"employees": "now", "note": "yours"}, "9": {"*": "now"}}),
    ],
)
def test_what_is_chosen(data, cells):
    bound = form(**data)
    assert bound.is_valid()
    assert bound.cleaned_data == {"choices": {"digest": "d", "cells": cells}}


def test_what_is_not_chosen_is_asked_for_in_its_place():
    bound = form(c0="now", c1="neither")
    assert not bound.is_valid()
    assert set(bound.errors) == {"c1", "c2"}
    assert bound.errors["c2"] == ["请选择用哪一份"]


def test_an_empty_side_is_named():
    labels = [label for _value, label in form().fields["c1"].choices]
    assert labels == ["保留现在的：（空）", "用文件中的：已核对"]


def test_where_nothing_clashes_there_is_nothing_to_choose():
    assert list(DiffForm(clashes=[], digest="d").fields) == ["digest"]
