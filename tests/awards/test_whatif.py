"""The list that would be: right by hand, and nothing of it is ever written anywhere."""

from fractions import Fraction

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from awards.services import shortlisting, whatif
from portal.errors import Refused
from tests import factories as make
from tests.awards.voted import FIELD, freeze_review, voted
from tests.moments import NOW
from tests.voting import ground
from voting.models import Case, Poll
from voting.services import polls, quarantine

pytestmark = pytest.mark.django_db


def draw(edition, now=NOW):
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=now)
    shortlist = shortlisting.draw_shortlist(asked.pk, now=now)
    assert shortlist.status == "done", shortlist.message
    edition.refresh_from_db()
    return edition


def counted(aside=(), declined=()):
    """An edition with a real poll: A to D with 80, 75, 70 and 65 of the experts; ballots are set aside.

    Picks: A 1, B 3, C 2, D 4, of which each number in `aside` and `declined` is a ballot (0 to 9).
    """
    poll = ground.poll(closes_itself=False)
    edition, office = poll.edition, ground.office(poll.edition)
    nominations = [each.nomination for each in poll.candidates.order_by("number")]
    choices = [(1,), (2,), (2,), (2,), (3,), (3,), (4,), (4,), (4,), (4,)]
    ballots = [ground.cast(poll, picks, number=f"1990000001{n}") for n, picks in enumerate(choices)]
    for chosen, approved in ((aside, True), (declined, False)):
        if chosen:
            case = ground.propose(poll, [ballots[n] for n in chosen])
            quarantine.decide(
                case, approved=approved, by=ground.second(edition), now=ground.DURING, note="演示"
            )
    scores = dict(zip(nominations, ("80", "75", "70", "65"), strict=True))
    freeze_review(edition, scores, office, NOW)
    polls.close_poll(poll, by=office, now=ground.CLOSES)
    poll = Poll.objects.get(pk=poll.pk)
    return draw(poll.edition, ground.CLOSES), poll


def lines(found):
    return [(line.name[2], line.before.rank, line.after.rank) for line in found.lines]


def moved(found):
    return [(line.name[2], "in" if line.comes_in else "out") for line in found.moved]


def test_nothing_changed_is_the_list_itself():
    edition, _ = voted()
    found = whatif.of(draw(edition))
    assert lines(found) == [("A", 1, 1), ("B", 2, 2), ("D", 3, 3), ("C", 4, 4), ("E", 5, 5)]
    assert (found.moved, found.size) == ([], 3)


def test_other_weights():
    edition, _ = voted()
    found = whatif.of(draw(edition), weights=(0, 100))
    # By picks alone: A 100, C 70, D 63, B 50, E 10
    assert lines(found) == [("A", 1, 1), ("C", 4, 2), ("D", 3, 3), ("B", 2, 4), ("E", 5, 5)]
    assert moved(found) == [("C", "in"), ("B", "out")]
    assert (found.drawn_by.expert_weight, found.rules.expert_weight) == (70, 0)
    line = next(line for line in found.lines if line.name[2] == "B")
    assert (line.before.composite, line.after.composite, line.climbs) == (71, 50, -2)


@pytest.mark.parametrize(
    ("ratio", "size", "who"),
    [
        (Fraction(1), 2, [("D", "out")]),
        ("3/2", 3, []),
        (2, 4, [("C", "in")]),
        ("1.6", 4, [("C", "in")]),
    ],
)
def test_another_ratio(ratio, size, who):
    edition, _ = voted()
    found = whatif.of(draw(edition), ratio=ratio)
    assert (found.drawn_size, found.size) == (3, size)
    assert moved(found) == who


def test_equals_make_it_grow_and_it_says_so():
    edition, _ = voted(FIELD | {"F": ("73", 63, {})})
    found = whatif.of(draw(edition), ratio=1)
    assert (found.size, found.grew_by, found.warning) == (2, 0, None)
    found = whatif.of(edition, ratio=Fraction(3, 2))
    assert (found.size, found.grew_by) == (3, 1)
    assert "名单增加 1 家" in str(found.warning)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"weights": (70, 40)}, "合计应为 100"),
        ({"weights": (-10, 110)}, "不能小于 0"),
        ({"ratio": Fraction(1, 2)}, "不能小于 1"),
    ],
)
def test_rules_that_cannot_be_are_refused(asked, says):
    edition, _ = voted()
    with pytest.raises(Refused, match=says):
        whatif.of(draw(edition), **asked)


def test_without_a_case_that_was_approved():
    # D's four ballots were set aside: A 1, B 3, C 2, D 0. Composite: A 66, B 82.5, C 69, D 45.5.
    edition, poll = counted(aside=(6, 7, 8, 9))
    case = Case.objects.get(poll=poll)
    names = [row.nomination.subject_name for row in edition.shortlist.rows.order_by("rank")]
    found = whatif.of(edition, without=case)
    # With them D has 4 of 4: A 56 + 7.5, B 52.5 + 22.5, C 49 + 15, D 45.5 + 30.
    after = {line.name: (line.after.composite, line.after.rank) for line in found.lines}
    nominations = [each.nomination.subject_name for each in poll.candidates.order_by("number")]
    assert [after[name] for name in nominations] == [
        (Fraction("63.5"), 4),
        (75, 2),
        (64, 3),
        (Fraction("75.5"), 1),
    ]
    assert [line.before.rank for line in found.lines] == [4, 1, 2, 3]
    assert names[-1] == nominations[3]


def test_with_a_case_that_was_declined():
    edition, poll = counted(declined=(1, 2, 3))
    found = whatif.of(edition, with_=Case.objects.get(poll=poll))
    b = poll.candidates.get(number=2).nomination.subject_name
    line = next(line for line in found.lines if line.name == b)
    assert (line.before.picks, line.after.picks) == (3, 0)


def test_one_case_at_a_time_and_only_of_this_poll():
    edition, poll = counted(aside=(0,), declined=(1,))
    approved, declined = Case.objects.filter(poll=poll).order_by("number")
    with pytest.raises(Refused, match="只能改变一案"):
        whatif.of(edition, without=approved, with_=declined)
    with pytest.raises(Refused, match="第 2 号案"):
        whatif.of(edition, without=declined)
    other, _ = voted()
    with pytest.raises(Refused, match="没有可以重新计票的投票记录"):
        whatif.of(draw(other), without=approved)


def test_ballots_that_do_not_come_to_the_frozen_count_are_not_counted_again():
    edition, poll = counted(aside=(0,))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        poll.ballots.filter(picks=[4]).update(picks=[3])
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(Refused, match="与冻结的计票不符"):
        whatif.of(edition, without=Case.objects.get(poll=poll))


def test_there_is_nothing_to_ask_before_the_list():
    edition, _ = voted()
    with pytest.raises(Refused, match="还没有生成"):
        whatif.of(edition)


ROWS = "SELECT count(*), md5(coalesce(string_agg(one::text, '|' ORDER BY one::text), '')) FROM {} one"


def every_row():
    """Of every table how many rows there are, and a digest of all of them."""
    held = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(ROWS.format(connection.ops.quote_name(table)))
            held[table] = cursor.fetchone()
    return held


def test_asking_leaves_every_row_of_every_table_as_it_was():
    edition, poll = counted(aside=(6, 7), declined=(1,))
    approved, declined = Case.objects.filter(poll=poll).order_by("number")
    before = every_row()
    assert len(before) > len(list(apps.get_models())) / 2
    for asked in (
        {},
        {"weights": (0, 100)},
        {"ratio": 4},
        {"without": approved, "weights": (50, 50)},
        {"with_": declined, "ratio": 1},
    ):
        whatif.of(edition, **asked)
    with pytest.raises(Refused):
        whatif.of(edition, ratio=0)
    assert every_row() == before


def test_the_database_refuses_every_write_while_one_looks():
    edition, _ = voted()
    draw(edition)
    writes = (
        lambda: edition.shortlist.save(),
        lambda: edition.shortlist.rows.update(shortlisted=True),
        lambda: edition.shortlist.rows.all().delete(),
        lambda: make.hat("auditor", username="新人"),
        lambda: list(edition.shortlist.rows.select_for_update()),
    )
    for write in writes:
        with pytest.raises(DatabaseError, match="read-only"), whatif.looking_only():
            write()
    edition.shortlist.rows.update(shortlisted=True)  # outside it is as before


def test_what_is_asked_is_asked_where_nothing_can_be_written():
    edition, poll = counted(aside=(6,))
    said = []

    def listen(execute, sql, params, many, context):
        said.append(sql)
        return execute(sql, params, many, context)

    case = Case.objects.get(poll=poll)
    with connection.execute_wrapper(listen):
        whatif.of(edition, weights=(50, 50), ratio=1, without=case)
    asked = [sql for sql in said if "SAVEPOINT" not in sql]
    assert asked[0] == "SET TRANSACTION READ ONLY"
    assert len(asked) > 3
    assert all(sql.strip().startswith("SELECT") for sql in asked[1:])


@pytest.mark.django_db(transaction=True)
def test_alone_it_ends_as_it_began():
    edition, _ = voted()
    draw(edition)
    whatif.of(edition, weights=(50, 50))
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)
    with transaction.atomic():
        edition.shortlist.save()
