"""公众投票: the poll, its ballots, what was set aside, the public record, the frozen tally."""

from voting.models.ballots import Alarm, Ballot, Case, Home, Quarantine, RefusedBallots
from voting.models.codes import Delivery, PhoneCode
from voting.models.polls import Candidate, Effort, Poll
from voting.models.record import Checkpoint, Entry, Publication, Tile, Waiting
from voting.models.results import Result, ResultRow
from voting.models.watch import Watch

__all__ = [
    "Alarm",
    "Ballot",
    "Candidate",
    "Case",
    "Checkpoint",
    "Delivery",
    "Effort",
    "Entry",
    "Home",
    "PhoneCode",
    "Poll",
    "Publication",
    "Quarantine",
    "RefusedBallots",
    "Result",
    "ResultRow",
    "Tile",
    "Waiting",
    "Watch",
]
