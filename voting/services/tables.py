"""What the office takes away of a counted poll: 公众投票结果.xlsx. Nothing in it names or numbers a voter."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.subjects import measured, title_of
from portal.errors import Refused
from portal.figures import two_places
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, Leaf, write_leaves
from voting.models import Case, Poll
from voting.services import counting


def write_result(poll: Poll, out, *, by: Membership) -> None:
    """结果, 数字, 处置案: the frozen figures, so the workbook is the same whenever it is asked for."""
    require(by, "voting.see_totals", poll)
    result = getattr(poll.edition, "vote_result", None)
    if result is None:
        raise Refused("投票还没有计票，计票以后才能导出结果。")
    published = counting.published(poll)
    grounds = [each for each in Case.Grounds if each.value in published.grounds]
    title = _("{title}公众投票结果").format(title=poll.edition.title)
    subtitle = _("结果已冻结，摘要 {digest}").format(digest=result.digest)
    write_leaves(
        out,
        [
            Leaf(
                _("结果"),
                title,
                _columns(poll.edition, grounds),
                _lines(poll, published),
                subtitle,
                footer=True,
            ),
            Leaf(
                _("数字"),
                _("{title}公众投票数字").format(title=poll.edition.title),
                [Column(_("项目"), "name", width=36), Column(_("数"), "value", width=24)],
                list(_figures(poll, published, result, grounds)),
                subtitle="",
            ),
            Leaf(
                _("处置案"),
                _("{title}异常票处置案").format(title=poll.edition.title),
                [
                    Column(_("案号"), "number", "integer"),
                    Column(_("操作"), "kind"),
                    Column(_("类别"), "grounds", width=20),
                    Column(_("张数"), "size", "integer"),
                    Column(_("理由"), "reason", width=44),
                    Column(_("提出人"), "proposed_by"),
                    Column(_("提出时间"), "proposed_at", width=18),
                    Column(_("决定"), "decision"),
                    Column(_("决定人"), "decided_by"),
                    Column(_("决定时间"), "decided_at", width=18),
                    Column(_("决定说明"), "note", width=36),
                ],
                list(_cases(poll)),
                subtitle="",
            ),
        ],
    )


def _columns(edition, grounds) -> list[Column]:
    return [
        Column(_("名次"), "rank", "integer"),
        Column(_("编号"), "number", "integer"),
        Column(_(title_of(edition)), "name", width=32),
        Column(_("得票"), "picks", "integer"),
        Column(_("投票得分"), "score", "decimal"),
        Column(_("收到（含隔离）"), "cast", "integer"),
        Column(_("隔离"), "set_aside", "integer"),
        *(Column(_("隔离：{grounds}").format(grounds=each.label), each.value, "integer") for each in grounds),
    ]


def _lines(poll, published) -> list[dict]:
    counted = {each.number: each for each in published.candidates}
    rows = []
    for line in counting.lines(poll, until=poll.closes):
        each = counted[line.candidate.number]
        rows.append(
            dict.fromkeys(published.grounds, 0)
            | each.aside
            | {
                "rank": line.rank,
                "number": each.number,
                "name": each.name,
                "picks": each.picks,
                "score": two_places(line.score),
                "cast": each.cast,
                "set_aside": each.set_aside,
            }
        )
    return rows


def _figures(poll, published, result, grounds) -> Iterator[dict]:
    edition = poll.edition
    picks = _("{least} 至 {most}").format(least=edition.min_picks, most=measured(edition, edition.max_picks))
    lines = [
        (_("投票开始"), _moment(poll.opens)),
        (_("投票截止"), _moment(poll.closes)),
        (_("计票时间"), _moment(result.frozen_at)),
        (_("每张选票"), picks),
        (_("投票次数"), edition.get_ballots_per_display()),
        (_("收到选票"), published.cast),
        (_("隔离选票"), published.set_aside),
        *(
            (_("其中：{grounds}").format(grounds=each.label), published.grounds[each.value])
            for each in grounds
        ),
        (_("有效选票"), published.valid),
        (_("结果摘要"), result.digest),
    ]
    return ({"name": name, "value": str(value)} for name, value in lines)


def _cases(poll) -> Iterator[dict]:
    rows = poll.cases.select_related("proposed_by__user", "decided_by__user")
    for each in rows.annotate(size=Count("ballots")).order_by("number"):
        yield {
            "number": each.number,
            "kind": each.get_kind_display(),
            "grounds": each.get_grounds_display(),
            "size": each.size,
            "reason": each.reason,
            "proposed_by": str(each.proposed_by.user),
            "proposed_at": _moment(each.proposed_at),
            "decision": each.get_decision_display() or _("未决定"),
            "decided_by": str(each.decided_by.user) if each.decided_by else "",
            "decided_at": _moment(each.decided_at) if each.decided_at else "",
            "note": each.note,
        }


def _moment(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
