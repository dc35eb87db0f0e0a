"""What the office sees of the panel beside its result, and what an expert may see of it after closing."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nominations.models import Edition, Nomination
from portal.models import Membership
from review.models import PanelMember
from review.rules.statistics import Tendency, normalised, root_shown, tendencies
from review.services.freezing import standings_of
from review.services.reviewing import VALID, Standing

#: 委员会决定: an expert sees the panel's mean only where it does not give another's score away.
LEAST_SHOWN = 3


@dataclass(frozen=True)
class Refitted:
    """For information alone: by expert's number the normalised total, and the mean of those there are."""

    by_expert: dict[str, Fraction | None]
    mean: Fraction | None


@dataclass(frozen=True)
class OwnLine:
    """One of my own nominations: my total and the panel's mean."""

    nomination: Nomination
    own: Fraction
    panel: Fraction | None

    @property
    def apart(self) -> Fraction | None:
        return None if self.panel is None else self.own - self.panel


@dataclass(frozen=True)
class OwnFigures:
    """My mean and the panel's, both over the lines that show the panel's mean; None without any."""

    lines: list[OwnLine]
    own: Fraction | None
    panel: Fraction | None

    @property
    def apart(self) -> Fraction | None:
        return None if self.own is None else self.own - self.panel


def totals_of(standings: list[Standing]) -> dict[int, dict[str, Fraction]]:
    """Nomination → expert's number → total, of the valid sheets."""
    return {
        each.nomination.pk: {marks.expert: marks.total for marks in each.marks if marks.status == VALID}
        for each in standings
    }


def by_expert(standings: list[Standing]) -> dict[str, Tendency]:
    """Expert's number → how this expert gives."""
    return tendencies(totals_of(standings))


def refitted(standings: list[Standing]) -> dict[int, Refitted]:
    found = {}
    for pk, sheets in normalised(totals_of(standings)).items():
        there = [each for each in sheets.values() if each is not None]
        found[pk] = Refitted(sheets, sum(there, Fraction(0)) / len(there) if there else None)
    return found


def deviation_of(tendency: Tendency) -> Decimal:
    return root_shown(tendency.given.variance)


def disagreement(standings: list[Standing]) -> list[Standing]:
    """委员会决定: shown for information are the tenth of the nominations whose sheets lie furthest apart."""
    spread = [each for each in standings if each.spread]
    spread.sort(key=lambda each: (-each.spread, each.nomination.pk))
    return spread[: -(-len(spread) // 10)]


def own_figures(edition: Edition, hat: Membership) -> OwnFigures | None:
    """After closing, an expert's own totals beside the panel's means, without names; None before.

    Only nominations for which this expert's sheet counted, in the order of the list: never by score.
    """
    if not hasattr(edition, "review_result"):
        return None
    member = PanelMember.objects.filter(edition=edition, user=hat.user_id).first()
    if member is None:
        return OwnFigures([], None, None)
    lines = []
    for each in standings_of(edition):
        mine = [marks.total for marks in each.marks if marks.expert == member.code and marks.status == VALID]
        if mine:
            panel = each.outcome.mean if each.outcome.valid >= LEAST_SHOWN else None
            lines.append(OwnLine(each.nomination, mine[0], panel))
    lines.sort(key=lambda line: line.nomination.subject_key)
    shown = [line for line in lines if line.panel is not None]
    if not shown:
        return OwnFigures(lines, None, None)
    return OwnFigures(
        lines,
        sum((line.own for line in shown), Fraction(0)) / len(shown),
        sum((line.panel for line in shown), Fraction(0)) / len(shown),
    )
