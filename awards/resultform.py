"""The form of a result file: every key and leaf of it, and the first that is out of order.

`/3` is of an edition that leaves steps out: it names those it has, and what belongs to another is null.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from awards.rules import Rules
from nominations.order import STEPS, check_steps
from portal.errors import Refused
from portal.figures import read_decimal, read_fraction

FORMAT = "xuanshu-result/1"
SIGNED = "xuanshu-result/2"  # the same, and a signature
SHORTENED = "xuanshu-result/3"  # of an edition that leaves steps out, signed
TOP = 100
COUNT_LIMIT = 10**12

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY = re.compile(r"[^+\s]{1,80}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}", re.ASCII)
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==", re.ASCII)


@dataclass(frozen=True)
class Edition:
    id: int | str
    title: str
    year: int


@dataclass(frozen=True)
class Settings:
    """The frozen rules of an edition, from the sheets to the shortlist, and the steps it has.

    What belongs to the experts' step is empty and None where the edition leaves that out.
    """

    rules: Rules
    dimension_weights: Mapping[str, Decimal]
    min_sheets: int | None
    trim_from: int | None
    steps: tuple[str, ...] = STEPS

    def has(self, step: str) -> bool:
        return step in self.steps

    @property
    def whole(self) -> bool:
        """Whether no step is left out."""
        return self.steps == STEPS


@dataclass(frozen=True)
class Sheet:
    """One expert's sheet; `scores` is None where the expert recused or never finished."""

    expert: str
    valid: bool
    scores: Mapping[str, Decimal] | None = None

    def __post_init__(self):
        if self.valid and self.scores is None:
            raise ValueError(self.expert)


@dataclass(frozen=True)
class Entry:
    """One nomination that is ranked, with all that its place follows from.

    `sheets` or `picks` is None where the edition leaves that step out.
    """

    id: int | str
    enterprise: str
    credit_code: str
    private: bool
    recognised_key_industry: bool
    sheets: tuple[Sheet, ...] | None
    picks: int | None


@dataclass(frozen=True)
class Form:
    edition: Edition
    settings: Settings
    entries: tuple[Entry, ...]


def read(data: Any) -> Form:
    """委员会决定: a file that departs from the form in anything is refused, with the place."""
    known = data.get("format") if isinstance(data, dict) else None
    signed, shortened = known in (SIGNED, SHORTENED), known == SHORTENED
    _keys(data, "", "format", "edition", "rules", "nominations", "result", "sha256", *["signature"] * signed)
    if not signed and data["format"] != FORMAT:
        formats = f"{FORMAT} / {SIGNED} / {SHORTENED}"
        raise Refused("这不是 {format} 格式的结果文件，请核对版本。", format=formats)
    _encodable(data, "")
    _string(data["sha256"], "sha256", _DIGEST)
    if signed:
        _keys(data["signature"], "signature", "key", "value")
        _string(data["signature"]["key"], "signature.key", _KEY)
        _string(data["signature"]["value"], "signature.value", _SIGNATURE)
    edition = _edition(data["edition"], shortened)
    settings = _settings(data["rules"], data["edition"])
    entries = _each(data["nominations"], "nominations", lambda one, at: _entry(one, at, settings))
    _distinct([entry.id for entry in entries], "nominations", "id")
    _result(data["result"], settings)
    return Form(edition, settings, entries)


def _edition(data: Any, shortened: bool) -> Edition:
    _keys(data, "edition", "id", "title", "year", "seats", *["steps"] * shortened)
    if shortened:
        _steps(data["steps"])
    return Edition(
        _identity(data["id"], "edition.id"),
        _string(data["title"], "edition.title"),
        _count(data["year"], "edition.year"),
    )


def _steps(data: Any) -> None:
    """In their order, each once, some left out and only such as may be."""
    held = _each(data, "edition.steps", _string)
    if held != tuple(step for step in STEPS if step in held) or held == STEPS:
        raise _wrong("edition.steps")
    check_steps(held)


def _settings(data: Any, edition: Mapping[str, Any]) -> Settings:
    steps = tuple(edition.get("steps", STEPS))
    reviewed, inspected = "review" in steps, "inspection" in steps
    _keys(
        data,
        "rules",
        "ratio",
        "expert_weight",
        "vote_weight",
        "dimension_weights",
        "min_sheets",
        "trim_from",
        "tie_break",
        "digest",
    )
    _string(data["digest"], "rules.digest", _DIGEST)
    weights = _of(reviewed, data, "dimension_weights", "rules.dimension_weights", _weights)
    trim_from = _of(reviewed, data, "trim_from", "rules.trim_from", _count_or_none)
    ratio = _of(inspected, data, "ratio", "rules.ratio", _fraction)
    return Settings(
        rules=Rules(
            seats=_count(edition["seats"], "edition.seats"),
            ratio=Fraction(1) if ratio is None else ratio,
            expert_weight=_fraction(data["expert_weight"], "rules.expert_weight"),
            vote_weight=_fraction(data["vote_weight"], "rules.vote_weight"),
            tie_break=_each(data["tie_break"], "rules.tie_break", _string),
            inspected=inspected,
        ),
        dimension_weights=weights or {},
        min_sheets=_of(reviewed, data, "min_sheets", "rules.min_sheets", _count),
        trim_from=trim_from,
        steps=steps,
    )


def _of(there: bool, data: Mapping[str, Any], key: str, at: str, read_one: Callable[[Any, str], Any]) -> Any:
    """What belongs to a step: read where the edition has it, else null."""
    if there:
        return read_one(data[key], at)
    if data[key] is not None:
        raise Refused("{at} 属于本届不设的环节，应为空，请使用系统导出的结果文件。", at=at)
    return None


def _weights(data: Any, at: str) -> dict[str, Decimal]:
    if not isinstance(data, dict) or not data or not all(isinstance(code, str) for code in data):
        raise _wrong(at)
    return {code: _decimal(weight, f"{at}.{code}") for code, weight in data.items()}


def _entry(data: Any, at: str, settings: Settings) -> Entry:
    _keys(
        data,
        at,
        "id",
        "enterprise",
        "credit_code",
        "private",
        "recognised_key_industry",
        "sheets",
        "picks",
    )
    dimensions = set(settings.dimension_weights)
    sheets = _of(
        settings.has("review"), data, "sheets", f"{at}.sheets",
        lambda told, place: _each(told, place, lambda one, where: _sheet(one, where, dimensions)),
    )  # fmt: skip
    _distinct([sheet.expert for sheet in sheets or ()], f"{at}.sheets", "expert")
    return Entry(
        id=_identity(data["id"], f"{at}.id"),
        enterprise=_string(data["enterprise"], f"{at}.enterprise"),
        credit_code=_string(data["credit_code"], f"{at}.credit_code"),
        private=_truth(data["private"], f"{at}.private"),
        recognised_key_industry=_truth(data["recognised_key_industry"], f"{at}.recognised_key_industry"),
        sheets=sheets,
        picks=_of(settings.has("voting"), data, "picks", f"{at}.picks", _count),
    )


def _sheet(data: Any, at: str, dimensions: set[str]) -> Sheet:
    scored = isinstance(data, dict) and "scores" in data
    _keys(data, at, "expert", "valid", *(["scores"] if scored else []))
    expert = _string(data["expert"], f"{at}.expert")
    valid = _truth(data["valid"], f"{at}.valid")
    if not scored:
        if valid:
            raise Refused("{at} 是有效评分表，却没有分数。", at=at)
        return Sheet(expert, valid)
    _keys(data["scores"], f"{at}.scores", *dimensions)
    scores = {code: _decimal(score, f"{at}.scores.{code}") for code, score in data["scores"].items()}
    for code, score in scores.items():
        if score > TOP:
            raise Refused(
                "{at}.scores.{code} 的分数 {score} 超过 {top}。", at=at, code=code, score=score, top=TOP
            )
    return Sheet(expert, valid, scores)


def _result(data: Any, settings: Settings) -> None:
    _keys(data, "result", "size", "grew_by", "rows")
    _count(data["size"], "result.size")
    _count(data["grew_by"], "result.grew_by")
    rows = _each(data["rows"], "result.rows", lambda one, at: _row(one, at, settings))
    _distinct(rows, "result.rows", "id")


def _row(data: Any, at: str, settings: Settings) -> int | str:
    _keys(data, at, "id", "rank", "expert_score", "vote_score", "composite", "shortlisted", "tie")
    _count(data["rank"], f"{at}.rank")
    _of(settings.has("review"), data, "expert_score", f"{at}.expert_score", _fraction)
    _of(settings.has("voting"), data, "vote_score", f"{at}.vote_score", _fraction)
    _fraction(data["composite"], f"{at}.composite")
    _truth(data["shortlisted"], f"{at}.shortlisted")
    if data["tie"] is not None:
        _string(data["tie"], f"{at}.tie")
    return _identity(data["id"], f"{at}.id")


def _wrong(at: str) -> Refused:
    return Refused("{at} 的内容不合格式，请使用系统导出的结果文件。", at=at)


def _keys(data: Any, at: str, *keys: str) -> None:
    if not isinstance(data, dict):
        raise _wrong(at) if at else Refused("文件不是结果文件，请使用系统导出的结果文件。")
    path = f"{at}." if at else ""
    for key in keys:
        if key not in data:
            raise Refused("文件缺少 {key} 一项，请使用系统导出的结果文件。", key=path + key)
    for key in data:
        if key not in keys:
            raise Refused("文件多出 {key} 一项，请使用系统导出的结果文件。", key=f"{path}{key}")


def _each(data: Any, at: str, read_one: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _wrong(at)
    return tuple(read_one(one, f"{at}[{place}]") for place, one in enumerate(data))


def _distinct(ids: list | tuple, at: str, key: str) -> None:
    if len(set(ids)) != len(ids):
        raise Refused("{at} 中有重复的 {key}，请使用系统导出的结果文件。", at=at, key=key)


def _identity(value: Any, at: str) -> int | str:
    return _count(value, at) if type(value) is int else _string(value, at)


def _string(value: Any, at: str, pattern: re.Pattern | None = None) -> str:
    if not isinstance(value, str) or not value or (pattern and not pattern.fullmatch(value)):
        raise _wrong(at)
    return value


def _truth(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(at)
    return value


def _count(value: Any, at: str) -> int:
    if type(value) is not int or not 0 <= value <= COUNT_LIMIT:
        raise _wrong(at)
    return value


def _count_or_none(value: Any, at: str) -> int | None:
    return None if value is None else _count(value, at)


def _fraction(value: Any, at: str) -> Fraction:
    try:
        return read_fraction(value)
    except (ValueError, ZeroDivisionError):
        raise _wrong(at) from None


def _decimal(value: Any, at: str) -> Decimal:
    try:
        return read_decimal(value)
    except ValueError:
        raise _wrong(at) from None


def _encodable(value: Any, at: str) -> None:
    """A lone surrogate has no UTF-8 form, so no digest could be taken of it."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise Refused("{at} 中有不能编码的字符，请使用系统导出的结果文件。", at=at or "文件") from None
    elif isinstance(value, dict):
        for key, held in value.items():
            _encodable(key, at)
            _encodable(held, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for place, held in enumerate(value):
            _encodable(held, f"{at}[{place}]")
