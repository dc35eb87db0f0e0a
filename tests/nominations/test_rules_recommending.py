"""What a return must say, and what a recommender says of its own publicity: tables by hand."""

from datetime import date

import pytest

from nominations.days import due, period_words, usual_deadline
from nominations.rules import RETURN_REASONS, check_publicity, check_return
from portal.errors import Refused
from portal.workdays import Calendar, Year

TODAY = date(2026, 6, 1)  # a Monday


@pytest.mark.parametrize(
    ("codes", "reason", "deadline", "kept", "refused"),
    [
        (["incomplete"], "", TODAY, ("incomplete",), None),
        (["wrong", "incomplete", "wrong"], "", TODAY, ("incomplete", "wrong"), None),
        (["other"], "请补说明", TODAY, ("other",), None),
        (["publicity", "other"], "请补说明", TODAY, ("publicity", "other"), None),
        ([], "请补说明", TODAY, None, "至少选择一类"),
        (["other"], " \u3000", TODAY, None, "写明退回理由"),
        (["nonsense"], "x", TODAY, None, "不在退回理由之列"),
        (["incomplete"], "", date(2026, 5, 31), None, "不能早于今天"),
    ],
)
def test_what_a_return_says(codes, reason, deadline, kept, refused):
    if refused:
        with pytest.raises(Refused, match=refused):
            check_return(codes, reason, deadline, TODAY)
    else:
        assert check_return(codes, reason, deadline, TODAY) == kept


def test_the_reasons_are_these():
    assert list(RETURN_REASONS.values()) == [
        "材料不全",
        "内容与佐证不符",
        "填写有误",
        "不符合推荐条件",
        "公示不到位",
        "排除情形待核实",
        "其他",
    ]


@pytest.mark.parametrize(
    ("start", "end", "proof", "required", "refused"),
    [
        (None, None, False, False, None),
        (None, None, False, True, "要求推荐单位先行公示"),
        (date(2026, 5, 25), date(2026, 5, 29), False, False, None),
        (date(2026, 5, 25), date(2026, 5, 29), False, True, "上传公示证明"),
        (date(2026, 5, 25), date(2026, 5, 29), True, True, None),
        (date(2026, 5, 25), TODAY, True, True, None),
        (None, None, True, False, "起止日期要一并填写"),
        (date(2026, 5, 25), None, True, False, "起止日期要一并填写"),
        (date(2026, 5, 29), date(2026, 5, 25), True, False, "早于开始日期"),
        (date(2026, 5, 25), date(2026, 6, 2), True, False, "才结束"),
    ],
)
def test_what_a_recommender_says_of_its_publicity(start, end, proof, required, refused):
    if refused:
        with pytest.raises(Refused, match=refused):
            check_publicity(start, end, has_proof=proof, required=required, today=TODAY)
    else:
        check_publicity(start, end, has_proof=proof, required=required, today=TODAY)


#: 2026-06-19 (Friday) is a day off, 2026-06-27 (Saturday) is worked.
CALENDAR = Calendar.of(
    [Year(2026, holidays=frozenset({date(2026, 6, 19)}), workdays=frozenset({date(2026, 6, 27)}))]
)


@pytest.mark.parametrize(
    ("day", "words", "late"),
    [
        (date(2026, 6, 1), "今天到期", False),
        (date(2026, 6, 2), "还有 1 个工作日", False),
        (date(2026, 6, 8), "还有 5 个工作日", False),
        (date(2026, 6, 22), "还有 14 个工作日", False),
        (date(2026, 5, 31), "已逾期 1 个工作日", True),
        (date(2026, 5, 25), "已逾期 5 个工作日", True),
        (date(2027, 1, 4), "还有 217 天", False),
    ],
)
def test_a_deadline_in_words(day, words, late):
    found = due(day, TODAY, CALENDAR)
    assert (found.words, found.late) == (words, late)


def test_over_a_weekend_nothing_is_left():
    assert due(date(2026, 6, 7), date(2026, 6, 5), CALENDAR).words == "还有 2 天，都不是工作日"
    assert due(date(2026, 6, 6), date(2026, 6, 7), CALENDAR).words == "已逾期 1 天"


def test_what_is_usual():
    assert usual_deadline(TODAY, CALENDAR) == date(2026, 6, 8)
    assert usual_deadline(date(2027, 6, 1), CALENDAR) == date(2027, 6, 8)
    assert period_words(date(2026, 6, 15), date(2026, 6, 22), CALENDAR) == "5 个工作日"
    assert period_words(date(2027, 6, 1), date(2027, 6, 5), CALENDAR) == "5 天"
