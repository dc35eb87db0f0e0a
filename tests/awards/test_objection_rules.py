"""By hand: which texts tell who objects, which do not; and what the clock says at the end of a calendar."""

from datetime import date

import pytest

from awards.rules import due, has_telephone, tells
from portal.workdays import Calendar, Year

PERSON = {
    "name": "王建国",
    "contact": "青岛市市南区演示路9号甲 0532-8599 1234 wang.jg@example.com",
    "unit": "",
}
UNIT = {
    "name": "青岛演示海潮机械有限公司",
    "contact": "13900001111",
    "unit": "欧阳晓明",
}
AUGUST = Calendar.of([Year(2026)])


@pytest.mark.parametrize(
    "text",
    [
        "王建国反映",
        "王 建 国 反映",
        "建国同志反映",
        "王某反映",
        "王先生来电",
        "王师傅所说",
        "来自85991234",
        "来自 0532-85991234",
        "来自8599-1234",
        "尾号1234的电话",
        "住在演示路9号甲",
        "写信自wang.jg@example.com",
        "WANG.JG 来信",
        "８５９９１２３４",  # noqa: RUF001
    ],
)
def test_what_tells_of_a_person(text):
    assert tells(text, PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "异议人反映的数量与台账一致",
        "建设国家级创新基地",
        "1234项合理化建议",
        "2026年9月25日现场核实",
        "国有资产",
        "演示路的工厂",
        "",
    ],
)
def test_what_tells_nothing_of_a_person(text):
    assert not tells(text, PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "青岛演示海潮机械有限公司来函",
        "演示海潮机械来函",
        "海潮机械（演示海潮机械）",
        "欧阳先生来电",
        "晓明说",
    ],
)
def test_what_tells_of_a_unit(text):
    assert tells(text, UNIT)


def test_the_name_of_the_enterprise_itself_tells_nothing():
    workers = {"name": "青岛演示海潮机械有限公司工会委员会", "contact": "13900001111", "unit": "李明"}
    assert tells("演示海潮机械的台账", workers)
    assert not tells("演示海潮机械的台账", workers, but="青岛演示海潮机械有限公司")


@pytest.mark.parametrize(
    "contact, reached",
    [
        ("19911112222", True),
        ("0532-85991234", True),
        ("（0532）8599 1234 演示路9号", True),
        ("+86 199 1111 2222", True),
        ("演示路9号", False),
        ("见附件", False),
        ("12345", False),
    ],
)
def test_a_telephone_is_one_that_can_be_called(contact, reached):
    assert has_telephone(contact) is reached


def test_due_days_are_working_days_and_a_year_that_is_not_there_has_none():
    assert due(date(2026, 8, 7), 3, AUGUST) == date(2026, 8, 12)  # Friday; Monday, Tuesday, Wednesday
    assert due(date(2026, 12, 30), 1, AUGUST) == date(2026, 12, 31)
    assert due(date(2026, 12, 30), 2, AUGUST) is None
