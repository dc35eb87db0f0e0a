"""Answers as typed, into what is kept: one canonical JSON value per kind, or a sentence saying what is wrong.

text, long: str · integer: int · decimal, money, percent: Decimal as text, never a float · date: ISO text ·
boolean: bool · choice: str · choices: list in the order of the form · rows: list of objects ·
details: object by choice · evidence: int (its number). Nothing answered is None.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from nominations import rules
from nominations.declaration.shape import Field, Shape
from portal.errors import Refused
from portal.figures import decimal_text

MOST_TEXT = 200
MOST_LONG = 2000
MOST_ROWS = 30
MOST_INTEGER = 2_147_483_647
_YES = {"是", "有", "yes", "y", "true", "1", "√", "✓"}
_NO = {"否", "无", "没有", "no", "n", "false", "0", "×", "x"}
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_PLAIN = re.compile(r"\d{1,15}(\.\d+)?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_SCALES = (("亿", 100_000_000), ("万", 10_000))
_PLACES = {"money": 2, "percent": 2, "decimal": 4}


class Unfit(Refused):
    """What is wrong with one answer, without the title of its field: the page shows it at the field."""


def clean(field: Field, raw: object) -> object:
    """The canonical value of one answer; Unfit where it is none. Blank is None, whatever the kind."""
    if isinstance(raw, float):
        raise Unfit("数字要按原样填写，不能是经过换算的近似值。")
    return _CLEANERS[field.kind](field, raw)


def clean_answers(shape: Shape, answers: Mapping[str, object]) -> dict:
    """Every answer by its key, cleaned. Refused, naming the field, at the first that is wrong or unknown."""
    done = {}
    for key, raw in answers.items():
        field = shape.by_key.get(key)
        if field is None:
            raise Refused("申报表里没有“{key}”这一项。", key=key)
        try:
            done[key] = clean(field, raw)
            if field.kind == "details":
                _check_chosen(shape.by_key[field.of], done[key] or {})
        except Unfit as unfit:
            raise titled(field, unfit) from None
    return done


def _check_chosen(of: Field, details: Mapping) -> None:
    for each in details:
        if each not in of.choices:
            raise Unfit("没有“{choice}”这一项可选。", choice=each)


def titled(field: Field, unfit: Unfit) -> Refused:
    return Refused("“{title}”填写有误：{problem}", title=field.title, problem=unfit)


def is_blank(value: object) -> bool:
    """An answer of 否 or 0 is an answer."""
    return value is None or value == "" or value == [] or value == {}


def _text(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, (dict, list, tuple, set)):
        raise Unfit("这里应填文字。")
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf")).strip()


def _line(field: Field, raw: object):
    text = " ".join(_text(raw).split())
    _not_too_long(text, field.most or MOST_TEXT)
    return text or None


def _long(field: Field, raw: object):
    text = _text(raw)
    _not_too_long(text, field.most or MOST_LONG)
    return text or None


def _not_too_long(text: str, most: int) -> None:
    if len(text) > most:
        raise Unfit("有 {length} 个字，请压缩到 {most} 个字以内。", length=len(text), most=most)


def _figure(field: Field, raw: object) -> str:
    """Digits only: half width, without blanks, separators and the unit that stands beside the field."""
    if isinstance(raw, bool):
        raise Unfit("应填数字。")
    if isinstance(raw, Decimal):
        return decimal_text(raw)
    text = rules.normalise(_text(raw))
    for tail in (field.unit, "元" if field.kind == "money" else "", "%" if field.kind == "percent" else ""):
        text = text.removesuffix(tail) if tail else text
    text = text.removeprefix("¥")
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def _integer(field: Field, raw: object):
    text = _figure(field, raw)
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise Unfit("应填整数，例如 1200；现为“{text}”。", text=_text(raw)[:40])
    if int(text) > MOST_INTEGER:
        raise Unfit("数字太大，请核对。")
    return int(text)


def _decimal(field: Field, raw: object):
    text, scale = _figure(field, raw), 1
    if field.kind == "money":
        for word, times in _SCALES:
            if text.endswith(word):
                text, scale = text.removesuffix(word), times
                text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
                break
    if not text and scale == 1:
        return None
    if not _PLAIN.fullmatch(text):
        raise Unfit("应填数字，例如 1200.50；现为“{text}”。", text=_text(raw)[:40])
    value, places = Decimal(text) * scale, _PLACES[field.kind]
    if -value.normalize().as_tuple().exponent > places:
        raise Unfit("最多 {places} 位小数。", places=places)
    if field.kind == "percent" and value > 100:
        raise Unfit("应在 0 至 100 之间。")
    if value >= Decimal(10) ** 15:
        raise Unfit("数字太大，请核对。")
    return decimal_text(value)


def _date(field: Field, raw: object):
    if isinstance(raw, date):
        raw = f"{raw:%Y-%m-%d}"
    text = rules.normalise(_text(raw))
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        day = date(*(int(each) for each in found.groups() if each)) if found else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2100:
        raise Unfit("应填到日，例如 2010-05-01；现为“{text}”。", text=_text(raw)[:40])
    return day.isoformat()


def _boolean(field: Field, raw: object):
    if isinstance(raw, bool):
        return raw
    text = rules.normalise(_text(raw)).lower()
    if not text:
        return None
    if text in _YES or text in _NO:
        return text in _YES
    raise Unfit("应填“是”或“否”；现为“{text}”。", text=_text(raw)[:40])


def _choice(field: Field, raw: object):
    if field.core and field.key == "nature":
        return rules.parse_nature(_text(raw)) if _text(raw) else None
    if field.core and field.key == "key_industry":
        return rules.parse_key_industry(_text(raw)) or None
    text = _text(raw)
    if not text:
        return None
    wanted = rules.normalise(text)
    for each in field.choices:
        if rules.normalise(each) == wanted:
            return each
    raise _not_a_choice(field, text)


def _choices(field: Field, raw: object):
    parts = list(raw) if isinstance(raw, (list, tuple, set)) else _text(raw)
    if field.core and field.key == "recognitions":
        text = "、".join(str(each) for each in parts) if isinstance(parts, list) else parts
        return list(rules.parse_recognitions(text)) or None
    if isinstance(parts, str):
        parts = re.split(r"[、，,;；\n]+", parts)
    known = {rules.normalise(each): each for each in field.choices}
    found = set()
    for part in parts:
        key = rules.normalise(_text(part))
        if key and key not in known:
            raise _not_a_choice(field, _text(part))
        found.add(known.get(key))
    return [each for each in field.choices if each in found] or None


def _not_a_choice(field: Field, text: str) -> Unfit:
    return Unfit(
        "“{text}”不在可选的范围内，请从这些中选：{choices}。",
        text=text[:40],
        choices="、".join(field.choices),
    )


def _rows(field: Field, raw: object):
    if raw in (None, ""):
        return None
    if not isinstance(raw, (list, tuple)):
        raise Unfit("这里应是一张表。")
    done = []
    for number, row in enumerate(raw, start=1):
        cells = _cells(field, row, str(number))
        if not cells:
            continue
        for column in field.columns:
            if column.need == "submit" and column.key not in cells:
                raise Unfit("第 {row} 行没有填“{column}”。", row=number, column=column.title)
        done.append(cells)
    most = field.most or MOST_ROWS
    if len(done) > most:
        raise Unfit("有 {length} 行，最多填 {most} 行，请留下最要紧的。", length=len(done), most=most)
    return done or None


def _details(field: Field, raw: object):
    if raw in (None, ""):
        return None
    if not isinstance(raw, Mapping):
        raise Unfit("这里应是各项的明细。")
    done = {str(choice): cells for choice, row in raw.items() if (cells := _cells(field, row, str(choice)))}
    return done or None


def _cells(field: Field, row: object, where: str) -> dict:
    """One row without its blank cells. `where` is what the row is called in a sentence."""
    if not isinstance(row, Mapping):
        raise Unfit("这里应是一张表。")
    columns = {column.key: column for column in field.columns}
    done = {}
    for key, raw in row.items():
        if key not in columns:
            raise Unfit("表里没有“{key}”这一栏。", key=str(key))
        try:
            value = clean(columns[key], raw)
        except Unfit as unfit:
            message = (
                "第 {row} 行“{column}”：{problem}" if field.kind == "rows" else "{row}“{column}”：{problem}"
            )
            raise Unfit(message, row=where, column=columns[key].title, problem=unfit) from None
        if not is_blank(value):
            done[key] = value
    return {key: done[key] for key in columns if key in done}


def _evidence(field: Field, raw: object):
    text = rules.normalise(_text(raw))
    if not text:
        return None
    if isinstance(raw, bool) or not _WHOLE.fullmatch(text):
        raise Unfit("请从已上传的佐证中选。")
    return int(text)


_CLEANERS = {
    "text": _line,
    "long": _long,
    "integer": _integer,
    "decimal": _decimal,
    "money": _decimal,
    "percent": _decimal,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
    "choices": _choices,
    "rows": _rows,
    "details": _details,
    "evidence": _evidence,
}
