"""What is still open of the objections of an edition: a naming asks here, with the edition locked."""

from awards.models import Objection
from nominations.models import Edition, Nomination


def is_any_open(edition: Edition) -> bool:
    """Whether an objection of this edition waits for its answer. ADR 18: then nobody of it is named."""
    return Objection.objects.open().filter(notice__edition=edition).exists()


def open_for(nomination: Nomination) -> list[Objection]:
    """What is open against this one, oldest first."""
    return list(Objection.objects.open().filter(nomination=nomination).order_by("pk"))
