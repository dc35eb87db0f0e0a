"""The workbook of what was found in the 名录: what its page shows, and nothing more."""

from django.utils.translation import gettext as _

from awards.models import Honour
from awards.services.registry import MOST_EXPORTED, Search, found
from nominations.subjects import beside
from portal.workbook import Column, write


def write_found(search: Search, out) -> None:
    """名录.xlsx, at most `MOST_EXPORTED` rows. `out` is a path or a binary file."""
    columns = (
        Column(_("序号"), "position", "integer"),
        Column(_("名称"), "name", width=36),
        Column(_("所在企业"), "enterprise", width=32),
        Column(_("类别"), "category"),
        Column(_("年度"), "year", "integer"),
        Column(_("级别"), "level"),
        Column(_("称号"), "title", width=28),
        Column(_("所属区市"), "district"),
        Column(_("所属行业"), "industry"),
        Column(_("命名单位"), "namer", width=24),
        Column(_("命名编号"), "number", code=True),
        Column(_("命名文号"), "decision", width=20),
        Column(_("命名日期"), "named_on", "date"),
        Column(_("撤销日期"), "revoked_on", "date"),
    )
    rows = found(search)[:MOST_EXPORTED]
    lines = (_line(position, honour) for position, honour in enumerate(rows, start=1))
    write(out, _("名录"), columns, lines, footer=False)


def _line(position: int, honour: Honour) -> dict:
    return {
        "position": position,
        "name": honour.subject_name,
        "enterprise": beside(honour),
        "category": honour.category.name,
        "year": honour.year,
        "level": str(honour.get_level_display()),
        "title": honour.title,
        "district": honour.division_name,
        "industry": honour.industry,
        "namer": honour.named_by_words,
        "number": honour.number,
        "decision": honour.decision,
        "named_on": honour.named_on,
        "revoked_on": honour.revoked_on,
    }
