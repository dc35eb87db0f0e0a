"""Proofs of work for the benches: signed as the portal signs them, easy to find, as dear to verify as any."""

from base64 import b64encode
from json import dumps

import altcha

from voting.services import proofs

# How long a telephone computed is no business of the server: it reads one solution, whatever it cost.
proofs.ITERATIONS, proofs.TRIES = 1, 1


def proof_of(poll, visit, voter, now) -> str:
    asked = altcha.Challenge.from_dict(proofs.challenge(poll, visit, proofs.CAST, now=now, voter=voter))
    found = altcha.solve_challenge(asked)
    payload = {
        "challenge": asked.to_dict(),
        "solution": {"counter": found.counter, "derivedKey": found.derived_key, "time": 1},
    }
    return b64encode(dumps(payload).encode()).decode()
