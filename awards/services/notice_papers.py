"""The papers of a notice: its rows, the table of them, the document as it was published."""

from pathlib import Path

from awards import documents
from awards.models import Notice
from nominations import subjects
from nominations.models import Nomination
from portal.workbook import Column, write

#: 公示名单: the columns of the reference, and nothing that belongs to a person.
_POSITION = Column("序号", "position", "integer")
_ENTERPRISE = Column("所在企业", "enterprise")
_LAST = (Column("推荐单位", "recommender"), Column("所属区市", "division"))


def rows_of(notice: Notice) -> list[dict]:
    """The list as it was published, whatever the enterprises are called now."""
    return [
        {
            "position": row.position,
            "name": row.name,
            "enterprise": row.enterprise_name,
            "recommender": row.recommender_name,
            "division": row.division_name,
        }
        for row in notice.rows.all()
    ]


def row_of(nomination: Nomination) -> dict:
    """What a list says of one, as it is called today; `enterprise` is empty where that is the subject."""
    return {
        "name": nomination.subject_name,
        "enterprise": subjects.beside(nomination),
        "recommender": nomination.recommender.name,
        "division": division_of(nomination),
    }


def division_of(nomination: Nomination) -> str:
    declared = getattr(nomination, "declaration", None)
    return (declared and declared.division_name) or nomination.enterprise.division_name


def write_notice_table(notice: Notice, out) -> None:
    """公示名单.xlsx, in the order of the list."""
    subtitle = f"{notice.edition.host.name}    公示截止：{documents.end_text(notice.ends_on)}"
    edition = notice.edition
    beside = [] if subjects.is_enterprise(edition) else [_ENTERPRISE]
    heads = [_POSITION, Column(subjects.title_of(edition), "name"), *beside, *_LAST]
    write(out, notice.title, heads, rows_of(notice), subtitle=subtitle, footer=False, sheet_name="公示名单")


def write_notice_document(notice: Notice, out) -> None:
    """公示公告.docx as it was published. `out` is a path or a binary file."""
    with notice.document.open("rb") as stored:
        content = stored.read()
    if hasattr(out, "write"):
        out.write(content)
    else:
        Path(out).write_bytes(content)
