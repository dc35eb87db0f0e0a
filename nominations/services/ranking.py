"""排序: the order in which a recommender puts its nominations forward."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from nominations.models import Edition, Nomination
from nominations.services.windows import require_window
from nominations.states import ENDINGS
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require


@transaction.atomic
def set_ranks(
    edition: Edition, recommender: Organisation, ordered_ids: Iterable[int], *, by: Membership, now: datetime
) -> list[Nomination]:
    """Put a recommender's nominations in order, 1 to n; the list must be all of them."""
    ids = [int(pk) for pk in ordered_ids]
    rows = {
        row.pk: row
        for row in edition.nominations.select_for_update(of=("self",))
        .filter(recommender=recommender)
        .exclude(state__in=ENDINGS)
        .order_by("pk")
    }
    for row in rows.values():
        require(by, "nominations.rank", row)
    require_window(edition, by=by, now=now)
    if len(ids) != len(set(ids)) or set(ids) != set(rows):
        raise Refused(
            "推荐名单刚刚有变动，排序没有保存。下面是最新名单，您排的次序已尽量保留，请核对后再保存。"
        )
    for rank, pk in enumerate(ids, start=1):
        row = rows[pk]
        if row.rank != rank:
            before, row.rank = row.rank, rank
            row.save(update_fields=["rank"])
            audit.record("nominations.rank", row, by=by, now=now, before=before, after=rank)
    return [rows[pk] for pk in ids]


def in_order_of(rows: Iterable[Nomination], wanted: Iterable[int]) -> list[Nomination]:
    """The rows as they are now, in the order a person has put them: what is new to the list comes last."""
    place = {pk: n for n, pk in enumerate(wanted)}
    return sorted(rows, key=lambda row: (place.get(row.pk, len(place)), *by_rank(row)))


def by_rank(row: Nomination) -> tuple:
    return (row.rank is None, row.rank or 0, row.pk)
