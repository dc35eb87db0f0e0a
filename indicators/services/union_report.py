"""The yearly report of a union: what the portal knows of its year, as a paper to go on with."""

from datetime import datetime

from django.utils.timezone import localdate

from indicators.services.unions import UnionYear, year_of
from nominations.subjects import full_name
from portal import documents
from portal.documents import plain_day
from portal.models import Membership, Organisation
from portal.permissions import require

DOCX = "union_year.docx"


def report_docx(unit: Organisation, year: int, *, by: Membership, now: datetime) -> bytes:
    """The paper, made anew each time; nothing of it is kept."""
    require(by, "indicators.see_union", unit)
    return documents.render("indicators", DOCX, context_of(year_of(unit, year), now))


def context_of(found: UnionYear, now: datetime) -> dict:
    return {
        "title": f"{found.unit.name}{found.year}年度全员创新企业培育选树工作情况",
        "day": plain_day(localdate(now)),
        "rounds": [
            {
                "title": line.edition.title,
                "quota": "不限" if line.quota.number is None else str(line.quota.number),
                "used": line.quota.used,
                "returned": line.returned,
                "states": "，".join(f"{word} {number} 家" for word, number in line.states) or "没有推荐",
            }
            for line in found.rounds
        ],
        "own": _own(found),
        "own_named": [_named(each) for each in found.own_named],
        "city_named": [_named(each) for each in found.city_named],
        "reports": [
            {"name": f"{each.system.name} {each.year} 年", "asked": asked, "left": left}
            for each, asked, left in found.reports
        ],
        "guidance": [_guided(each) for each in found.guidance if each.visited_on],
    }


def _own(found):
    number = len(found.own_named)
    expected = f"（其中计入每年至少 {found.aim.number} 家的 {found.aimed_at} 家）" if found.aim else ""
    return f"本级命名 {number} 家{expected}，获市级命名 {len(found.city_named)} 家。"


def _named(honour):
    return {"name": full_name(honour), "title": honour.title, "number": honour.number}


def _guided(guidance):
    return {
        "day": plain_day(guidance.visited_on),
        "people": guidance.people,
        "looked_at": documents.paragraphs(guidance.looked_at),
        "found": documents.paragraphs(guidance.found) or ["没有发现问题。"],
        "agreed": [
            {
                "matter": each.matter,
                "due": plain_day(each.due_on),
                "done": f"{plain_day(each.done_on)}完成：{each.outcome}" if each.done_on else "尚未完成",
            }
            for each in guidance.agreements.all()
        ],
    }
