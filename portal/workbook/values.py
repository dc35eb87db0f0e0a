"""From a cell as it was typed to the value its column asks for; what cannot be put right is refused."""

import re
from datetime import date, datetime
from decimal import Decimal

from portal.errors import N_, Refused
from portal.sentences import Sentence
from portal.workbook.cells import RawCell
from portal.workbook.columns import Column
from portal.workbook.text import clean_code, clean_line, clean_number, clean_paragraphs, name_key

EXACT_BELOW = 10**15  # from sixteen digits on, Excel has lost the last ones
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+")
_INTEGER = re.compile(r"[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,20})?", re.ASCII)
_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
)
_MIDNIGHT = re.compile(r"[T ]?00?:00(:00(\.0+)?)?$")
_DASHES = {"-", "--", "/", "\\", "无"}
_YES = ("是", "有", "√", "✓", "✔", "Y", "YES", "TRUE", "1")
_NO = ("否", "无", "没有", "×", "✗", "✘", "N", "NO", "FALSE", "0")

DATE_AS = N_("应为日期，写成 2020-10-16 的样子")
INTEGER_AS = N_("应为整数，只写数字，不带单位")
DECIMAL_AS = N_("应为数字，不带单位和文字")
CODE_AS = N_("请把这一列设为文本格式后重新填写")
CHOICE_AS = N_("应为：{choices}")
BOOLEAN_AS = N_("应填“是”或“否”")


class Wrong(Exception):
    """A cell cannot be read as its column asks."""

    def __init__(self, problem: str, expected: str = "", **params):
        super().__init__(problem)
        self.problem = Sentence(problem, params)
        self.expected = Sentence(expected, params)


def is_blank(cell: RawCell | None) -> bool:
    return cell is None or (cell.kind == "s" and not clean_line(str(cell.value)))


def _is_dash(column: Column, cell: RawCell) -> bool:
    """In a figure or a date nobody must give, a stroke means that there is none."""
    if column.required or column.kind not in ("integer", "decimal", "date") or cell.kind != "s":
        return False
    return clean_number(str(cell.value)) in _DASHES


def typed(column: Column, cell: RawCell | None):
    """The value of a cell, None when it is blank; raises `Wrong`."""
    if is_blank(cell) or _is_dash(column, cell):
        if column.required:
            raise Wrong(N_("没有填写"), *_expectation(column))
        return None
    if cell.kind == "f":
        raise Wrong(N_("这一格是公式"), N_("请复制后用“选择性粘贴—数值”贴回，再上传"))
    if cell.kind == "e":
        raise Wrong(N_("这一格是错误值 {shown}"), N_("请改成实际内容"), shown=cell.value)
    value = _READERS[column.kind](column, cell)
    if column.required and value == "":
        raise Wrong(N_("没有填写"), *_expectation(column))
    _check(column, value)
    return value


def _expectation(column: Column) -> tuple[str]:
    return (
        {"date": DATE_AS, "integer": INTEGER_AS, "decimal": DECIMAL_AS, "boolean": BOOLEAN_AS}.get(
            column.kind, N_("这一栏必须填写")
        ),
    )


def _check(column: Column, value) -> None:
    if column.check is None or value is None or value == "":
        return
    try:
        column.check(value)
    except Refused as refusal:
        raise Wrong(refusal.message, "", **refusal.params) from refusal


def _shown(cell: RawCell) -> str:
    """The cell in a sentence: short, without line breaks."""
    text = clean_line(str(cell.value))
    return text if len(text) <= 30 else text[:29] + "…"


def _text(column: Column, cell: RawCell) -> str:
    if cell.kind == "s":
        text = str(cell.value)
    elif cell.kind == "n":
        text = _number_as_text(column, cell)
    elif cell.kind == "d":
        raise Wrong(N_("Excel 把这一格变成了日期"), N_("请把这一格设为文本格式后重新填写"))
    else:
        raise Wrong(N_("Excel 把这一格变成了逻辑值"), N_("请把这一格设为文本格式后重新填写"))
    if column.code:
        text = clean_code(text)
        if _SCIENTIFIC.fullmatch(text):
            raise Wrong(N_("“{shown}”已变成科学计数，后几位数字已丢失"), CODE_AS, shown=text)
    else:
        text = clean_paragraphs(text) if column.multiline else clean_line(text)
    if column.max_length and len(text) > column.max_length:
        raise Wrong(
            N_("内容有 {length} 个字，太长"),
            N_("应不超过 {limit} 个字"),
            length=len(text),
            limit=column.max_length,
        )
    return text


def _number_as_text(column: Column, cell: RawCell) -> str:
    number = _exact(cell.value)
    if abs(number) >= EXACT_BELOW:
        raise Wrong(N_("这一格是数字 {shown}，后几位数字已丢失"), CODE_AS, shown=f"{cell.value:.3g}")
    if number == number.to_integral_value():
        return str(int(number))
    if column.code:
        raise Wrong(N_("这一格是小数 {shown}"), CODE_AS, shown=_plain(number))
    return _plain(number)


def _exact(value: int | float) -> Decimal:
    """What Excel shows: fifteen significant digits, so 61.300000000000004 is 61.3 again."""
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(f"{value:.15g}")


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(column: Column, cell: RawCell, pattern: re.Pattern, expected: str) -> Decimal:
    if cell.kind == "n":
        number = _exact(cell.value)
        if not number.is_finite() or abs(number) >= EXACT_BELOW:
            raise Wrong(N_("数字太大"), expected)
        if cell.percent and not column.percent:
            raise Wrong(N_("这一格是百分比格式"), N_("请把这一格设为常规格式后重新填写数字"))
        return number * 100 if cell.percent else number
    if cell.kind == "d":
        raise Wrong(N_("这一格是日期"), expected)
    if cell.kind != "s":
        raise Wrong(N_("这一格是逻辑值"), expected)
    text = clean_number(str(cell.value))
    if column.percent:
        text = text.removesuffix("%")
    if not pattern.fullmatch(text):
        raise Wrong(
            N_("“{shown}”不是数字") if pattern is _DECIMAL else N_("“{shown}”不是整数"),
            expected,
            shown=_shown(cell),
        )
    return Decimal(text.replace(",", ""))


def _within(column: Column, number: Decimal) -> None:
    if column.minimum is not None and number < column.minimum:
        raise Wrong(N_("{value} 太小"), N_("应不小于 {limit}"), value=_plain(number), limit=column.minimum)
    if column.maximum is not None and number > column.maximum:
        raise Wrong(N_("{value} 太大"), N_("应不大于 {limit}"), value=_plain(number), limit=column.maximum)


def _integer(column: Column, cell: RawCell) -> int:
    number = _number(column, cell, _INTEGER, INTEGER_AS)
    if number != number.to_integral_value():
        raise Wrong(N_("{value} 不是整数"), INTEGER_AS, value=_plain(number))
    _within(column, number)
    return int(number)


def _decimal(column: Column, cell: RawCell) -> Decimal:
    number = _number(column, cell, _DECIMAL, DECIMAL_AS)
    _within(column, number)
    plain = Decimal(_plain(number))
    if column.places is not None and -plain.as_tuple().exponent > column.places:
        raise Wrong(
            N_("{value} 的小数位太多"),
            N_("小数应不超过 {places} 位"),
            value=_plain(number),
            places=column.places,
        )
    return plain


def _date(column: Column, cell: RawCell) -> date:
    if cell.kind == "d":
        if isinstance(cell.value, datetime):
            return cell.value.date()
        if isinstance(cell.value, date):
            return cell.value
        raise Wrong(N_("这一格是时间，没有日期"), DATE_AS)
    if cell.kind == "b":
        raise Wrong(N_("这一格是逻辑值"), DATE_AS)
    if cell.kind == "n":
        text = _plain(_exact(cell.value))
        if not re.fullmatch(r"(19|20|21)\d{6}", text):
            raise Wrong(
                N_("这一格是数字 {shown}"), N_("请把这一格设为日期格式，或写成 2020-10-16 的样子"), shown=text
            )
    else:
        text = clean_number(_MIDNIGHT.sub("", clean_line(str(cell.value))))
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                raise Wrong(N_("没有“{shown}”这一天"), DATE_AS, shown=_shown(cell)) from None
    raise Wrong(N_("“{shown}”读不准是哪一天"), DATE_AS, shown=_shown(cell))


def _word(cell: RawCell) -> str:
    if cell.kind == "n":
        return _plain(_exact(cell.value))
    return clean_line(str(cell.value))


def _choice(column: Column, cell: RawCell):
    options = column.options
    word = name_key(_word(cell))
    for label, value in options.items():
        if name_key(label) == word:
            return value
    labels = list(options)
    choices = "、".join(labels[:12]) + ("……" if len(labels) > 12 else "")
    raise Wrong(N_("“{shown}”不在可选内容中"), CHOICE_AS, shown=_shown(cell), choices=choices)


def _boolean(column: Column, cell: RawCell) -> bool:
    if cell.kind == "b":
        return bool(cell.value)
    word = name_key(_word(cell))
    meanings = {name_key(yes): True for yes in _YES} | {name_key(no): False for no in _NO}
    meanings |= {name_key(label): bool(value) for label, value in column.options.items()}
    if word not in meanings:
        raise Wrong(N_("“{shown}”不是“是”或“否”"), BOOLEAN_AS, shown=_shown(cell))
    return meanings[word]


_READERS = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "choice": _choice,
    "boolean": _boolean,
}
