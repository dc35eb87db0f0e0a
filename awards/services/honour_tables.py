"""The honours of an edition, and the workbook of them."""

from awards.models import Honour
from nominations import subjects
from nominations.models import Edition
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write

#: 命名通报名单: the columns of the reference, with the number of the honour.
COLUMNS = (
    Column("序号", "position", "integer"),
    Column("企业名称", "name"),
    Column("五一劳动奖章人选及职务", "medal", width=28),
    Column("资助金额（万元）", "grant", "decimal", width=20),
    Column("命名编号", "number", code=True),
)
#: Left out where the edition gives none.
MEDAL, GRANT = "medal", "grant"
#: Beside each of them, where they were named by several decisions.
DECISION = Column("文号", "decision", width=24)


def honours_of(edition: Edition):
    return (
        Honour.objects.filter(nomination__edition=edition)
        .select_related(
            "enterprise", "host", "grant", "person", "nomination__edition", "nomination__recommender"
        )
        .order_by("number")
    )


def write_honours_table(edition: Edition, out, *, by: Membership) -> None:
    """命名名单.xlsx. `out` is a path or a binary file."""
    require(by, "awards.export", edition)
    honours = [honour for honour in honours_of(edition) if not honour.revoked_on]
    decisions = list(dict.fromkeys(honour.decision for honour in honours if honour.decision))
    write(
        out,
        f"{edition.title}命名名单",
        _heads(edition, decisions),
        [_line(edition, position, honour) for position, honour in enumerate(honours, start=1)],
        subtitle=f"命名单位：{edition.host.name}    文号：{'、'.join(decisions)}",
        footer=False,
        sheet_name="命名名单",
    )


def _heads(edition, decisions) -> list[Column]:
    without = {
        *([] if edition.category.medal else [MEDAL]),
        *([] if edition.grant_amount > 0 else [GRANT]),
    }
    return [
        *COLUMNS[:2],
        *subjects.subject_columns(edition),
        *(each for each in COLUMNS[2:] if each.key not in without),
        *([DECISION] if len(decisions) > 1 else []),
    ]


def _line(edition, position, honour) -> dict:
    grant = getattr(honour, "grant", None)
    medal = " ".join(part for part in (honour.medal_name, honour.medal_position) if part)
    return {
        "position": position,
        "name": honour.subject_name if subjects.is_enterprise(edition) else honour.enterprise.name,
        subjects.KEY: honour.subject_name,
        "medal": medal,
        "grant": grant.amount / 10_000 if grant else None,
        "number": honour.number,
        "decision": honour.decision,
    }
