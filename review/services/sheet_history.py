"""What a sheet said before: every version the database kept, and what changed from one to the next.

A version is what one transaction left behind: the events of sheet and scores that carry the same time.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.apps import apps
from django.utils.translation import gettext as _

from portal.figures import decimal_text
from portal.models import Membership, Role
from review.models import ScoreSheet

#: 委员会决定: drafts saved within this time of one another are told as one.
TOGETHER = timedelta(minutes=10)


@dataclass(frozen=True)
class Version:
    """What the sheet said at a version: points (as text) and remarks by dimension, and the comment."""

    number: int
    when: datetime
    submitted: bool
    scores: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True)
class Change:
    """One place of the sheet; empty where nothing was written."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Past:
    """One line of the history: what was done, and what changed with it."""

    number: int
    when: datetime
    what: str
    changes: list[Change]
    why: str = ""


def versions_of(sheet: ScoreSheet) -> list[Version]:
    """Every version kept, the first first."""
    scores = defaultdict(list)
    codes = {each.pk: each.code for each in sheet.assignment.nomination.edition.dimensions.all()}
    events = apps.get_model("review", "ScoreEvent").objects.filter(sheet_id=sheet.pk)
    for event in events.order_by("pgh_id"):
        scores[event.pgh_created_at].append(event)
    rows = apps.get_model("review", "ScoreSheetEvent").objects.filter(pgh_obj_id=sheet.pk)
    found, standing = {}, {}
    for row in rows.order_by("version", "pgh_id"):
        for event in scores.pop(row.pgh_created_at, ()):
            if event.pgh_label == "delete":
                standing.pop(codes[event.dimension_id], None)
            else:
                standing[codes[event.dimension_id]] = decimal_text(event.points)
        found[row.pgh_created_at] = Version(
            row.version,
            row.saved_at if row.submitted_at is None else row.submitted_at,
            row.submitted_at is not None,
            dict(standing),
            row.remarks,
            row.comment,
        )
    return list(found.values())


def version_of(sheet: ScoreSheet, number: int) -> Version | None:
    """What stood at a version; None where it was not kept by itself."""
    return next((each for each in versions_of(sheet) if each.number == number), None)


def history_of(sheet: ScoreSheet, hat: Membership) -> list[Past]:
    """The latest first. The expert reads all of it; others what was handed in, and nothing written since."""
    versions = versions_of(sheet)
    if hat.role != Role.EXPERT:
        last = max((n for n, each in enumerate(versions) if each.submitted), default=-1)
        # With the reopening that follows it, which says nothing new.
        versions = versions[: last + 2] if last >= 0 else []
    names = {each.code: each.name for each in sheet.assignment.nomination.edition.dimensions.all()}
    reopened = {each.content.get("version", 0) + 1: each for each in sheet.reopenings.all()}
    lines, before = [], Version(0, sheet.saved_at, False)
    for place, each in enumerate(versions):
        following = versions[place + 1] if place + 1 < len(versions) else None
        opening = reopened.get(each.number) if before.submitted else None
        if not before.submitted and _told_with(each, following):
            continue
        lines.append(
            Past(
                each.number,
                opening.reopened_at if opening else each.when,
                _what(before, each, opening),
                [] if opening else _changes(before, each, names),
                opening.reason if opening else "",
            )
        )
        before = each
    return lines[::-1]


def _what(before, version, opening) -> str:
    if opening:
        return _("办公室重开")
    if before.submitted and not version.submitted:
        return _("讨论轮开始，可以修改")
    return _("提交") if version.submitted else _("保存")


def _told_with(version, following) -> bool:
    return (
        following is not None
        and not version.submitted
        and not following.submitted
        and following.when - version.when < TOGETHER
    )


def _changes(before, after, names) -> list[Change]:
    pairs = [(name, before.scores.get(code, ""), after.scores.get(code, "")) for code, name in names.items()]
    pairs += [
        (_("{title}的评语").format(title=name), before.remarks.get(code, ""), after.remarks.get(code, ""))
        for code, name in names.items()
    ]
    pairs.append((_("总评语"), before.comment, after.comment))
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]
