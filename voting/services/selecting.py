"""Which ballots somebody has in mind: by moment, where they came from, how fast, and at times for whom."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import BooleanField, Count, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from portal.errors import Refused
from voting.models import Ballot, Poll, Quarantine
from voting.services.counting import totals_until

# Correlated by the ballot alone: a join of whole sets or an index asked ballot by ballot, linear either way,
# whatever the planner believes of tables that have just grown.
ASIDE = """
    EXISTS (SELECT 1 FROM voting_quarantine_ballots link
            WHERE link.ballot_id = voting_ballot.id AND link.quarantine_id = ANY(%s)
              AND NOT EXISTS (SELECT 1 FROM voting_quarantine_ballots later
                              WHERE later.ballot_id = link.ballot_id
                                AND later.quarantine_id > link.quarantine_id))
"""


@dataclass(frozen=True)
class Criteria:
    """What is typed to choose ballots; all that is given must hold. `kind` is what is to be done to them.

    `until` is exclusive, `dwell` in seconds, exclusive; `network`, `address` and `device` are keyed names;
    `candidate` was picked among others, `picks` is the whole choice.
    """

    kind: str = Quarantine.Kind.SET_ASIDE
    since: datetime | None = None
    until: datetime | None = None
    network: str = ""
    address: str = ""
    device: str = ""
    home: str = ""
    dwell: int | None = None
    candidate: int | None = None
    picks: tuple[int, ...] = ()

    @property
    def names_candidates(self) -> bool:
        return self.candidate is not None or bool(self.picks)

    def basis(self) -> dict:
        """What a case keeps of how its ballots were chosen."""
        given = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        moments = {
            name: timezone.localtime(value).isoformat()
            for name, value in given.items()
            if isinstance(value, datetime)
        }
        return {"by": "hand", **given, **moments}


def matching(poll: Poll, criteria: Criteria, *, now: datetime) -> QuerySet[Ballot]:
    """The ballots meant, of those that `criteria.kind` can still be done to.

    委员会决定: how many ballots picked a candidate *is* that candidate's total. So nobody chooses by
    candidate or by choice but as far as the totals may be seen: never while they are hidden, up to the last
    midnight where they are given daily.
    """
    if criteria.names_candidates:
        _require_seen(poll, criteria, now)
    ballots = able(poll.ballots.all(), poll, criteria.kind)
    fields = {
        "cast_at__gte": criteria.since,
        "cast_at__lt": criteria.until,
        "network": criteria.network,
        "address": criteria.address,
        "device": criteria.device,
        "home": criteria.home,
        "dwell__lt": criteria.dwell,
        "picks__contains": None if criteria.candidate is None else [criteria.candidate],
        "picks": sorted(criteria.picks),
    }
    return ballots.filter(**{name: value for name, value in fields.items() if value not in (None, "", [])})


def able(ballots: QuerySet[Ballot], poll: Poll, kind: str) -> QuerySet[Ballot]:
    """Those of them that count now (to set aside), or that are set aside now (to restore)."""
    found = ballots.filter(poll=poll)
    restoring = kind == Quarantine.Kind.RESTORE
    acts = list(poll.quarantines.filter(kind=Quarantine.Kind.SET_ASIDE).values_list("pk", flat=True))
    if not acts:
        return found.none() if restoring else found
    return found.filter(RawSQL(ASIDE if restoring else f"NOT {ASIDE}", [acts], BooleanField()))


def crowded(poll: Poll, field: str, most: int = 12) -> list[tuple[str, int]]:
    """The (keyed) networks, addresses or devices most ballots came from: something to look at, no verdict."""
    rows = poll.ballots.exclude(**{field: ""}).values_list(field).annotate(n=Count("pk"))
    return list(rows.filter(n__gt=1).order_by("-n", field)[:most])


def _require_seen(poll, criteria, now):
    reach = totals_until(poll, now=now)
    if reach is None:
        raise Refused("现在不公布票数，不能按企业或所选组合挑选选票：挑出的张数就是得票数。请改用其他条件。")
    if criteria.until is None or criteria.until > reach:
        raise Refused(
            "按企业或所选组合挑选的，只能选到 {at} 以前的选票，因为票数只公布到那时。请把“到”改早。",
            at=f"{timezone.localtime(reach):%Y-%m-%d %H:%M}",
        )
