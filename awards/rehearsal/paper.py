"""The paper of one selection: a folder with `edition.json`, four workbooks and the ballots."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils import timezone

from nominations.models import Edition
from portal.errors import Refused

DECISIONS = "edition.json"
NOMINATIONS = "推荐汇总表.xlsx"
OPINIONS = "部门意见.xlsx"
SCORES = "专家评分表.xlsx"
BALLOTS = "选票.csv"
VISITS = "考察记录.xlsx"


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        raise ValueError(text)
    return moment


def _number(text: object) -> Decimal:
    return Decimal(str(text))


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


#: What the committee decided, how each value is read, and how it is written right.
FIELDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "title": (str, "“2026年度…”这样的文字"),
    "year": (_whole, "2026 这样的整数"),
    "seats": (_whole, "10 这样的整数"),
    "ratio": (str, "“6/5”这样的文字"),
    "nominees": (_whole, "20 这样的整数"),
    "expert_weight": (_number, "“70”这样的数"),
    "vote_weight": (_number, "“30”这样的数"),
    "min_sheets": (_whole, "3 这样的整数"),
    "trim_from": (_whole, "5 这样的整数"),
    "min_picks": (_whole, "5 这样的整数"),
    "max_picks": (_whole, "10 这样的整数"),
    "ballots_per": (lambda text: Edition.Turn(text).value, "“poll”或“day”"),
    "poll_opens": (_instant, "“2026-07-01T08:00:00+08:00”这样带时区的时间"),
    "poll_closes": (_instant, "“2026-07-08T08:00:00+08:00”这样带时区的时间"),
    "notice_workdays": (_whole, "5 这样的整数"),
    "notice_published": (date.fromisoformat, "“2026-09-24”这样的日期"),
}


@dataclass(frozen=True)
class Paper:
    """The folder and what `edition.json` decides; the rest is read by the services that take it."""

    folder: Path
    decisions: dict[str, Any]

    def open(self, name: str) -> Path:
        return self.folder / name

    @property
    def notice_day(self) -> datetime:
        """The morning of the day the list is published."""
        return morning(self.decisions["notice_published"])


def morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def read_paper(folder: Path) -> Paper:
    """Read the decisions and see that every sheet is there; all that is wrong is one sentence."""
    missing = [
        name
        for name in (DECISIONS, NOMINATIONS, OPINIONS, SCORES, BALLOTS, VISITS)
        if not (folder / name).is_file()
    ]
    if missing:
        raise Refused("文件夹“{folder}”中缺少：{names}。", folder=folder.name, names="、".join(missing))
    try:
        data = json.loads((folder / DECISIONS).read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise Refused(
            "{file} 不是有效的 JSON 文件：{problem}", file=DECISIONS, problem=str(problem)
        ) from None
    if not isinstance(data, dict):
        raise Refused("{file} 应为一个 JSON 对象。", file=DECISIONS)
    decisions = {name: _read(data, name, *reading) for name, reading in FIELDS.items()}
    decisions["dimension_weights"] = _weights(data.get("dimension_weights"))
    if decisions["poll_opens"] >= decisions["poll_closes"]:
        raise Refused("{file} 中投票开始时间应早于截止时间。", file=DECISIONS)
    if decisions["poll_closes"] > morning(decisions["notice_published"]) - timedelta(days=1):
        raise Refused("{file} 中公示日期应晚于投票截止时间。", file=DECISIONS)
    return Paper(folder, decisions)


def _read(data, name, read, form):
    if name not in data:
        raise Refused("{file} 缺少“{name}”，应为{form}。", file=DECISIONS, name=name, form=form)
    try:
        return read(data[name])
    except (TypeError, ValueError, InvalidOperation):
        raise Refused(
            "{file} 中“{name}”的值“{value}”不对，应为{form}。",
            file=DECISIONS,
            name=name,
            value=str(data[name]),
            form=form,
        ) from None


def _weights(data) -> dict[str, Decimal]:
    try:
        return {str(code): _number(weight) for code, weight in data.items()}
    except (AttributeError, InvalidOperation):
        raise Refused("{file} 中“dimension_weights”应为各维度的权重。", file=DECISIONS) from None
