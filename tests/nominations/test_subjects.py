"""By what a row of a workbook finds its nomination, for every kind of subject."""

import pytest

from nominations import subjects
from nominations.models import Category
from nominations.rules import subject_key
from tests.factories import credit_code, edition, enterprise, nomination

pytestmark = pytest.mark.django_db

# Written by hand: kind of subject, the extra column.
COLUMNS = [
    ("enterprise", []),
    ("person", ["姓名"]),
    ("studio", ["工作室名称"]),
    ("team", ["班组名称"]),
    ("result", ["成果名称"]),
]


def of_kind(kind):
    category = Category.objects.create(code=f"of-{kind}", name="演示类别", subject=kind)
    return edition(category=category)


@pytest.mark.parametrize(("kind", "names"), COLUMNS)
def test_one_column_more_where_the_subject_is_not_the_enterprise(kind, names):
    made = of_kind(kind)
    assert [column.name for column in subjects.subject_columns(made)] == names
    assert subjects.is_enterprise(made) == (not names)


def named(of, company, name):
    made = nomination(of, company)
    made.subject_name = name
    made.subject_key = subject_key(company.credit_code, name)
    made.save()
    return made


def test_two_results_of_one_enterprise_are_two_rows():
    made, company = of_kind("result"), enterprise(7)
    one, other = named(made, company, "甲装置"), named(made, company, "乙 Tool")
    rows = subjects.by_row(made, [one, other])
    assert rows[subjects.row_key(made, credit_code(7), "甲装置")] == one
    assert rows[subjects.row_key(made, credit_code(7), "乙tool")] == other
    assert subjects.row_key(made, credit_code(7), "丙") not in rows
    assert subjects.row_key(made, credit_code(7), "") == ""
    assert subjects.cells_of(made, one) == {
        "name": company.name,
        "credit_code": company.credit_code,
        "subject_name": "甲装置",
    }


def test_a_result_whose_name_was_put_right_is_found_under_both():
    made, company = of_kind("result"), enterprise(8)
    one = named(made, company, "甲装制")
    one.subject_name = "甲装置"
    rows = subjects.by_row(made, [one])
    assert {rows[subjects.row_key(made, credit_code(8), name)] for name in ("甲装制", "甲装置")} == {one}


def test_an_enterprise_is_known_by_its_code_alone():
    made = of_kind("enterprise")
    one = nomination(made, 9)
    rows = subjects.by_row(made, [one])
    assert rows[subjects.row_key(made, credit_code(9), "随便什么名称")] == one
    assert subjects.cells_of(made, one) == {"name": one.subject_name, "credit_code": credit_code(9)}


# Written by hand: kind of subject, how many on paper, how many on a page, how its paper speaks of it.
WORDS = [
    ("enterprise", "8家企业", "8 家", "你单位"),
    ("person", "8名个人", "8 人", "你"),
    ("studio", "8个工作室", "8 个", "你工作室"),
    ("team", "8个班组", "8 个", "你班组"),
    ("result", "8项成果", "8 项", "该成果"),
]


@pytest.mark.parametrize(("kind", "paper", "page", "called"), WORDS)
def test_the_words_follow_the_kind(kind, paper, page, called):
    made = of_kind(kind)
    assert subjects.counted(made.category, 8) == paper
    assert subjects.measured(made, 8) == page
    assert subjects.CALLED[kind] == called


def test_whose_it_is_stands_beside_it_and_an_enterprise_stands_alone():
    company = enterprise(10)
    result = named(of_kind("result"), company, "甲装置")
    whole = nomination(of_kind("enterprise"), company)
    assert subjects.beside(result) == company.name and subjects.beside(whole) == ""
    assert subjects.full_name(result) == f"甲装置（{company.name}）"
    assert subjects.full_name(whole) == company.name
    assert (subjects.of_it(result), subjects.of_it(whole)) == ("的“甲装置”", "")
