"""Whatever two people propose, decide and undo: valid is cast less set aside, for every candidate too."""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.errors import Refused
from tests.voting import ground
from voting.models import Case, Quarantine
from voting.services import counting, quarantine

pytestmark = pytest.mark.django_db
GROUNDS = ("burst", "device", "other")
CHOICES = [(1,), (1, 2), (2, 3), (3,), (2,), (1, 3)]
places = st.sets(st.integers(0, len(CHOICES) - 1), min_size=1)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("propose"), st.sampled_from(["set_aside", "restore"]), places, st.sampled_from(GROUNDS)
        ),
        st.tuples(st.just("decide"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("undo"), st.integers(0, 9)),
    ),
    max_size=14,
)


class Model:
    """The same in plain sets: which ballot is aside on which grounds, and who touched it last."""

    def __init__(self):
        self.aside, self.last, self.cases = {}, {}, []

    def able(self, kind, chosen):
        return {n for n in chosen if (n in self.aside) == (kind == "restore")}

    def propose(self, kind, chosen, grounds, undoes=None):
        chosen = self.able(kind, chosen)
        if chosen:
            self.cases.append([kind, chosen, grounds, "", undoes])
        return bool(chosen)

    def decide(self, number, approved):
        case = self.cases[number]
        kind, chosen, grounds, decision, _undoes = case
        chosen = self.able(kind, chosen)
        if decision or (approved and not chosen):
            return False
        case[3] = "approved" if approved else "declined"
        for n in chosen if approved else ():
            self.last[n] = number
            if kind == "set_aside":
                self.aside[n] = grounds
            else:
                del self.aside[n]
        return True

    def undo(self, number):
        kind, chosen, grounds, decision, _undoes = self.cases[number]
        if decision != "approved" or any(c[4] == number and not c[3] for c in self.cases):
            return False
        mine = {n for n in chosen if self.last.get(n) == number}
        return self.propose("restore" if kind == "set_aside" else "set_aside", mine, grounds, number)


def perform(poll, model, ballots, step):
    """Whether the portal did it, and whether the model says it should."""
    by, second = ground.office(poll.edition), ground.second(poll.edition)
    cases = list(Case.objects.filter(poll=poll).order_by("number"))
    if step[0] == "propose":
        _word, kind, chosen, grounds = step
        expected = model.propose(kind, chosen, grounds)
        act = lambda: ground.propose(poll, [ballots[n] for n in chosen], kind=kind, grounds=grounds)  # noqa: E731
    elif not cases:
        return True
    elif step[0] == "decide":
        case = cases[step[1] % len(cases)]
        expected = model.decide(case.number - 1, step[2])
        act = lambda: quarantine.decide(  # noqa: E731
            case,
            approved=step[2],
            by=second if case.proposed_by == by else by,
            now=ground.DURING,
            note="演示",
        )
    else:
        case = cases[step[1] % len(cases)]
        expected = model.undo(case.number - 1)
        act = lambda: quarantine.propose_undo(case, reason="演示", by=second, now=ground.DURING)  # noqa: E731
    try:
        with transaction.atomic():
            act()
    except Refused:
        return not expected
    return expected


def test_nothing_is_lost_whatever_is_proposed_decided_and_undone():
    poll = ground.poll()
    ballots = [ground.cast(poll, picks, number=f"1990000000{n}") for n, picks in enumerate(CHOICES)]
    everything = Counter(n for picks in CHOICES for n in picks)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(steps)
    def any_sequence(taken):
        with transaction.atomic():
            model = Model()
            for step in taken:
                assert perform(poll, model, ballots, step), step
            found, tally = counting.figures(poll), counting.tally(poll)
            assert (found.cast, found.set_aside) == (len(CHOICES), len(model.aside))
            assert dict(found.grounds) == dict(Counter(model.aside.values()))
            aside = counting.picks_aside(poll)
            expected: dict = {}
            for n, grounds in model.aside.items():
                for candidate in CHOICES[n]:
                    expected.setdefault(candidate, Counter())[grounds] += 1
            assert aside == {number: dict(each) for number, each in expected.items()}
            for number in range(1, 5):
                assert tally[number] + sum(aside.get(number, {}).values()) == everything[number]
            approved = Case.objects.filter(poll=poll, decision="approved").count()
            assert Quarantine.objects.filter(poll=poll).count() == approved
            assert list(poll.cases.values_list("number", flat=True)) == list(range(1, len(model.cases) + 1))
            transaction.set_rollback(True)

    any_sequence()
