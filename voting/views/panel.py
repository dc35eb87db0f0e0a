"""The live part of the cockpit: figures of this moment, each beside its light and its words."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import watch
from portal.watch import Sign
from voting.models import Delivery, Poll
from voting.services import tier, watching

#: The plot, in units of its view box: a bar for each minute, and how high the busiest reaches.
STEP, BAR, TALL = 10, 8, 90
#: Minutes in one column of the table.
COLUMN = 20


def panel(poll: Poll, phase: str, now: datetime) -> dict:
    """Everything the live part shows. The number of queries is the same for every poll."""
    log, codes = watching.log(poll), watching.codes(poll, now)
    alarms, alarmed = watching.open_alarms(poll)
    cases, undecided = watching.open_cases(poll)
    minutes = watching.by_minute(poll, now)
    box = tier.tier(poll.pk, now=now)
    signs = [
        _box_sign(box),
        Sign(_("公开记录"), log.light(now), _log_words(log, now)),
        Sign(_("验证码"), codes.light(), _code_words(codes)),
        _people_sign(_("异常预警"), alarmed, _("没有待处理的预警。"), _("{n} 条待处理。")),
        _people_sign(_("待决定的案"), undecided, _("没有待决定的案。"), _("{n} 件等另一人决定。")),
        *watch.engines(now),
    ]
    return {
        "phase": phase,
        "now": now,
        "left": _left(poll, phase, now),
        "log": log,
        "last_minute": minutes[-2][1],
        "this_minute": minutes[-1][1],
        "plot": _plot(minutes),
        "signs": signs,
        "light": watch.worst(sign.light for sign in signs),
        "said": _said(signs),
        "heard": "".join(sign.light[0] for sign in signs),
        "box": box,
        "refused": _refused(box),
        "codes": codes,
        "deliveries": [(label, codes.by_delivery.get(value, 0)) for value, label in Delivery.choices],
        "alarms": alarms,
        "alarmed": alarmed,
        "cases": cases,
        "undecided": undecided,
    }


def _said(signs) -> str:
    """One sentence for who listens instead of looking: it changes only when a light does."""
    names = [sign.name for sign in signs if sign.light in (watch.DOWN, watch.CAUTION)]
    if not names:
        return _("各项正常。")
    return _("需要留意：{names}。").format(names="、".join(names))


def _left(poll, phase, now) -> str:
    """How long until it begins, or until it ends, by the server's clock."""
    if phase == "waiting":
        return _("距开始 {time}").format(time=_span(poll.opens - now))
    if phase in ("open", "paused"):
        return _("距截止 {time}").format(time=_span(poll.closes - now))
    return _("已截止 {time}").format(time=_span(now - poll.closes))


def _span(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("{d} 天 {h} 小时").format(d=days, h=hours)
    if hours:
        return _("{h} 小时 {m} 分").format(h=hours, m=minutes)
    return _("{m} 分 {s} 秒").format(m=minutes, s=seconds)


def _box_sign(box) -> Sign:
    name = _("收票进程")
    if not box.reachable:
        return Sign(name, watch.UNKNOWN, _("未知：Redis 没有响应。收票不受影响，以每分钟的张数为准。"))
    if not box.alive and not settings.BALLOT_SOCKET:
        return Sign(name, watch.OK, _("没有单设收票进程，由门户直接收票。"))
    if not box.alive:
        return Sign(name, watch.DOWN, _("收票进程没有响应，请系统管理员立即查看。"))
    if not box.postgres:
        return Sign(name, watch.DOWN, _("有收票进程连不上数据库，投票人会看到系统繁忙，请系统管理员查看。"))
    words = _("{n} 个进程在收票，排队 {queue} 张。").format(n=box.alive, queue=box.queue)
    return Sign(name, watch.CAUTION if box.queue > 500 * box.alive else watch.OK, words)


def _people_sign(name, number, none, some) -> Sign:
    return Sign(name, watch.CAUTION, some.format(n=number)) if number else Sign(name, watch.OK, none)


def _log_words(log, now) -> str:
    waiting = _("{n} 张以上").format(n=log.waiting) if log.more else _("{n} 张").format(n=log.waiting)
    if log.signed_at is None:
        return _("还没有检查点，{waiting}待入册。").format(waiting=waiting)
    return _("最新检查点在 {age} 前，{waiting}待入册。").format(age=_span(log.age(now)), waiting=waiting)


def _code_words(codes) -> str:
    return _("近一小时 {n} 条，未送达 {failed} 条。24 小时内还可发 {left} 条（上限 {budget} 条）。").format(
        n=codes.sent, failed=codes.failed, left=codes.left, budget=codes.budget
    )


def _refused(box) -> list[tuple[str, int, int]]:
    """Reason, in the last hour, since the opening; the most frequent first."""
    names = sorted(box.refused_ever, key=lambda name: (-box.refused_ever[name], name))
    return [
        (tier.REASONS.get(name, name), box.refused.get(name, 0), box.refused_ever[name]) for name in names
    ]


def _plot(minutes) -> dict:
    """Bars of `voting/minutes.html`; figures come rounded, colours from the style sheet."""
    most = max(number for _at, number in minutes)
    bars = []
    for place, (at, number) in enumerate(minutes):
        height = round(TALL * number / most) if most else 0
        bars.append(
            {
                "x": place * STEP,
                "y": TALL - height,
                "height": max(height, 1) if number else 0,
                "time": f"{timezone.localtime(at):%H:%M}",
                "number": number,
                "words": ngettext("{n} 张", "{n} 张", number).format(n=number),
            }
        )
    newest = bars[::-1]
    columns = [newest[start : start + COLUMN] for start in range(0, len(newest), COLUMN)]
    return {
        "bars": bars,
        "columns": columns,
        "most": most,
        "width": STEP * len(bars),
        "tall": TALL,
        "bar": BAR,
    }
