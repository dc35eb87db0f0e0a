"""The list that counts, and how many of its places nobody holds."""

from collections import Counter
from collections.abc import Iterable

from awards import rules
from awards.models import Notice
from nominations.models import Edition, Nomination
from nominations.states import State

#: Who holds a place: published, or named.
HOLDING = (State.PUBLICITY, State.NAMED)


def list_in_force(edition: Edition) -> Notice | None:
    """The published list of an edition, in its newest version."""
    return edition.notices.filter(kind=Notice.Kind.LIST, in_force=True).first()


def free_places_of(edition: Edition) -> int:
    """Places of the list whose holder is out, and that nobody has taken over yet."""
    return free_places([edition])[edition.pk]


def free_places(editions: Iterable[Edition]) -> Counter[int]:
    """Edition → its free places, for several in two questions; nothing where no list is in force."""
    lists = Notice.objects.filter(edition__in=editions, kind=Notice.Kind.LIST, in_force=True)
    places = dict(lists.values_list("edition", "places"))
    held = Counter(
        Nomination.objects.filter(edition__in=places, state__in=HOLDING).values_list("edition", flat=True)
    )
    return Counter({pk: rules.free_places(number or 0, held[pk]) for pk, number in places.items()})
