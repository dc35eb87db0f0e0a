"""What became of the messages: a gateway reports, signed; a state only moves forward."""

import json

from voting.models import Delivery, PhoneCode

ENDS = (Delivery.DELIVERED, Delivery.FAILED)
ON_THE_WAY = (Delivery.QUEUED, Delivery.SENT)


def read_report(body: bytes) -> tuple[str, str] | None:
    """{"id": number of the message, "state": "delivered" or "failed"}; None for anything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("id"), str) or said.get("state") not in ENDS:
        return None
    return said["id"], said["state"]


def keep_delivery(message_id: str, state: str) -> bool:
    """Whether there is such a message. The first report of its end is kept; one that comes again is not.

    So a signed report that somebody sends a second time, or in another order, changes nothing.
    """
    rows = PhoneCode.objects.filter(gateway_ref=message_id)
    known = bool(message_id) and rows.exists()
    if known:
        rows.filter(delivery__in=ON_THE_WAY).update(delivery=state)
    return known
