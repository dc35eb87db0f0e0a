"""What a notice is given to say: the places its template may use, and the text that came of it."""

import io
from datetime import date

from django.utils import timezone
from docx import Document
from docx.table import Table

from nominations import subjects
from nominations.states import StepKind
from portal import documents
from portal.clauses import S1

WEEKDAYS = "一二三四五六日"
KINDS_OF = {"list": "notice", "replacement": "replacement"}
FILE_NAMES = {
    "notice": "公示公告.docx",
    "replacement": "递补公示公告.docx",
    "correction": "更正公示公告.docx",
}


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def end_text(day: date) -> str:
    """The end of a period, as every paper and message says it: the last day, to its last minute."""
    return f"{day_text(day)}24:00"


def notice_subject(kind: str) -> str:
    return "递补名单公示" if kind == "replacement" else "拟命名名单公示"


def notice_title(edition, kind: str, version: int = 1) -> str:
    again = "" if version == 1 else "（更正）" if version == 2 else f"（第{version - 1}次更正）"
    return f"{edition.title}{notice_subject(kind)}{again}"


def template_of(notice) -> str:
    """The kind of document a notice is made from."""
    return "correction" if notice.version > 1 else KINDS_OF[notice.kind]


def notice_context(notice, rows: list[dict], *, earlier=None) -> dict:
    """The places of a notice; a row has position, name, enterprise (of a result, whose it is), recommender
    and division. `earlier`: the version before a correction."""
    edition = notice.edition
    published = timezone.localdate(notice.published_at)
    context = {
        "edition": edition.title,
        "title": notice.title,
        "subject": notice_subject(notice.kind),
        "basis": str(S1),
        "procedure": "、".join(_steps(edition)),
        "minute": notice.minute,
        "count": len(rows),
        "counted": subjects.counted(edition.category, len(rows)),
        "named": subjects.title_of(edition),
        "published": day_text(published),
        "day": documents.plain_day(published),
        "workdays": notice.workdays,
        "starts": day_text(notice.starts_on),
        "ends": end_text(notice.ends_on),
        "rows": [row | {"name": listed(row)} for row in rows],
        "contact": _contact(edition),
        "host": edition.host.name,
    }
    if earlier is not None:
        context |= {
            "reason": notice.correction_reason,
            "earlier": day_text(timezone.localdate(earlier.published_at)),
            "changes": notice.changes,
            "restarted": notice.restarted,
        }
    return context


def listed(row: dict) -> str:
    """A name as the list has it: of a result, with whose it is."""
    return f"{row['name']}（{row['enterprise']}）" if row.get("enterprise") else row["name"]


def _steps(edition):
    for step in edition.steps.all():
        if step.enabled and step.kind != StepKind.PUBLICITY:
            yield str(StepKind(step.kind).label)


def _contact(edition) -> list[dict]:
    lines = (
        ("联系地址", edition.contact_address),
        ("联系电话", edition.contact_phone),
        ("电子邮箱", edition.contact_mail),
    )
    known = [{"label": label, "value": value} for label, value in lines if value]
    return known or [{"label": "受理单位", "value": f"{edition.host.name}办公室"}]


#: Stands in the text of a notice where its list stands in the document.
LIST_PLACE = ""


def text_of(document: bytes, context: dict) -> str:
    """The paragraphs of a notice as it was set, one a line, an empty line where its list stands.

    The headings that repeat the title are left out; the page has a heading of its own.
    """
    headings = {context[key].strip() for key in ("title", "edition", "subject")}
    lines, names = [], {row["name"] for row in context["rows"]}
    for block in Document(io.BytesIO(document)).iter_inner_content():
        if isinstance(block, Table):
            cells = [[cell.text.strip() for cell in row.cells] for row in block.rows]
            if LIST_PLACE not in lines and names & {cell for row in cells for cell in row}:
                lines.append(LIST_PLACE)
            else:
                lines += [" ".join(row).strip() for row in cells if any(row)]
        elif lines or block.text.strip().removesuffix("更正公告") not in headings:
            lines += documents.paragraphs(block.text)
    return "\n".join(lines)


def around_list(text: str) -> tuple[list[str], list[str]]:
    """The paragraphs before the list and those after it."""
    lines = text.split("\n")
    place = lines.index(LIST_PLACE) if LIST_PLACE in lines else 1
    return lines[:place], [line for line in lines[place:] if line]
