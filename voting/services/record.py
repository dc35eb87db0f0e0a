"""Proofs out of the public record, each in three small queries: of one ballot, and that a log only grew."""

import base64
from uuid import UUID

from voting.models import Checkpoint, Entry, Poll
from voting.rules import tiles, tree
from voting.services.sequencing import newest, tiles_at

#: The largest place or size that a column holds.
MOST = 2**63 - 1


def checkpoint_of(poll: Poll, size: int | None = None) -> Checkpoint | None:
    """The newest checkpoint of a poll, or the one of a size."""
    return newest(poll.pk, size)


def prove_inclusion(
    poll: Poll, *, record: UUID | None = None, place: int | None = None, size: int | None = None
) -> dict | None:
    """That a ballot, by its record or its place, is in the log of a checkpoint (the newest); None if not.

    index, leaf (hex), size, proof (base64, RFC 6962 2.1.1, from the leaf up) and checkpoint (its note).
    """
    checkpoint = newest(poll.pk, size)
    if checkpoint is None:
        return None
    if record is not None:
        found = Entry.objects.filter(poll=poll, record=record).values_list("index", flat=True)
        place = next(iter(found), None)
    if place is None or not 0 <= place < checkpoint.size:
        return None
    leaf, *proof = _hashes(poll, [(place, place + 1), *tree.inclusion(place, checkpoint.size)])
    return {
        "index": place,
        "leaf": leaf.hex(),
        "size": checkpoint.size,
        "proof": _texts(proof),
        "checkpoint": checkpoint.note,
    }


def prove_consistency(poll: Poll, old: int, new: int | None = None) -> dict | None:
    """That the log of one checkpoint is the beginning of another's (the newest's); None where either is none.

    from, to, proof (base64, RFC 6962 2.1.2) and checkpoints (the two notes).
    """
    before, after = newest(poll.pk, old), newest(poll.pk, new)
    if before is None or after is None or not 0 < before.size <= after.size:
        return None
    return {
        "from": before.size,
        "to": after.size,
        "proof": _texts(_hashes(poll, tree.consistency(before.size, after.size))),
        "checkpoints": [before.note, after.note],
    }


def _hashes(poll, spans):
    return tiles.hashes(spans, tiles_at(poll.pk, tiles.needed(spans)))


def _texts(hashes):
    return [base64.b64encode(each).decode() for each in hashes]
