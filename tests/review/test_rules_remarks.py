"""Which points are explained. Expectations by hand."""

from decimal import Decimal

import pytest

from portal.errors import Refused
from review.rules import check_remarks, remark_asked

LOW, HIGH = Decimal(60), Decimal("95")


@pytest.mark.parametrize(
    ("points", "below", "above", "asked"),
    [
        ("59.5", LOW, HIGH, True),
        ("60", LOW, HIGH, False),
        ("95", LOW, HIGH, False),
        ("95.5", LOW, HIGH, True),
        ("0", LOW, None, True),
        ("100", LOW, None, False),
        ("0", None, HIGH, False),
        ("100", None, HIGH, True),
        ("0", None, None, False),
        (None, LOW, HIGH, False),
    ],
)
def test_the_limits_themselves_need_no_remark(points, below, above, asked):
    points = None if points is None else Decimal(points)
    assert remark_asked(points, below=below, above=above) is asked


@pytest.mark.parametrize(
    ("scores", "remarks", "says"),
    [
        ({"mechanism": "59.5"}, {}, "“全员创新机制建设”得 59.5 分，低于 60 分"),
        ({"mechanism": "80", "effect": "96"}, {"mechanism": "好"}, "“全员创新效果”得 96 分，高于 95 分"),
        ({"platform": "10"}, {"platform": "  "}, "“全员创新平台载体建设”得 10 分，低于 60 分"),
    ],
)
def test_a_missing_remark_is_named_by_its_dimension(scores, remarks, says):
    scores = {code: Decimal(value) for code, value in scores.items()}
    with pytest.raises(Refused) as refusal:
        check_remarks(scores, remarks, below=LOW, above=HIGH)
    assert str(refusal.value).startswith(says)


def test_what_is_explained_passes():
    scores = {"mechanism": Decimal(10), "platform": Decimal(80), "effect": Decimal(100)}
    check_remarks(scores, {"mechanism": "制度尚缺", "effect": "全国领先"}, below=LOW, above=HIGH)
