import base64
import json
from datetime import timedelta

import altcha
import pytest

from tests.moments import NOW
from voting.models import Poll
from voting.services import proofs, tokens

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def light(monkeypatch):
    monkeypatch.setattr(proofs, "ITERATIONS", 2)
    monkeypatch.setattr(proofs, "TRIES", 4)


@pytest.fixture
def poll():
    return Poll(pk=7)


@pytest.fixture
def visit():
    return tokens.start(7, now=NOW, device="a telephone")


def solved(challenge: dict) -> str:
    found = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(found, altcha.solve_challenge(found)).to_base64()


def changed(payload: str, change) -> str:
    said = json.loads(base64.b64decode(payload))
    change(said)
    return base64.b64encode(json.dumps(said).encode()).decode()


def test_a_proof_is_good_for_its_poll_its_visit_and_its_purpose(poll, visit):
    payload = solved(proofs.challenge(poll, visit, "code", now=NOW))
    assert proofs.verify(payload, 7, visit.session, "code", now=NOW)
    assert not proofs.verify(payload, 8, visit.session, "code", now=NOW)
    assert not proofs.verify(payload, 7, "another", "code", now=NOW)
    assert not proofs.verify(payload, 7, visit.session, "cast", now=NOW)


def test_a_proof_for_casting_is_good_for_one_voter(poll, visit):
    """Else one visit computes once and casts for as many numbers as it has codes of."""
    payload = solved(proofs.challenge(poll, visit, "cast", now=NOW, voter="a"))
    nobodys = solved(proofs.challenge(poll, visit, "cast", now=NOW))
    assert proofs.verify(payload, 7, visit.session, "cast", now=NOW, voter="a")
    assert not proofs.verify(payload, 7, visit.session, "cast", now=NOW, voter="b")
    assert not proofs.verify(payload, 7, visit.session, "cast", now=NOW)
    assert not proofs.verify(nobodys, 7, visit.session, "cast", now=NOW, voter="a")


@pytest.mark.parametrize("purpose, minutes", [("code", 10), ("cast", 30)])
def test_a_proof_is_good_for_a_time(poll, visit, purpose, minutes):
    payload = solved(proofs.challenge(poll, visit, purpose, now=NOW))
    last = NOW + minutes * MINUTE - timedelta(seconds=1)
    assert proofs.verify(payload, 7, visit.session, purpose, now=last)
    assert not proofs.verify(payload, 7, visit.session, purpose, now=NOW + minutes * MINUTE)


def test_what_was_not_computed_is_no_proof(poll, visit):
    payload = solved(proofs.challenge(poll, visit, "code", now=NOW))
    changes = [
        lambda said: said["solution"].update(derivedKey="00" * 32),
        lambda said: said["solution"].update(derivedKey=said["challenge"]["parameters"]["keyPrefix"]),
        lambda said: said["solution"].update(derivedKey=None),
        lambda said: said["challenge"]["parameters"].update(cost=1),
        lambda said: said["challenge"]["parameters"].pop("keySignature"),
        lambda said: said["challenge"]["parameters"]["data"].update(until=2**40),
        lambda said: said["challenge"]["parameters"]["data"].update(session="another"),
        lambda said: said["challenge"]["parameters"]["data"].pop("voter"),
        lambda said: said["challenge"].pop("signature"),
        lambda said: said.pop("solution"),
        lambda said: said.update(challenge=[]),
    ]
    for change in changes:
        assert not proofs.verify(changed(payload, change), 7, visit.session, "code", now=NOW)
    nested = base64.b64encode(b'{"challenge":' + b"[" * 900 + b"]" * 900 + b"}").decode()
    for nonsense in ("", "x", "[]", "W10=", "MQ==", nested, payload + "A" * 2_000, None, 7, {}):
        assert not proofs.verify(nonsense, 7, visit.session, "code", now=NOW)


def test_a_proof_of_another_portal_is_none(poll, visit, settings):
    payload = solved(proofs.challenge(poll, visit, "code", now=NOW))
    settings.SECRET_KEY = "another secret of another portal, long enough"
    assert not proofs.verify(payload, 7, visit.session, "code", now=NOW)


@pytest.mark.parametrize(
    "effort, risk, times",
    [
        ("normal", 0, 1),
        ("normal", 1, 2),
        ("normal", 3, 8),
        ("raised", 0, 4),
        ("high", 0, 16),
        ("high", 1, 32),
        ("high", 3, 32),
        ("normal", 9, 32),
    ],
)
def test_effort_and_risk_double_the_work_up_to_an_end(poll, visit, effort, risk, times):
    poll.effort = effort
    for _n in range(5):
        made = altcha.Challenge.from_dict(proofs.challenge(poll, visit, "code", now=NOW, risk=risk))
        assert 2 * times <= altcha.solve_challenge(made).counter < 6 * times


@pytest.mark.parametrize(
    "production, secure, needed",
    [(True, True, True), (True, False, True), (False, True, True), (False, False, False)],
)
def test_only_a_development_machine_without_https_goes_without(settings, production, secure, needed):
    settings.PRODUCTION = production
    assert proofs.needed(secure=secure) is needed
