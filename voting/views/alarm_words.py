"""What an alarm noticed, in words; its chart and its tables.

Figures that would tell a candidate's number of ballots are not in an alarm while totals are hidden
(`services.alarms.figures_of`), so nothing here has to leave anything out.
"""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.errors import N_
from portal.templatetags.portal import cndatetime, cnday
from voting.models import Alarm, Candidate
from voting.rules.detection import EXPLANATIONS, SIGNS

#: The chart, in units of its view box.
WIDTH, HEIGHT, BARS = 640, 160, 72
WIDTHS = (60, 600, 3600, 6 * 3600)  # of a bar, in seconds
ODDS = (
    (12, N_("一万亿分之一")),
    (9, N_("十亿分之一")),
    (6, N_("一百万分之一")),
    (3, N_("一千分之一")),
)


def _figures(alarm: Alarm) -> dict:
    """The figures of an alarm, whichever it has."""
    empty = {"ratio": 1, "threshold": 1, "digits": 0, "signs": {}, "together": [], "series": []}
    return empty | {"profile": {}} | alarm.figures


def sizes(alarms) -> dict[int, int]:
    """How many ballots each alarm flags."""
    links = Alarm.ballots.through.objects.filter(alarm__in=[each.pk for each in alarms])
    return dict(links.values_list("alarm_id").annotate(n=Count("pk")))


def kin(alarm: Alarm) -> list[tuple[Alarm, int]]:
    """Other alarms that flag some of the same ballots, and how many of them; the most first."""
    links = Alarm.ballots.through.objects
    same = links.filter(ballot_id__in=links.filter(alarm=alarm).values("ballot_id")).exclude(alarm=alarm)
    shared = dict(same.values_list("alarm_id").annotate(n=Count("pk")))
    rows = Alarm.objects.filter(pk__in=shared).select_related("candidate__nomination", "case")
    return sorted(((each, shared[each.pk]) for each in rows), key=lambda pair: -pair[1])


def short(alarm: Alarm) -> str:
    """What it is about, in a line."""
    if alarm.candidate:
        return alarm.candidate.nomination.subject_name
    picks = alarm.figures.get("picks", [])
    return ngettext("{n} 家的同一组选择", "{n} 家的同一组选择", len(picks)).format(n=len(picks))


def sentences(alarm: Alarm, number: int) -> list[str]:
    """What was noticed, how unlikely it is, and what of it is flagged."""
    figures = _figures(alarm)
    values = {
        "name": short(alarm),
        "since": cndatetime(alarm.since),
        "until": cndatetime(alarm.until),
        "times": _times(figures["ratio"]),
        "limit": _times(figures["threshold"]),
        **{key: figures.get(key) for key in ("places", "devices", "blocks", "from", "to")},
    }
    found = [_noticed(alarm).format(**values)]
    if "seen" in figures and alarm.rule in (Alarm.Rule.VELOCITY, Alarm.Rule.CLIQUE, Alarm.Rule.SEQUENCE):
        found.append(
            _("看到 {seen} 张，按平时推算不超过 {expected} 张。").format(
                seen=figures["seen"], expected=_number(figures["expected"])
            )
        )
    odds = next((words for digits, words in ODDS if figures["digits"] >= digits), None)
    if odds:
        found.append(_("纯属偶然的可能不到{odds}。").format(odds=_(odds)))
    if number:
        found.append(
            ngettext(
                "其中 {n} 张选票至少有两个共同的异常特征，没有一种正当原因能同时解释，列为可疑。",
                "其中 {n} 张选票至少有两个共同的异常特征，没有一种正当原因能同时解释，列为可疑。",
                number,
            ).format(n=number)
        )
    else:
        found.append(_("没有选票列为可疑：没有哪一张同时有两个特征，又不能用一种正当原因解释。"))
    return found


def _noticed(alarm):
    return {
        Alarm.Rule.VELOCITY: _(
            "{since} 至 {until}，“{name}”的得票速度是它平时的 {times} 倍（同时段其他企业作比照），"
            "达到 {limit} 倍即提示。"
        ),
        Alarm.Rule.ADDRESS: _(
            "有 {places} 个来源地址，投“{name}”的比例最高达到平时的 {times} 倍，达到 {limit} 倍即提示。"
        ),
        Alarm.Rule.NETWORK: _(
            "有 {places} 个来源网段，投“{name}”的比例最高达到平时的 {times} 倍，达到 {limit} 倍即提示。"
        ),
        Alarm.Rule.DEVICE: _(
            "有 {devices} 台设备各由多人使用，投“{name}”的是平时的 {times} 倍。同一台设备 4 人以上使用才看。"
        ),
        Alarm.Rule.AREA: _(
            "投“{name}”的人中，外地和虚拟运营商号码的比例是全部投票人的 {times} 倍，达到 {limit} 倍即提示。"
        ),
        Alarm.Rule.DWELL: _(
            "投“{name}”的人中，停留 {from} 至 {to} 秒的比例是其他人的 {times} 倍，达到 {limit} 倍即提示。"
        ),
        Alarm.Rule.CLIQUE: _(
            "选择完全相同的选票（{name}）成批出现：即使放宽到习惯一起选的 20 倍，仍是应有的 {times} 倍。"
        ),
        Alarm.Rule.SEQUENCE: _(
            "投“{name}”的外地和虚拟运营商号码中，有 {blocks} 个号码段（每段 100 个相邻号码）"
            "里不止一个号码，是偶然相邻的 {times} 倍，达到 {limit} 倍即提示。"
        ),
    }[alarm.rule]


def signs(alarm: Alarm) -> list[tuple[str, int, bool]]:
    """What the group has in common: words, share in hundredths, and whether flagged ballots have it."""
    together = set(_figures(alarm)["together"])
    shares = sorted(_figures(alarm)["signs"].items(), key=lambda pair: -pair[1])
    return [(_(SIGNS[sign]), round(share * 100), sign in together) for sign, share in shares]


def reasons(alarm: Alarm, number: int) -> list[tuple[str, list[str]]]:
    """Honest reasons, and what each leaves unexplained of the flagged ballots, else of the group."""
    met = _figures(alarm)["together"] if number else _figures(alarm)["signs"]
    found = []
    for each in EXPLANATIONS:
        left = [_(SIGNS[sign]) for sign in met if sign not in each.accounts_for]
        possible = not each.needs or each.needs in met
        if possible and any(sign in each.accounts_for for sign in met):
            found.append((_(each.words), left))
    return sorted(found, key=lambda pair: len(pair[1]))


def picked(alarm: Alarm) -> list[Candidate]:
    """The set an alarm of equal choices is about."""
    numbers = alarm.figures.get("picks", [])
    rows = Candidate.objects.filter(poll=alarm.poll_id, number__in=numbers).select_related("nomination")
    return list(rows.order_by("number"))


def profile(alarm: Alarm) -> list[tuple[str, str, str]]:
    """What else is known of the group: label, figure, and what it is compared with."""
    found = _figures(alarm)["profile"]
    names = {
        "addresses": _("不同的来源地址"),
        "networks": _("不同的来源网段"),
        "devices": _("不同的设备"),
        "blocks": _("不同的号码段"),
        "sets": _("不同的选择"),
    }
    rates = [(label, found[key]) for key, label in names.items() if found.get(key)]
    lines = [(label, _("每 100 人 {n} 个").format(n=_number(rate)), "") for label, rate in rates]
    if found.get("away") is not None:
        usual = found.get("usual_away")
        lines.append((_("外地和虚拟运营商号码"), _percent(found["away"]), _percent(usual) if usual else ""))
    if found.get("dwell"):
        low, middle, high = found["dwell"]
        words = _("中位数 {middle} 秒，一半的人在 {low} 至 {high} 秒之间")
        lines.append((_("停留时间"), words.format(low=low, middle=middle, high=high), ""))
    return lines


def stays(alarm: Alarm) -> list[dict]:
    """How long people stayed: of the group, and of all others, in hundredths."""
    rows = _figures(alarm)["profile"].get("stays", [])
    found = []
    for position, (low, own, others) in enumerate(rows, start=1):
        if position < len(rows):
            label = _("{low} 至 {high} 秒").format(low=low, high=rows[position][0])
        else:
            label = _("{low} 秒以上").format(low=low)
        found.append({"label": label, "own": round(own * 100), "others": round(others * 100)})
    return found


def plot(alarm: Alarm) -> dict | None:
    """A candidate's pace in times of its usual, or the flagged ballots in time; None without either."""
    if alarm.rule == Alarm.Rule.VELOCITY:
        series = [
            (datetime.fromtimestamp(begin, tz=UTC), times) for begin, times in _figures(alarm)["series"]
        ]
        return _drawn(series[-BARS:], unit="times", line=_figures(alarm)["threshold"])
    moments = [at.timestamp() for at in alarm.ballots.values_list("cast_at", flat=True)]
    if not moments:
        return None
    first, last = min(moments), max(moments)
    width = next((each for each in WIDTHS if (last - first) / each < BARS - 1), WIDTHS[-1])
    counts = Counter(int(each // width) for each in moments)
    places = range(int(first // width), int(last // width) + 1)
    series = [(datetime.fromtimestamp(each * width, tz=UTC), counts[each]) for each in places]
    return _drawn(series, unit="ballots", line=None) | {"wide": _wide(width)}


def _wide(seconds):
    return {60: _("每分钟"), 600: _("每十分钟"), 3600: _("每小时")}.get(seconds, _("每六小时"))


def _drawn(series, *, unit, line):
    if not series:
        return None
    top = max([value for _at, value in series] + [line or 0]) or 1
    wide = Fraction(WIDTH, max(len(series), 24))
    bars = [
        {
            "x": f"{float(wide * position):.1f}",
            "y": f"{HEIGHT - HEIGHT * value / top:.1f}",
            "width": f"{float(wide) * 0.8:.1f}",
            "height": f"{HEIGHT * value / top:.1f}",
            "label": _moment(at),
            "value": _times(value) if unit == "times" else value,
            "over": bool(line and value >= line),
        }
        for position, (at, value) in enumerate(series)
    ]
    return {
        "bars": bars,
        "unit": unit,
        "width": WIDTH,
        "height": HEIGHT,
        "top": _times(top) if unit == "times" else top,
        "line": f"{HEIGHT - HEIGHT * line / top:.1f}" if line else "",
        "limit": _times(line) if line else "",
        "first": bars[0]["label"],
        "last": bars[-1]["label"],
    }


def _moment(at):
    here = timezone.localtime(at)
    return f"{cnday(here)} {here:%H:%M}"


def _times(value) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _number(value) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _percent(share) -> str:
    return f"{share * 100:.0f}%" if share >= 0.1 else f"{share * 100:.1f}%"
