"""What people type and what is kept of it, kind by kind, by hand."""
# ruff: noqa: RUF001

from datetime import date
from decimal import Decimal

import pytest

from nominations.declaration import ENTERPRISE, Field, Shape, Unfit, clean, clean_answers
from nominations.declaration.shape import Section
from portal.errors import Refused

FIVE = Field("k", "项", "choices", choices=("小革新", "小发明", "小节约"))
TABLE = Field(
    "awards",
    "成果获奖",
    "rows",
    most=2,
    columns=(Field("name", "名称", need="submit", most=6), Field("people", "人数", "integer")),
)


def kind(name, **more):
    return Field("k", "项", name, **more)


@pytest.mark.parametrize(
    ("field", "raw", "kept"),
    [
        (kind("text"), "  云帆  精密\t机械 ", "云帆 精密 机械"),
        (kind("text"), "一行\n两行", "一行 两行"),
        (kind("text"), "零宽\u200b空格\x00", "零宽空格"),
        (kind("text"), "   ", None),
        (kind("text"), None, None),
        (kind("long"), " 甲\r\n乙 ", "甲\n乙"),
        (kind("integer"), "1200", 1200),
        (kind("integer"), "1,200", 1200),
        (kind("integer"), "1，200", 1200),
        (kind("integer"), "１２００", 1200),
        (kind("integer", unit="人"), "1200 人", 1200),
        (kind("integer"), "0", 0),
        (kind("integer"), 7, 7),
        (kind("integer"), Decimal("7.0"), 7),
        (kind("integer"), "", None),
        (kind("decimal"), "12.50", "12.5"),
        (kind("decimal", unit="万元"), "1,234.5万元", "1234.5"),
        (kind("money"), "¥300,000.00", "300000"),
        (kind("money"), "12.345万", "123450"),
        (kind("money"), "１.２亿元", "120000000"),
        (kind("money"), "0.10", "0.1"),
        (kind("money"), Decimal("5E+3"), "5000"),
        (kind("percent"), "62.5%", "62.5"),
        (kind("percent"), "６０％", "60"),
        (kind("percent"), "100", "100"),
        (kind("date"), "2010-05-01", "2010-05-01"),
        (kind("date"), "2010/5/1", "2010-05-01"),
        (kind("date"), "2010.5.1", "2010-05-01"),
        (kind("date"), "2010年5月1日", "2010-05-01"),
        (kind("date"), "２０１０年５月１日", "2010-05-01"),
        (kind("date"), "20100501", "2010-05-01"),
        (kind("date"), date(2010, 5, 1), "2010-05-01"),
        (kind("date"), "", None),
        (kind("boolean"), "是", True),
        (kind("boolean"), "yes", True),
        (kind("boolean"), "否", False),
        (kind("boolean"), "无", False),
        (kind("boolean"), False, False),
        (kind("boolean"), "", None),
        (kind("choice", choices=("区（市）级", "市级")), "区(市)级", "区（市）级"),
        (kind("choice", choices=("市级",)), "", None),
        (FIVE, ["小节约", "小革新"], ["小革新", "小节约"]),
        (FIVE, "小发明、小革新", ["小革新", "小发明"]),
        (FIVE, [], None),
        (
            TABLE,
            [{"name": "甲", "people": "1,000"}, {"name": "", "people": ""}],
            [{"name": "甲", "people": 1000}],
        ),
        (TABLE, [{"people": ""}], None),
        (TABLE, None, None),
        (kind("evidence"), "12", 12),
        (kind("evidence"), "", None),
        (ENTERPRISE.by_key["nature"], "民营企业", "民营"),
        (ENTERPRISE.by_key["key_industry"], "高端装备产业", "高端装备"),
        (
            ENTERPRISE.by_key["recognitions"],
            "专精特新中小企业、高新技术企业",
            ["高新技术企业", "“专精特新”中小企业"],
        ),
    ],
)
def test_what_is_kept(field, raw, kept):
    found = clean(field, raw)
    assert found == kept
    assert type(found) is type(kept)
    assert clean(field, found) == kept, "what is kept cleans to itself"


@pytest.mark.parametrize(
    ("field", "raw", "words"),
    [
        (kind("text", most=3), "四个字了", "有 4 个字，请压缩到 3 个字以内"),
        (kind("text"), "长" * 201, "200 个字以内"),
        (kind("long"), "长" * 2001, "有 2001 个字"),
        (kind("text"), ["甲"], "应填文字"),
        (kind("integer"), "约300", "应填整数，例如 1200；现为“约300”"),
        (kind("integer"), "3.5", "应填整数"),
        (kind("integer"), "-3", "应填整数"),
        (kind("integer"), "1,2000", "应填整数"),
        (kind("integer"), True, "应填数字"),
        (kind("integer"), "99999999999", "太大"),
        (kind("decimal"), "1.23456", "最多 4 位小数"),
        (kind("decimal"), 1.5, "按原样填写"),
        (kind("money"), "1.005", "最多 2 位小数"),
        (kind("money"), "万", "应填数字"),
        (kind("money"), "九千", "应填数字"),
        (kind("percent"), "100.01", "0 至 100"),
        (kind("percent"), "-1", "应填数字"),
        (kind("date"), "2010年5月", "应填到日"),
        (kind("date"), "2010-02-30", "应填到日"),
        (kind("date"), "1010-05-01", "应填到日"),
        (kind("boolean"), "也许", "“是”或“否”"),
        (kind("choice", choices=("市级",)), "省级", "“省级”不在可选的范围内"),
        (FIVE, ["小创造"], "从这些中选：小革新、小发明、小节约"),
        (TABLE, [{"name": "甲"}, {"people": 3}], "第 2 行没有填“名称”"),
        (TABLE, [{"name": "甲", "people": "许多"}], "第 1 行“人数”：应填整数"),
        (TABLE, [{"name": "甲"}] * 3, "有 3 行，最多填 2 行"),
        (TABLE, [{"name": "甲", "price": 3}], "没有“price”这一栏"),
        (TABLE, "甲", "一张表"),
        (kind("evidence"), "证书", "从已上传的佐证中选"),
    ],
)
def test_what_is_refused_and_how_it_is_said(field, raw, words):
    with pytest.raises(Unfit) as refusal:
        clean(field, raw)
    assert words in str(refusal.value)


def test_refused_with_the_title_of_the_field_and_unknown_ones_by_name():
    with pytest.raises(Refused, match="“授权专利”填写有误：应填整数"):
        clean_answers(ENTERPRISE, {"results": "3", "patents": "几件"})
    with pytest.raises(Refused, match="没有“salary”这一项"):
        clean_answers(ENTERPRISE, {"salary": "3"})


def test_details_are_kept_by_choice_without_blanks():
    shape = Shape(
        (
            Section(
                "s",
                "节",
                fields=(
                    Field("levels", "级别", "choices", choices=("甲", "乙")),
                    Field("info", "明细", "details", of="levels", columns=(Field("on", "日期", "date"),)),
                ),
            ),
        )
    )
    raw = {"甲": {"on": "2020年1月2日"}, "乙": {"on": ""}}
    assert clean_answers(shape, {"info": raw}) == {"info": {"甲": {"on": "2020-01-02"}}}
    with pytest.raises(Refused, match="“明细”填写有误：乙“日期”：应填到日"):
        clean_answers(shape, {"info": {"乙": {"on": "去年"}}})
    with pytest.raises(Refused, match="没有“丙”"):
        clean_answers(shape, {"info": {"丙": {"on": "2020-01-02"}}})
