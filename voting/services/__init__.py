from voting.services.casting import cast
from voting.services.codes import check_code, send_code
from voting.services.counting import tally
from voting.services.paper import cast_many, read_ballots
from voting.services.polls import close_poll, open_poll, pause_poll, resume_poll, set_up_poll
from voting.services.quarantine import decide, propose
from voting.services.receipts import lookup, receipt_code

__all__ = [
    "cast",
    "cast_many",
    "check_code",
    "close_poll",
    "decide",
    "lookup",
    "open_poll",
    "pause_poll",
    "propose",
    "read_ballots",
    "receipt_code",
    "resume_poll",
    "send_code",
    "set_up_poll",
    "tally",
]
