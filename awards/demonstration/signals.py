"""What the demonstration's visits look like to detection: telephones, stays, where numbers are from.

Drawn apart, so that nothing else of the demonstration moves.
"""

from datetime import datetime
from random import Random

from voting.models import Home, Poll
from voting.services.casting import Signals
from voting.services.detecting import detect
from voting.services.keys import block_key
from voting.services.sequencing import sequence

#: How many telephones cast the ballots of a burst.
FARM = 4


def phone(number: int, *, burst: bool) -> str:
    """The number of the `number`-th voter: anywhere in a hundred million, one after another in a burst."""
    return f"1995550{number:04d}" if burst else f"199{number * 61_803_399 % 10**8:08d}"


def of(poll: Poll, number: int, phone: str, *, burst: bool) -> Signals:
    """The `number`-th visit: a telephone of its own and time to read; in a burst neither."""
    random = Random(f"signals {poll.pk} {number}")
    if burst:
        return Signals(f"farm {number % FARM}", block_key(poll, phone), Home.LOCAL, random.randint(3, 6))
    home = random.choices((Home.LOCAL, Home.AWAY, Home.VIRTUAL), (90, 8, 2))[0]
    dwell = min(3600, round(random.lognormvariate(4.4, 0.7)))
    return Signals(f"telephone {number}", block_key(poll, phone), home, dwell)


def watch(poll: Poll, *, now: datetime) -> None:
    """What the worker does every few seconds of a running poll: the log, and a look at the ballots."""
    sequence(poll.pk, now=now)
    detect(poll, now=now)
