"""Two at once around the panel, on real PostgreSQL."""

import pytest

from portal.errors import Refused
from review import services
from review.models import Conflict, Draw, Expert, OfficeRecusal, PanelMember, ScoreSheet
from review.services import conflicts, office_recusals, register
from review.services.drawing import Criteria, answer_invitation, draw_panel, preview_draw
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare
from tests.review.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool():
    edition = factories.edition(seats=2, nominees=2)
    hats = [factories.hat("expert", username=f"expert{n}") for n in range(1, 5)]
    for n, hat in enumerate(hats, start=1):
        Expert.objects.create(user=hat.user, name=f"专家{n}（演示）")
    return edition, factories.hat("office"), hats


@pytest.mark.parametrize("seeds", [("s", "s"), ("s", "t")])
def test_two_draws_at_once_make_one_panel(pool, seeds):
    edition, office, _hats = pool
    criteria = Criteria(size=2, reserves=1)
    shown = preview_draw(edition, criteria).digest

    def draw(seed):
        return lambda: draw_panel(edition, criteria, seed=seed, shown=shown, by=office, now=NOW)

    outcomes = at_once(*(draw(seed) for seed in seeds))
    assert len(refusals(outcomes)) == 1, outcomes
    assert Draw.objects.count() == 1
    assert PanelMember.objects.count() == 3


def test_an_invitation_is_answered_once(pool):
    edition, office, _hats = pool
    draw_panel(edition, Criteria(size=1, reserves=1), seed="s", by=office, now=NOW)
    member = edition.panel.get(standing="invited")
    own = next(hat for hat in _hats if hat.user_id == member.user_id)
    outcomes = at_once(
        lambda: answer_invitation(member, accept=True, by=own, now=NOW),
        lambda: answer_invitation(member, accept=False, reason="出差", by=office, now=NOW),
    )
    assert len(refusals(outcomes)) == 1, outcomes
    assert "已经答复过" in str(refusals(outcomes)[0])
    member.refresh_from_db()
    invited = edition.panel.filter(standing="invited").count()
    assert (member.standing, invited) in {("seated", 0), ("declined", 1)}


@pytest.mark.parametrize("_round", range(4))
def test_a_conflict_pinned_while_the_sheet_is_handed_in(reviewed, _round):
    """Whichever comes first: the sheet is refused, or it is on file and counts no more."""
    declare(reviewed, 0, 0)
    task = assignment(reviewed, 0, 0)
    scores = {"mechanism": "80", "platform": "80", "effect": "80"}
    pinned, handed_in = at_once(
        lambda: conflicts.pin(
            task.member, task.nomination, conflict=True, reason="演示", by=reviewed.office, now=NOW
        ),
        lambda: services.submit_sheet(task, scores=scores, version=0, by=reviewed.experts[0], now=NOW),
    )
    assert isinstance(pinned, Conflict)
    assert isinstance(handed_in, Refused | ScoreSheet)
    standings = services.preview_review(reviewed.edition).standings
    mine = next(each for each in standings if each.nomination.pk == task.nomination_id)
    assert mine.outcome.valid == 0
    assert ScoreSheet.objects.filter(submitted_at__isnull=False).exists() is isinstance(handed_in, ScoreSheet)


def test_the_same_person_is_entered_once(pool):
    _edition, office, _hats = pool

    def add():
        return register.add_expert(name="演示新", employer="演示大学", by=office, now=NOW)

    outcomes = at_once(add, add)
    assert len(refusals(outcomes)) == 1, outcomes
    assert Expert.objects.filter(name="演示新").count() == 1


def test_stepping_aside_is_recorded_once(pool):
    edition, office, _hats = pool
    nomination = factories.nomination(edition, 1, state="review")

    def record():
        return office_recusals.record(nomination, office.user, reason="演示", by=office, now=NOW)

    outcomes = at_once(record, record)
    assert len(refusals(outcomes)) == 1, outcomes
    assert OfficeRecusal.objects.count() == 1
