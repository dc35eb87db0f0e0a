"""The two lists of those put forward: 市劳模推荐表, 省级择优推荐表."""

from django.utils import timezone

from awards.models import Promotion
from nominations import subjects
from nominations.models import Edition
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write

To = Promotion.To

TITLES = {To.MODEL_WORKER: "市劳模推荐表", To.PROVINCE: "省级择优推荐表"}
_LAST = (
    Column("推荐条件及情况", "criteria", multiline=True, width=44),
    Column("推荐理由", "reason", multiline=True, width=36),
    Column("会议纪要文号", "minute"),
    Column("推荐日期", "day", "date"),
)
COLUMNS = {
    To.MODEL_WORKER: (
        Column("序号", "position", "integer"),
        Column("姓名", "person"),
        Column("企业名称", "enterprise", width=28),
        Column("职务", "post"),
        Column("命名编号", "number", code=True),
        Column("推荐单位", "recommender"),
        *_LAST,
    ),
    To.PROVINCE: (
        Column("序号", "position", "integer"),
        Column("企业名称", "enterprise", width=28),
        Column("统一社会信用代码", "credit_code", code=True),
        Column("所属区市", "division"),
        Column("命名编号", "number", code=True),
        Column("推荐单位", "recommender"),
        *_LAST,
    ),
}


def promotions_of(edition: Edition, to: str):
    return (
        Promotion.objects.filter(honour__nomination__edition=edition, to=to, ended_at__isnull=True)
        .select_related("honour__enterprise", "honour__nomination__recommender")
        .order_by("honour__number")
    )


def write_promotions(edition: Edition, to: str, out, *, by: Membership) -> None:
    """One of the two workbooks. `out` is a path or a binary file."""
    require(by, "awards.export", edition)
    rows = [_line(edition, position, row) for position, row in enumerate(promotions_of(edition, to), start=1)]
    title = f"{edition.title}{TITLES[to]}"
    place = next(n for n, each in enumerate(COLUMNS[to], start=1) if each.key == "enterprise")
    heads = [*COLUMNS[to][:place], *subjects.subject_columns(edition), *COLUMNS[to][place:]]
    write(out, title, heads, rows, subtitle=f"填报单位：{edition.host.name}", sheet_name=TITLES[to])


def _line(edition, position, promotion) -> dict:
    honour = promotion.honour
    return {
        "position": position,
        "person": honour.medal_name,
        "post": honour.medal_position,
        "enterprise": honour.subject_name if subjects.is_enterprise(edition) else honour.enterprise.name,
        subjects.KEY: honour.subject_name,
        "credit_code": honour.enterprise.credit_code,
        "division": honour.enterprise.division_name,
        "number": honour.number,
        "recommender": honour.nomination.recommender.name,
        "criteria": "\n".join(_criterion(line) for line in promotion.criteria),
        "reason": promotion.reason,
        "minute": promotion.minute,
        "day": timezone.localdate(promotion.decided_at),
    }


def _criterion(line) -> str:
    said = f"{line['name']}：{'达到' if line['met'] else '未达到'}"
    return f"{said}（{line['note']}）" if line["note"] else said
