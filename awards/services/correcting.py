"""更正公示: a notice that was wrong gets a new version; the earlier one stays public and is marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards import documents, rules
from awards.models import Notice
from awards.services import publishing
from awards.services.issuing import issue, tell_dropped, tell_recommenders
from awards.services.notice_papers import row_of
from awards.services.periods import recounted_end
from awards.services.standing_list import HOLDING, free_places_of
from nominations import subjects
from nominations.models import Nomination
from nominations.services import advance
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@dataclass(frozen=True)
class CorrectionPreview:
    """What a correction would mean: the list, what changes in words, and the period that follows."""

    seen: publishing.NoticePreview
    changes: list[str]
    dropped: list[Nomination]
    restarted: bool
    departs: bool
    provisional: bool
    starts_on: date
    ends_on: date
    workdays: int


def standing_on(notice: Notice) -> list[int]:
    """Those of its list who are in publicity still, in the order of the list."""
    rows = notice.rows.filter(nomination__state=State.PUBLICITY)
    return list(rows.order_by("position").values_list("nomination_id", flat=True))


def propose_correction(notice: Notice) -> publishing.Proposed:
    """Who may stand on the corrected list: those who stand on it, and the reserves."""
    standing = standing_on(notice)
    seats = len(standing) + free_places_of(notice.edition)
    if notice.kind == Notice.Kind.LIST:
        # The list may still grow to the seats of the edition, where it was published shorter.
        elsewhere = notice.edition.nominations.filter(state__in=HOLDING).count() - len(standing)
        seats = max(0, notice.edition.seats - elsewhere)
    return publishing.proposed_of(notice.edition, seats, listed=standing)


def preview_correction(
    notice: Notice, proposed: publishing.Proposed, chosen: Iterable, today: date
) -> CorrectionPreview:
    """What correcting the notice to this list on that day would mean. Reads only."""
    ids, standing = publishing.ids_of(chosen), standing_on(notice)
    seen = publishing.preview(notice.edition, proposed, ids, today)
    restarted = rules.restarts(standing, ids)
    ends = seen.ends_on if restarted else _lengthened(notice, today)
    known = Nomination.objects.select_related("recommender", "enterprise", "declaration").in_bulk(standing)
    return CorrectionPreview(
        seen=seen,
        changes=_changes(notice, seen, known, ends),
        dropped=[known[pk] for pk in standing if pk not in set(ids)],
        restarted=restarted,
        departs=restarted and seen.departs,
        provisional=restarted and seen.provisional,
        starts_on=seen.starts_on if restarted else notice.starts_on,
        ends_on=ends,
        workdays=seen.workdays if restarted else notice.workdays,
    )


def _lengthened(notice: Notice, today: date) -> date:
    """The end as it was published, or later where a calendar confirmed since counts it later.

    The working days that were missing must be days on which one can still object, so they run from the
    correction where that comes after the earlier end.
    """
    if not notice.provisional_confirmed:
        return notice.ends_on
    days = calendar.published()
    recounted = recounted_end(notice, days)
    if recounted <= notice.ends_on:
        return notice.ends_on
    return rules.lengthened_end(notice.ends_on, recounted, today, days)


def _changes(notice, seen, standing: dict[int, Nomination], ends: date) -> list[str]:
    """What differs from the version before, a sentence a line, as the document says it."""
    before = {row.nomination_id: row for row in notice.rows.all()}
    after = {row.nomination_id: row.nomination for row in seen.rows}
    lines, title = [], subjects.title_of(notice.edition)
    for pk, row in before.items():
        if pk in after:
            lines += _renamed(title, row, row_of(after[pk]))
        else:
            word = "撤下" if pk in standing else "已退出公示"
            lines.append(f"{word}：{row.name}")
    lines += [f"列入：{each.subject_name}" for pk, each in after.items() if pk not in before]
    kept = [pk for pk in before if pk in after]
    if kept != [pk for pk in after if pk in before]:
        lines.append("排列次序：" + "、".join(each.subject_name for each in after.values()))
    if ends != notice.ends_on:
        day, other = documents.end_text(notice.ends_on), documents.end_text(ends)
        lines.append(f"公示截止时间由{day}更正为{other}")
    return lines or ["名单没有变化，其他内容以本公告为准。"]


def _renamed(title: str, row, now: dict) -> list[str]:
    pairs = (
        (title, row.name, now["name"]),
        ("所在企业", row.enterprise_name, now["enterprise"]),
        ("推荐单位", row.recommender_name, now["recommender"]),
        ("所属区市", row.division_name, now["division"]),
    )
    return [
        f"第{row.position}项{what}由“{before}”更正为“{after}”"
        for what, before, after in pairs
        if before != after
    ]


@transaction.atomic
def correct_notice(
    notice: Notice,
    *,
    chosen: Iterable,
    reason: str,
    departs: str = "",
    minute: str = "",
    provisional_confirmed: bool = False,
    by: Membership,
    now: datetime,
) -> Notice:
    """A new version of a notice. `chosen` are nominations or their ids, in the order of the list.

    Who is taken off goes back to the last step before the publicity and may be listed again. Where members or
    order change, the period starts anew for the whole list; else it ends when it was to end.
    """
    require(by, "awards.correct_notice", notice)
    edition = publishing.locked_edition(notice.edition)
    require_open(edition, StepKind.PUBLICITY)
    ids = publishing.ids_of(chosen)
    publishing.lock_nominations({*ids, *standing_on(notice)})
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    notice.edition = edition
    _refuse_settled(notice)
    if not reason.strip():
        raise Refused("请写明更正理由，公告中会引用。")
    today = timezone.localdate(now)
    proposed = propose_correction(notice)
    preview = preview_correction(notice, proposed, ids, today)
    words = {"departs": departs.strip(), "minute": minute.strip()}
    if preview.restarted:
        publishing.check_list(edition, proposed, ids, **words)
        publishing.check_confirmed(preview.seen, ids, provisional_confirmed, today)
    return _replace(notice, preview, reason.strip(), words, provisional_confirmed, by, now)


def _refuse_settled(notice):
    if not notice.in_force:
        raise Refused("这份公示已经更正过，请在更正后的公示上办理。")
    if notice.rows.filter(nomination__state=State.NAMED).exists():
        raise Refused("这份公示上已有企业命名，不能再更正公示。")


def _replace(notice, preview, reason, words, provisional_confirmed, by, now) -> Notice:
    nominations = [row.nomination for row in preview.seen.rows]
    standing = set(standing_on(notice))
    # One list is in force at any moment, so the earlier one steps back before the new one is written.
    notice.in_force = False
    notice.save(update_fields=["in_force"])
    new = Notice(
        edition=notice.edition,
        kind=notice.kind,
        version=notice.version + 1,
        supersedes=notice,
        title=documents.notice_title(notice.edition, notice.kind, notice.version + 1),
        published_at=now,
        published_by=by,
        workdays=preview.workdays,
        starts_on=preview.starts_on,
        ends_on=preview.ends_on,
        places=_places(notice, len(nominations)),
        correction_reason=reason,
        changes=preview.changes,
        restarted=preview.restarted,
        departs=_departs(notice, preview, words),
        minute=words["minute"] or notice.minute,
        provisional_confirmed=provisional_confirmed if preview.restarted else notice.provisional_confirmed,
        ended_told_at=notice.ended_told_at if preview.ends_on == notice.ends_on else None,
    )
    issue(new, nominations, earlier=notice)
    moves = [(each, "unpublish") for each in preview.dropped]
    moves += [(each, "publish") for each in nominations if each.pk not in standing]
    for nomination, move in sorted(moves, key=lambda pair: pair[0].pk):
        note = reason if move == "unpublish" else new.title
        advance(nomination, move, by=by, now=now, note=note)
    audit.record(
        "awards.correct_notice",
        new,
        by=by,
        now=now,
        version=new.version,
        reason=reason,
        changes=new.changes,
        chosen=[each.subject_key for each in nominations],
        dropped=[each.subject_key for each in preview.dropped],
        restarted=new.restarted,
        ends_on=new.ends_on,
        departs=new.departs,
        minute=new.minute,
        provisional_confirmed=new.provisional_confirmed,
    )
    tell_recommenders("awards.notice_corrected", new, nominations, now)
    tell_dropped(new, preview.dropped, now)
    return new


def _places(notice, count: int) -> int:
    """A place that a correction leaves empty stays a place of the list."""
    held = notice.edition.nominations.filter(state__in=HOLDING)
    elsewhere = held.exclude(pk__in=standing_on(notice)).count()
    return max(notice.places or 0, count + (elsewhere if notice.kind == Notice.Kind.LIST else 0))


def _departs(notice, preview, words) -> str:
    if not preview.restarted:
        return notice.departs
    return words["departs"] if preview.departs else ""
