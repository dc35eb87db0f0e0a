"""What the committee decided of the public vote, and the forms of its public record."""

from voting.rules.ballots import (
    BALLOTS_PER,
    OUTSIDE,
    PER_DAY,
    PER_POLL,
    VOID,
    judge,
    mask_phone,
    phone,
    poll_settings_ok,
    tally,
    turn,
    vote_scores,
)

__all__ = [
    "BALLOTS_PER",
    "OUTSIDE",
    "PER_DAY",
    "PER_POLL",
    "VOID",
    "judge",
    "mask_phone",
    "phone",
    "poll_settings_ok",
    "tally",
    "turn",
    "vote_scores",
]
