"""Alarms: one open row a matter, which grows while it lasts; a person dismisses it or opens a case."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Edition
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from voting.models import Alarm, Candidate, Poll
from voting.rules.detection import Finding, Thresholds, coarse

BINS = 1008  # ten minutes of a week: the longest chart
#: Rules whose limit is a multiple of the usual, written down; that of the others depends on what is usual.
FIXED = (Alarm.Rule.VELOCITY, Alarm.Rule.ADDRESS, Alarm.Rule.NETWORK, Alarm.Rule.AREA, Alarm.Rule.DWELL)
LINK = """
    INSERT INTO voting_alarm_ballots (alarm_id, ballot_id)
    SELECT %(alarm)s, unnest(%(ids)s::uuid[]) ON CONFLICT DO NOTHING
"""
LOOKED_AT = """
    SELECT link.ballot_id FROM voting_alarm_ballots link JOIN voting_alarm alarm ON alarm.id = link.alarm_id
    WHERE alarm.poll_id = %(poll)s AND alarm.rule = %(rule)s AND alarm.key = %(key)s
      AND alarm.candidate_id IS NOT DISTINCT FROM %(candidate)s AND alarm.state <> 'open'
"""


def raise_alarms(poll: Poll, found: Iterable[Finding], *, now: datetime, terms: Thresholds) -> list[Alarm]:
    """Raise an alarm for each matter, or let the open one grow; the office is told of matters that are new.

    What a person settled is not raised again for the same ballots.
    """
    found = list(found)
    if not found:
        return []
    candidates = {each.number: each for each in Candidate.objects.filter(poll=poll)}
    counts = poll.edition.totals == Edition.Totals.SHOWN
    new = []
    for finding in found:
        candidate = candidates.get(finding.candidate)
        matter = {"rule": finding.rule, "candidate": candidate, "key": _key(finding.key)}
        # Held, so that a person who settles it meanwhile is waited for and not written over.
        held = Alarm.objects.select_for_update(of=("self",)).filter(poll=poll, **matter)
        before = list(held.order_by("-pk"))
        alarm = next((each for each in before if each.state == Alarm.State.OPEN), None)
        fresh = set(finding.flagged) - _looked_at(poll, matter) if before else set(finding.flagged)
        if alarm is None:
            if before and not _again(before[0], finding, fresh, terms):
                continue
            alarm = Alarm(poll=poll, raised_at=now, since=_moment(finding.since), **matter)
            new += [] if before else [alarm]
        _grow(alarm, finding, fresh, counts, now)
    if new:
        _tell(poll, new, now)
    return new


def _again(last, finding, fresh, terms):
    if finding.flagged:
        return len(fresh) >= terms.again
    quiet = last.settled_at + timedelta(seconds=terms.quiet)
    return _moment(finding.since) >= quiet


def _grow(alarm, finding, ids, counts, now):
    figures = figures_of(finding, counts)
    series = figures["series"]
    old = alarm.figures or {}
    if old and old["digits"] > figures["digits"]:
        figures = dict(old)
    figures["series"] = _merged(old.get("series", []), series)
    alarm.figures = figures
    alarm.since = min(alarm.since, _moment(finding.since))
    alarm.until = max(alarm.until or _moment(0), _moment(finding.until))
    alarm.seen_at = now
    alarm.save(update_fields=["figures", "since", "until", "seen_at"] if alarm.pk else None)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(LINK, {"alarm": alarm.pk, "ids": sorted(str(each) for each in ids)})


def figures_of(finding: Finding, counts: bool) -> dict:
    """What an alarm keeps: how many times as often as usual, and rates.

    委员会决定: numbers of ballots, and shares of all ballots, are kept only where the edition shows running
    totals: how many a candidate had in an hour is a part of its total. Elsewhere the rest is rough, too.
    """
    profile = dict(finding.more["profile"])
    voters = profile.pop("voters")
    kept = finding.more.keys() - {"profile"} - (set() if counts else {"part", "usual"})
    more = {key: finding.more[key] for key in kept}
    for name in ("addresses", "networks", "devices", "blocks", "sets"):
        profile[name] = round(100 * profile[name] / voters, 1)  # a hundred voters
    figures = {
        "ratio": round(finding.seen / finding.expected, 2),
        "digits": round(finding.digits, 1),
        "threshold": round(finding.threshold / finding.expected, 2),
        "signs": {sign: round(n / len(finding.group), 3) for sign, n in finding.signs.items()},
        "together": sorted({sign for each in finding.flagged.values() for sign in each}),
        "profile": profile,
        "counts": counts,
        **more,
    }
    if finding.key:
        figures["picks"] = [int(each) for each in finding.key.split(",")]
    if counts:
        return figures | {"seen": finding.seen, "expected": round(finding.expected, 2), "voters": voters}
    return figures | _rough(figures, finding.rule)


def _rough(figures, rule):
    """Those of the figures a number of ballots could be computed from, roughly."""
    profile, limit = dict(figures["profile"]), figures["threshold"]
    if rule not in FIXED:
        limit = coarse.step(limit)
    for name in ("addresses", "networks", "devices", "blocks", "sets"):
        profile[name] = coarse.of_hundred(profile[name])
    profile["stays"] = [[low, coarse.share(own), others] for low, own, others in profile["stays"]]
    if profile["away"] is not None:
        profile["away"] = coarse.share(profile["away"])
    return {
        "ratio": coarse.times(figures["ratio"], limit if rule in FIXED else 1),
        "threshold": limit,
        "signs": {sign: coarse.share(part) for sign, part in figures["signs"].items()},
        "profile": profile,
        "series": [[begin, coarse.times(value, limit)] for begin, value in figures["series"]],
    }


def _merged(old, new):
    """The pace of a candidate, ten minutes by ten minutes, the highest that was seen of each."""
    bins = dict(old)
    for begin, times in new:
        bins[begin] = max(times, bins.get(begin, 0))
    return [[begin, bins[begin]] for begin in sorted(bins)][-BINS:]


@transaction.atomic
def settle_alarm(alarm: Alarm, *, by: Membership, now: datetime, note: str) -> Alarm:
    """Dismiss an alarm: what it noticed has an honest reason, which `note` says."""
    require(by, "voting.settle_alarm", alarm)
    alarm = Alarm.objects.select_for_update(of=("self",)).select_related("poll__edition").get(pk=alarm.pk)
    if alarm.state != Alarm.State.OPEN:
        raise Refused("这条预警已经处理过，不需要再次处理。")
    if not note.strip():
        raise Refused("请写明排除的理由，例如已向哪家单位核实。")
    alarm.state, alarm.note = Alarm.State.DISMISSED, note.strip()[:300]
    alarm.settled_at, alarm.settled_by = now, by
    alarm.save(update_fields=["state", "note", "settled_at", "settled_by"])
    audit.record(
        "voting.settle_alarm",
        alarm,
        by=by,
        now=now,
        edition=alarm.poll.edition_id,
        rule=alarm.rule,
        state=alarm.state,
        note=alarm.note,
    )
    return alarm


def _looked_at(poll, matter):
    candidate = matter["candidate"]
    with connection.cursor() as cursor:
        cursor.execute(
            LOOKED_AT,
            {
                "poll": poll.pk,
                "rule": matter["rule"],
                "key": matter["key"],
                "candidate": candidate and candidate.pk,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def _tell(poll, new, now):
    words = "、".join(dict.fromkeys(str(each.get_rule_display()) for each in new))
    notify(
        "voting.alarm",
        Membership.objects.at(poll.edition.host, Role.OFFICE).select_related("user"),
        subject=_("{edition}：公众投票有新的异常预警：{words}").format(edition=poll.edition, words=words),
        url=reverse("voting:alarms", args=[poll.edition_id]),
        now=now,
        edition=poll.edition,
    )


def _key(key):
    return key if len(key) <= 64 else hashlib.sha256(key.encode()).hexdigest()


def _moment(seconds):
    return datetime.fromtimestamp(seconds, tz=UTC)
