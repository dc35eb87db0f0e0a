"""The paper of one selection: a folder with `edition.json`, four workbooks and the ballots.

What an edition leaves out needs no paper, and nothing decided about it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils import timezone

from nominations.models import Edition
from nominations.order import OPTIONAL
from nominations.states import StepKind
from portal.errors import Refused

DECISIONS = "edition.json"
NOMINATIONS = "推荐汇总表.xlsx"
OPINIONS = "部门意见.xlsx"
SCORES = "专家评分表.xlsx"
BALLOTS = "选票.csv"
VISITS = "考察记录.xlsx"
#: What is on paper of each step that may be left out.
OF_STEP = {StepKind.REVIEW: SCORES, StepKind.VOTING: BALLOTS, StepKind.INSPECTION: VISITS}


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


def _money(value: object) -> Decimal:
    amount = _number(value)
    if not amount.is_finite() or amount < 0:
        raise ValueError(value)
    return amount


def _left_out(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or any(each not in OPTIONAL for each in value):
        raise ValueError(value)
    return tuple(value)


Reading = tuple[Callable[[Any], Any], str]

#: What the committee decided, how each value is read, and how it is written right.
FIELDS: dict[str, Reading] = {
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
#: Without these the first category is meant, its usual amount, and every step.
OPTIONAL_FIELDS: dict[str, Reading] = {
    "category": (str, "类别编码，例如“qycx”"),
    "grant_amount": (_money, "“300000”这样的金额，单位为元；不给资助的，写 0"),
    "off": (_left_out, '停用的环节，例如 ["voting", "inspection"]'),
}
#: What is asked only where the step is not left out.
FIELDS_OF_STEP = {
    StepKind.REVIEW: ("nominees", "min_sheets", "trim_from", "dimension_weights"),
    StepKind.VOTING: ("nominees", "min_picks", "max_picks", "ballots_per", "poll_opens", "poll_closes"),
    StepKind.INSPECTION: ("ratio",),
}
#: Between the first nomination and the notice, where no poll says when it all begins.
LONG_BEFORE = timedelta(days=145)


@dataclass(frozen=True)
class Paper:
    """The folder and what `edition.json` decides; the rest is read by the services that take it."""

    folder: Path
    decisions: dict[str, Any]

    def open(self, name: str) -> Path:
        return self.folder / name

    @property
    def off(self) -> tuple[str, ...]:
        """The steps it leaves out."""
        return self.decisions.get("off", ())

    @property
    def begins(self) -> datetime:
        """When the recommendation is about to begin: the paper itself does not say."""
        if opens := self.decisions.get("poll_opens"):
            return opens - timedelta(days=60)
        return self.notice_day - LONG_BEFORE

    @property
    def notice_day(self) -> datetime:
        """The morning of the day the list is published."""
        return morning(self.decisions["notice_published"])


def morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def read_paper(folder: Path) -> Paper:
    """Read the decisions and see that every sheet is there; all that is wrong is one sentence."""
    if not (folder / DECISIONS).is_file():
        _need(folder, (DECISIONS, NOMINATIONS, OPINIONS, *OF_STEP.values()))
    data = _decided(folder)
    decisions = {
        name: _read(data, name, *reading) for name, reading in OPTIONAL_FIELDS.items() if name in data
    }
    off = decisions.get("off", ())
    _need(folder, (NOMINATIONS, OPINIONS, *(sheet for step, sheet in OF_STEP.items() if step not in off)))
    spared = {name for step in off for name in FIELDS_OF_STEP.get(step, ())}
    decisions |= {name: _read(data, name, *reading) for name, reading in FIELDS.items() if name not in spared}
    decisions["dimension_weights"] = None
    if "dimension_weights" not in spared:
        decisions["dimension_weights"] = _weights(data.get("dimension_weights"))
    _check_dates(decisions)
    return Paper(folder, decisions)


def _need(folder: Path, names) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise Refused("文件夹“{folder}”中缺少：{names}。", folder=folder.name, names="、".join(missing))


def _decided(folder: Path) -> dict:
    try:
        data = json.loads((folder / DECISIONS).read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise Refused(
            "{file} 不是有效的 JSON 文件：{problem}", file=DECISIONS, problem=str(problem)
        ) from None
    if not isinstance(data, dict):
        raise Refused("{file} 应为一个 JSON 对象。", file=DECISIONS)
    return data


def _check_dates(decisions: dict) -> None:
    if "poll_opens" not in decisions:
        return
    if decisions["poll_opens"] >= decisions["poll_closes"]:
        raise Refused("{file} 中投票开始时间应早于截止时间。", file=DECISIONS)
    if decisions["poll_closes"] > morning(decisions["notice_published"]) - timedelta(days=1):
        raise Refused("{file} 中公示日期应晚于投票截止时间。", file=DECISIONS)


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
