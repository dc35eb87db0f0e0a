"""The way of an enterprise through the levels: what it tells, in which order, and to whom."""

from datetime import date

import pytest
from django.template.loader import render_to_string

from awards.models import Promotion
from awards.rules import paths as rules
from awards.services import path as paths
from nominations.models import Category
from tests import factories as make
from tests.moments import NOW

pytestmark = pytest.mark.django_db


def named(enterprise, level, on, *, host="city", **fields):
    place = make.organisation(host)
    fields = {"number": f"演示-{level}-{on}", "year": on.year} | fields
    return make.honour(
        enterprise, host=place, level=level, named_on=on, named_by=make.hat("office", place), **fields
    )


def put_forward(honour, to="province", **fields):
    return Promotion.objects.create(
        honour=honour, to=to, reason="演示", decided_at=NOW, decided_by=make.hat(), **fields
    )


def accepted(honour, on, number="", to="province"):
    return put_forward(honour, to, outcome="accepted", outcome_on=on, outcome_number=number)


def told(path):
    """Level, whether a promotion, day of each step."""
    return [(step.level, bool(step.promotion), step.on) for step in path.steps]


@pytest.fixture
def firm():
    return make.enterprise(1, account=True)


def test_from_below_to_the_province(firm):
    city = named(firm, "city", date(2024, 12, 1))
    named(firm, "district", date(2023, 6, 1), host="市南区")
    named(firm, "enterprise", date(2022, 6, 1), host="市南区", namer="演示企业工会")
    accepted(city, date(2025, 3, 1), "鲁演示-1")
    found = paths.path_of(firm)
    assert told(found) == [
        ("enterprise", False, date(2022, 6, 1)),
        ("district", False, date(2023, 6, 1)),
        ("city", False, date(2024, 12, 1)),
        ("province", True, date(2025, 3, 1)),
    ]
    assert (found.highest, found.highest_words) == ("city", "市级")


def test_what_the_province_named_is_told_once(firm):
    city = named(firm, "city", date(2024, 12, 1))
    accepted(city, date(2025, 3, 1), "鲁演示-1")
    named(firm, "province", date(2025, 3, 1), namer="山东省总工会（演示）", decision="鲁演示-1")
    found = paths.path_of(firm)
    assert told(found) == [("city", False, date(2024, 12, 1)), ("province", False, date(2025, 3, 1))]
    assert found.highest == "province"


@pytest.mark.parametrize(
    ("role", "place", "steps"),
    [
        (None, None, 1),
        ("office", "city", 3),
        ("auditor", None, 3),
        ("applicant", None, 3),
        ("office", "市北区", 1),
        ("recommender", "市南区", 1),
        ("expert", None, 1),
    ],
)
def test_what_is_open_is_not_public(firm, role, place, steps):
    honour = named(firm, "city", date(2024, 12, 1))
    put_forward(honour)
    put_forward(honour, "model_worker", outcome="not", outcome_on=date(2025, 1, 1))
    hat = make.hat(role, place) if role else None
    assert len(paths.path_of(firm, hat=hat).steps) == steps


def test_what_was_taken_back_is_no_step(firm):
    honour = named(firm, "city", date(2024, 12, 1))
    put_forward(honour, ended_at=NOW, ended_reason="演示")
    assert len(paths.path_of(firm, hat=make.hat("auditor")).steps) == 1


def test_a_revoked_naming_is_told_and_counts_for_nothing(firm):
    named(firm, "district", date(2023, 6, 1), host="市南区")
    named(firm, "city", date(2024, 6, 1), revoked_on=date(2025, 1, 1), revoked_reason="演示撤销理由")
    found = paths.path_of(firm)
    assert [step.standing for step in found.steps] == [True, False]
    assert found.highest == "district"


def test_a_result_named_is_not_its_enterprise_named(firm):
    fields = {"name": "职工优秀创新成果", "subject": Category.Subject.RESULT}
    results, _new = Category.objects.get_or_create(code="cxcg", defaults=fields)
    key = f"{firm.credit_code}#演示成果"
    named(firm, "city", date(2024, 6, 1), category=results, subject_key=key, subject_name="演示成果")
    found = paths.path_of(firm)
    assert (found.highest_words, found.own_words) == ("市级", "")
    named(firm, "district", date(2023, 6, 1), host="市南区")
    found = paths.path_of(firm)
    assert (found.highest_words, found.own_words) == ("市级", "区市级")


def test_a_rehearsal_is_on_nobodys_way(firm):
    edition = make.edition(published=False)
    honour = named(firm, "city", date(2024, 6, 1), nomination=make.nomination(edition, firm))
    accepted(honour, date(2025, 1, 1))
    assert paths.path_of(firm, hat=make.hat("auditor")).steps == []


def test_what_belongs_to_it_is_on_its_way(firm):
    studio = Category.objects.create(code="yanshi", name="演示工作室", subject="studio")
    named(
        firm,
        "district",
        date(2023, 6, 1),
        host="市南区",
        category=studio,
        subject_key="k",
        subject_name="张三工作室（演示）",
    )
    named(firm, "city", date(2024, 6, 1))
    assert [step.subject for step in paths.path_of(firm).steps] == ["张三工作室（演示）", ""]


def test_many_cost_what_one_costs(django_assert_num_queries):
    firms = [make.enterprise(n) for n in range(1, 9)]
    hat = make.hat()
    for firm in firms:
        accepted(named(firm, "city", date(2024, 6, 1), number=firm.credit_code), date(2025, 1, 1))
    for some in (firms[:2], firms):
        with django_assert_num_queries(2):
            found = paths.paths_of(some, hat=hat)
            assert all(len(found[each.pk].steps) == 2 for each in some)
            assert [found[each.pk].highest for each in some] == ["city"] * len(some)


def test_the_component(firm):
    honour = named(firm, "city", date(2024, 6, 1), number="演示-7", token="f" * 32)
    named(firm, "district", date(2023, 6, 1), revoked_on=date(2025, 1, 1), revoked_reason="演示撤销理由")
    put_forward(honour)
    page = render_to_string("components/path.html", {"path": paths.path_of(firm, hat=make.hat())})
    assert page.index("区市级") < page.index("市级 ·") < page.index("等待结果")
    assert "演示撤销理由" in page and "/" + "f" * 32 in page
    assert "等待结果" not in render_to_string("components/path.html", {"path": paths.path_of(firm)})
    nobody = paths.path_of(make.enterprise(2))
    assert "还没有命名" in render_to_string("components/path.html", {"path": nobody})


@pytest.mark.parametrize(
    ("levels", "highest"),
    [
        ([], ""),
        (["enterprise"], "enterprise"),
        (["city", "district"], "city"),
        (["province", "city"], "province"),
    ],
)
def test_highest(levels, highest):
    assert rules.highest(levels) == highest


@pytest.mark.parametrize(
    ("number", "told", "once"),
    [
        ("", [("", "")], False),
        ("a", [("a", "b")], True),
        ("b", [("a", "b")], True),
        ("c", [("a", "b")], False),
    ],
)
def test_told_once(number, told, once):
    assert rules.told_once(number, told) is once
