"""The machine: every state × every move by hand, races with one winner, no way around the door."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from nominations.models import Nomination
from nominations.services import advance
from nominations.states import State
from nominations.workflow import Workflow
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories as make

STATES = (
    *("draft", "recommendation", "screening", "review", "voting"),
    *("inspection", "publicity", "named", "rejected", "withdrawn"),
)
MOVES = (
    *("submit", "recommend", "send_back", "repair", "qualify", "put_to_vote"),
    *("shortlist", "publish", "honour", "reject", "withdraw"),
    *("refer", "reinstate", "unpublish"),
)
#: What follows; whatever is not here is refused.
EXPECTED = {
    ("draft", "submit"): "recommendation",
    ("draft", "repair"): "screening",
    ("draft", "withdraw"): "withdrawn",
    ("recommendation", "recommend"): "screening",
    ("recommendation", "send_back"): "draft",
    ("recommendation", "withdraw"): "withdrawn",
    ("screening", "qualify"): "review",
    ("screening", "send_back"): "draft",
    ("screening", "reject"): "rejected",
    ("screening", "withdraw"): "withdrawn",
    ("screening", "reinstate"): "inspection",
    ("review", "put_to_vote"): "voting",
    ("review", "reject"): "rejected",
    ("review", "withdraw"): "withdrawn",
    ("voting", "shortlist"): "inspection",
    ("voting", "reject"): "rejected",
    ("voting", "withdraw"): "withdrawn",
    ("inspection", "publish"): "publicity",
    ("inspection", "refer"): "screening",
    ("inspection", "reject"): "rejected",
    ("inspection", "withdraw"): "withdrawn",
    ("publicity", "honour"): "named",
    ("publicity", "unpublish"): "inspection",
    ("publicity", "reject"): "rejected",
    ("publicity", "withdraw"): "withdrawn",
}


def test_the_table_names_every_state_and_every_move():
    assert {state.value for state in State} == set(STATES)
    moves = {name for name in vars(Workflow) if hasattr(getattr(Workflow, name), "_django_fsm")}
    assert moves == set(MOVES)


@pytest.mark.django_db
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", STATES)
def test_what_may_follow_what(state, move, now):
    made = make.nomination(make.edition(), 1, state=state)
    before = AuditEntry.objects.count()
    office = make.hat("office")
    target = EXPECTED.get((state, move))
    if target is None:
        with pytest.raises(Refused, match="不能再作此处理"):
            advance(made, move, by=office, now=now, note="演示理由")
        assert Nomination.objects.get(pk=made.pk).state == state
        assert AuditEntry.objects.count() == before
        return
    moved = advance(made, move, by=office, now=now, note="演示理由")
    assert moved.state == Nomination.objects.get(pk=made.pk).state == target
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.nomination_id) == (f"nominations.{move}", made.pk)
    assert entry.detail == {"before": state, "after": target, "note": "演示理由"}
    assert AuditEntry.objects.count() == before + 1


@pytest.mark.django_db
def test_an_ending_keeps_its_reason(now):
    edition = make.edition()
    for n, (move, state) in enumerate((("reject", "screening"), ("withdraw", "draft")), start=1):
        moved = advance(
            make.nomination(edition, n, state=state), move, by=make.hat("office"), now=now, note="缺页"
        )
        assert moved.ended_reason == "缺页"


@pytest.mark.django_db
def test_a_move_needs_the_hat_whose_move_it_is(now):
    from django.core.exceptions import PermissionDenied

    made = make.nomination(make.edition(), 1, state="screening", recommender="市南区")
    for role, place in (
        *(("recommender", "市南区"), ("recommender", "市北区"), ("office", "市北区"), ("department", None)),
        *(("expert", None), ("inspector", None), ("auditor", None), ("admin", None), ("public", None)),
    ):
        with pytest.raises(PermissionDenied):
            advance(made, "qualify", by=make.hat(role, place), now=now)
    assert Nomination.objects.get(pk=made.pk).state == "screening"


@pytest.mark.django_db
def test_there_is_no_way_around_the_door(now):
    made = make.nomination(make.edition(), 1)
    with pytest.raises(AttributeError):
        made.state = "named"
    with pytest.raises(TypeError):
        Nomination.objects.filter(pk=made.pk).update(state="named")
    with pytest.raises(TypeError):
        Nomination.objects.filter(pk=made.pk).update(rank=1, state="named")
    assert Nomination.objects.get(pk=made.pk).state == "draft"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'somewhere'", "a_nomination_is_in_a_known_state"),
        ("state = 'rejected', ended_reason = ''", "a_rejection_has_a_reason"),
    ],
)
def test_the_database_keeps_states_sound(change, constraint):
    made = make.nomination(make.edition(), 1)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE nominations_nomination SET {change} WHERE id = %s", [made.pk])


@pytest.mark.django_db
def test_one_subject_stands_once_unless_it_was_withdrawn(now):
    edition = make.edition()
    first = make.nomination(edition, 1)
    with pytest.raises(IntegrityError, match="one_live_nomination_of_a_subject"), transaction.atomic():
        make.nomination(edition, 1)
    advance(first, "withdraw", by=make.hat("office"), now=now, note="重报")
    assert make.nomination(edition, 1).state == "draft"


ROWS, ROUNDS = 4, 250


@pytest.mark.django_db(transaction=True)
def test_a_thousand_races_of_two_conflicting_moves_have_one_winner_each(now):
    """Two threads with connections of their own meet at a barrier; each move forbids the other."""
    edition, office = make.edition(), make.hat("office")
    rows = [make.nomination(edition, n, state="screening") for n in range(1, ROWS + 1)]
    races = [row for _round in range(ROUNDS) for row in rows]
    start, wins, surprises = threading.Barrier(2), {"qualify": [], "send_back": []}, []

    def racer(move):
        try:
            for number, row in enumerate(races):
                start.wait(20)
                try:
                    advance(row, move, by=office, now=now, note="竞争")
                except Refused:
                    pass
                else:
                    wins[move].append(number)
                start.wait(20)
                if move == "qualify":
                    _back_to_the_start(row.pk)
                start.wait(20)
        except Exception as surprise:
            surprises.append(surprise)
            start.abort()
        finally:
            connections.close_all()

    before = AuditEntry.objects.count()
    racers = [threading.Thread(target=racer, args=(move,)) for move in wins]
    for each in racers:
        each.start()
    for each in racers:
        each.join(120)
    assert surprises == []
    assert sorted(wins["qualify"] + wins["send_back"]) == list(range(ROWS * ROUNDS))
    assert wins["qualify"] and wins["send_back"], "the races were never close"
    assert AuditEntry.objects.count() == before + ROWS * ROUNDS


def _back_to_the_start(pk):
    """Behind the machine's back, and only here, so that the same row is raced for again."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nominations_nomination SET state = 'screening' WHERE id = %s", [pk])


# What an edition leaves out → where each of these moves leads; "" where it is refused.
SHORTENED = {
    ("review",): {
        ("screening", "qualify"): "voting",
        ("review", "put_to_vote"): "voting",
        ("review", "shortlist"): "",
        ("voting", "shortlist"): "inspection",
        ("voting", "publish"): "",
        ("inspection", "publish"): "publicity",
        ("publicity", "unpublish"): "inspection",
    },
    ("voting",): {
        ("screening", "qualify"): "review",
        ("review", "put_to_vote"): "",
        ("review", "shortlist"): "inspection",
        ("review", "publish"): "",
        ("inspection", "publish"): "publicity",
        ("publicity", "unpublish"): "inspection",
    },
    ("inspection",): {
        ("screening", "qualify"): "review",
        ("review", "put_to_vote"): "voting",
        ("review", "publish"): "",
        ("voting", "shortlist"): "",
        ("voting", "publish"): "publicity",
        ("publicity", "unpublish"): "voting",
    },
    ("voting", "inspection"): {
        ("screening", "qualify"): "review",
        ("review", "put_to_vote"): "",
        ("review", "shortlist"): "",
        ("review", "publish"): "publicity",
        ("publicity", "unpublish"): "review",
    },
    ("review", "inspection"): {
        ("screening", "qualify"): "voting",
        ("voting", "shortlist"): "",
        ("voting", "publish"): "publicity",
        ("publicity", "unpublish"): "voting",
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize("off", SHORTENED, ids="+".join)
def test_what_may_follow_what_where_steps_are_left_out(off, now):
    weights = {"review": (0, 100), "voting": (100, 0)}
    expert, vote = next((weights[step] for step in off if step in weights), (70, 30))
    edition = make.edition(off=off, expert_weight=expert, vote_weight=vote)
    # A nomination is brought to its state where all steps are there: the way leads through them.
    whole = make.edition()
    for n, ((state, move), target) in enumerate(SHORTENED[off].items(), start=1):
        made = make.nomination(whole, n, state=state)
        Nomination.objects.filter(pk=made.pk).update(edition=edition)
        if target:
            assert advance(made, move, by=make.hat("office"), now=now).state == target, (state, move)
        else:
            with pytest.raises(Refused, match="不能再作此处理"):
                advance(made, move, by=make.hat("office"), now=now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("off", "weights", "why"),
    [
        (("recommendation",), (70, 30), "不能停用"),
        (("screening",), (70, 30), "不能停用"),
        (("publicity",), (70, 30), "不能停用"),
        (("review", "voting"), (70, 30), "至少启用一项"),
        (("review", "voting", "inspection"), (100, 0), "至少启用一项"),
        (("review",), (70, 30), "不设专家评审"),
        (("voting",), (70, 30), "不设公众投票"),
        ((), (60, 30), "之和应为 100"),
    ],
)
def test_an_edition_that_cannot_be_run_is_not_set_up(off, weights, why):
    with pytest.raises(Refused, match=why):
        make.edition(off=off, expert_weight=weights[0], vote_weight=weights[1])
