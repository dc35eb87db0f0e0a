"""What the committee settled of objections: by when, and what a text may not tell of who objects."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from portal.workdays import Calendar, YearNotPublished

#: Surnames of two signs; every other is of one.
_DOUBLE = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔"
    "|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|呼延|令狐|轩辕"
)
_TITLES = ("某", "先生", "女士", "小姐", "老师", "师傅", "同志", "主任", "经理", "书记", "工程师")
_PERSON = re.compile(r"[\u3400-\u9fff]{2,4}")
_LEGAL = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团公司|总公司|分公司|公司|集团|总厂|工厂|厂|研究院|研究所|合作社"
    r"|事务所|商会|协会|学会|联合会|工会委员会|总工会|工会|委员会|中心)$"
)
_PLACE = re.compile(r"^(中国|山东省?|青岛市?|[\u3400-\u9fff]{2,4}[市区县])")
_DIVISION = re.compile(r"[省市区县镇乡]")
_BETWEEN = re.compile(r"[\s\-‐-―－_.·•()（）\[\]【】“”\"'‘’《》〈〉]+")  # noqa: RUF001
_PARTS = re.compile(r"[\s,，;；、/|:：。]+")
#: So many signs of a telephone number in a row are that number and no amount or day.
_PHONE = 7


def due(start: date, workdays: int, calendar: Calendar) -> date | None:
    """委员会决定: so many working days, the first day not counted; None while the calendar does not reach."""
    try:
        return calendar.add(start, workdays)
    except YearNotPublished:
        return None


def has_telephone(contact: str) -> bool:
    """委员会决定: an objector can be called: a mobile number, or a fixed one, area code or not."""
    plain = re.sub(r"[\s\-‐-―－()（）]+", "", unicodedata.normalize("NFKC", contact))  # noqa: RUF001
    return any(7 <= len(run) <= 13 for run in re.findall(r"\d+", plain))


def tells(text: str, person: Mapping[str, str], *, but: str = "") -> bool:
    """委员会决定: whether a text gives away who objects: name, telephone, address or unit, or a part of one.

    `but` is the name of the enterprise: what is a part of it gives nobody away.
    """
    plain, spared = _plain(text), _plain(but)
    return any(piece in plain for piece in _pieces(person) if piece not in spared)


def _pieces(person: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for key in ("name", "unit"):
        found |= _of_name(_plain(person.get(key, "")))
    found |= _of_contact(person.get("contact", ""))
    return {piece for piece in found if len(piece) > 1}


def _of_name(name: str) -> set[str]:
    if not name:
        return set()
    if not _PERSON.fullmatch(name) or _LEGAL.search(name):
        return {name, *_short(name)}
    surname = name[:2] if len(name) > 2 and _DOUBLE.match(name) else name[:1]
    given = name[len(surname) :]
    return {name, given, *(surname + title for title in _TITLES)}


def _short(name: str) -> set[str]:
    """What people call a unit: without its place, without its legal form, without both."""
    shorter, cores = name, set()
    while _LEGAL.search(shorter):
        shorter = _LEGAL.sub("", shorter)
        cores.add(shorter)
    cores |= {_PLACE.sub("", core) for core in cores}
    return {core for core in cores if len(core) > 1 and not _PLACE.fullmatch(core)}


def _of_contact(contact: str) -> set[str]:
    found = set()
    for run in re.findall(r"\d{7,}", _plain(contact)):
        found |= {run[n : n + _PHONE] for n in range(len(run) - _PHONE + 1)}
        found |= {word + run[-4:] for word in ("尾号", "尾号为", "尾号是", "后四位", "末四位")}
    for part in _PARTS.split(contact):
        plain = _plain(part)
        if re.search(r"[a-z]", plain) and len(plain) > 4:
            found |= {plain, plain.partition("@")[0]}
        elif re.search(r"[\u3400-\u9fff]", plain) and len(plain) > 3:
            last = _DIVISION.split(plain)[-1]
            found |= {plain, *([last] if len(last) > 3 and re.search(r"\d", last) else [])}
    return {piece for piece in found if len(piece) > 3}


def _plain(text: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
