"""What a discussion left behind: the spread that was shown, and the sheets not handed in again."""

from datetime import datetime
from decimal import Decimal

from nominations.models import Edition, Nomination
from nominations.states import State
from portal.figures import read_fraction
from review import rules
from review.models import Assignment, Discussion, Score


def spread_of(nomination: Nomination) -> rules.Spread | None:
    """The spread before the discussion, for those who were asked to think again."""
    kept = Discussion.objects.filter(edition=nomination.edition_id).first()
    facts = kept.spread.get(str(nomination.pk)) if kept else None
    if facts is None:
        return None
    figures = {name: read_fraction(text) for name, text in facts.items() if name != "n"}
    return rules.Spread(n=facts["n"], **figures)


def under_review(edition: Edition):
    return edition.nominations.filter(state=State.REVIEW)


def waiting_of(edition: Edition) -> list[Assignment]:
    """The tasks, locked, whose sheet was opened for the discussion and is not handed in again."""
    return [row for row in locked(edition, open_now=True) if row.sheet.before_discussion]


def locked(edition: Edition, *, open_now: bool = False) -> list[Assignment]:
    """The tasks whose sheet counts (`open_now`: is being written), locked as closing the step locks them."""
    held = list(under_review(edition).select_for_update(of=("self",)).order_by("pk"))
    rows = Assignment.objects.filter(nomination__in=held)
    list(rows.select_for_update(of=("self",)).order_by("pk"))
    rows = rows.filter(sheet__isnull=False, sheet__submitted_at__isnull=open_now, recusal__isnull=True)
    return list(rows.unbarred().select_related("sheet", "member", "nomination__edition").order_by("pk"))


def put_back(row: Assignment) -> None:
    """The sheet says again what it said before the discussion; what was written since is in its history."""
    sheet, before = row.sheet, row.sheet.before_discussion
    dimensions = {each.code: each for each in row.nomination.edition.dimensions.all()}
    for code, text in before["scores"].items():
        Score.objects.update_or_create(
            sheet=sheet, dimension=dimensions[code], defaults={"points": Decimal(text)}
        )
    sheet.comment, sheet.remarks = before["comment"], before["remarks"]
    sheet.submitted_at = datetime.fromisoformat(before["submitted_at"])
    sheet.version += 1
    sheet.save()
