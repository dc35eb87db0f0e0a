"""递补考察: who left after the draw, who is next by rank, what becomes of the draw (nothing)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from awards import resultfile
from awards.models import Inspection, Referral, ShortlistAddition, ShortlistRow
from awards.rules.ranking import next_in_line, places_to_fill
from awards.services import closing_inspection, inspecting, shortlisting, topping_up
from awards.services.board import recompute
from nominations.models import Nomination
from nominations.services import advance, declaring
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories as make
from tests.awards.voted import FIELD, voted
from tests.moments import NOW
from tests.races import overtaking, told

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def drawn(field=FIELD):
    edition, nominations = voted(field)
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    return edition, nominations


def leaves(nomination, move="withdraw"):
    return advance(nomination, move, by=make.hat("office"), now=NOW, note="演示原因")


def top_up(edition, leaver, *chosen, reason="演示企业退出后按名次递补", by=None, **words):
    return topping_up.top_up(
        edition,
        instead_of=leaver,
        chosen=chosen,
        reason=reason,
        by=by or make.hat("office"),
        now=LATER,
        **words,
    )


def names(rows):
    return "".join(row.nomination.subject_name[2] for row in rows)


def seen(edition):
    proposal = topping_up.propose(edition)
    return names(proposal.leavers), proposal.places, names(proposal.following)


@pytest.mark.parametrize(
    ("size", "held", "leavers", "places"),
    [(12, 12, 0, 0), (12, 11, 1, 1), (12, 10, 2, 2), (12, 12, 1, 0), (12, 11, 2, 1), (12, 5, 0, 0)],
)
def test_as_many_are_taken_in_as_left_up_to_the_size(size, held, leavers, places):
    assert places_to_fill(size, held, leavers) == places


@pytest.mark.parametrize(
    ("ranks", "following"),
    [({}, ""), ({"C": 4, "E": 5}, "C"), ({"C": 4, "D": 4, "E": 6}, "CD"), ({"E": 9}, "E")],
)
def test_next_is_the_best_rank_and_equals_come_together(ranks, following):
    assert next_in_line(ranks) == frozenset(following)


def test_nothing_is_proposed_before_the_list_nor_while_nobody_left():
    edition, _ = voted()
    assert seen(edition) == ("", 0, "")
    edition, _ = drawn()
    assert seen(edition) == ("", 0, "C")
    assert names(topping_up.listed(edition)) == "ABD"


@pytest.mark.parametrize("move", ["withdraw", "reject"])
def test_one_that_left_is_replaced_by_the_next_in_rank(move):
    edition, nominations = drawn()
    sealed = edition.shortlist.sealed
    leaves(nominations["B"], move)
    assert seen(edition) == ("B", 1, "C")

    (addition,) = top_up(edition, nominations["B"], nominations["C"], minute="演示纪要2026-9")

    assert (addition.row.nomination, addition.instead_of) == (nominations["C"], nominations["B"])
    assert (addition.reason, addition.minute) == ("演示企业退出后按名次递补", "演示纪要2026-9")
    assert Nomination.objects.get(pk=nominations["C"].pk).state == "inspection"
    assert names(topping_up.listed(edition)) == "ABDC"
    assert seen(edition) == ("", 0, "E")
    edition.shortlist.refresh_from_db()
    assert edition.shortlist.sealed == sealed
    assert not ShortlistRow.objects.get(nomination=nominations["C"]).shortlisted
    assert recompute(edition.shortlist) == []
    assert resultfile.verify(edition.shortlist.sealed) == []


def test_it_is_on_the_record_and_the_recommender_is_told():
    edition, nominations = drawn()
    recommender = make.hat("recommender", nominations["C"].recommender.name)
    leaves(nominations["B"])
    top_up(edition, nominations["B"], nominations["C"])
    entry = AuditEntry.objects.get(act="awards.top_up")
    assert entry.detail["instead_of"] == nominations["B"].subject_key
    assert entry.detail["added"] == [nominations["C"].subject_key]
    assert (
        AuditEntry.objects.get(act="nominations.shortlist", subject_id=str(nominations["C"].pk)).detail[
            "note"
        ]
        == "综合第 4 名，递补考察（演示B企业（演示）退出）：演示企业退出后按名次递补"
    )
    sent = Notification.objects.get(event="awards.topped_up", recipient=recommender.user)
    assert sent.subject == "演示C企业（演示）已递补列入考察名单"


def test_the_added_one_is_visited_like_the_others():
    edition, nominations = drawn()
    office = make.hat("office")
    leaves(nominations["B"])
    top_up(edition, nominations["B"], nominations["C"])
    assert not Inspection.objects.exists()  # nobody's visit is planned yet
    leaves(nominations["A"])
    inspecting.plan_inspections(edition, by=office, now=NOW)
    top_up(edition, nominations["A"], nominations["E"])
    planned = Inspection.objects.values_list("nomination__subject_name", flat=True)
    assert sorted(name[2] for name in planned) == ["C", "D", "E"]


def test_one_that_was_added_and_leaves_is_replaced_in_turn():
    edition, nominations = drawn()
    leaves(nominations["B"])
    top_up(edition, nominations["B"], nominations["C"])
    leaves(nominations["C"])
    assert seen(edition) == ("C", 1, "E")
    top_up(edition, nominations["C"], nominations["E"])
    assert names(topping_up.listed(edition)) == "ABDCE"
    leaves(nominations["E"])
    assert seen(edition) == ("E", 1, "")
    with pytest.raises(Refused, match="没有可以递补的企业"):
        top_up(edition, nominations["E"])


def test_equals_come_in_together_and_one_stands_for_the_leaver():
    edition, nominations = drawn(FIELD | {"C": ("65", 70, {}), "E": ("65", 70, {})})
    leaves(nominations["A"])
    assert seen(edition) == ("A", 1, "CE")
    with pytest.raises(Refused, match="演示C企业（演示）、演示E企业（演示），与您确认的不同"):
        top_up(edition, nominations["A"], nominations["C"])
    added = top_up(edition, nominations["A"], nominations["E"], nominations["C"])
    assert [each.instead_of for each in added] == [nominations["A"], None]
    # One more than the size is there: when one leaves, nobody is missing.
    leaves(nominations["B"])
    assert seen(edition) == ("B", 0, "")
    with pytest.raises(Refused, match="不需要递补"):
        top_up(edition, nominations["B"])


def test_a_list_that_grew_by_equals_loses_one_without_a_gap():
    edition, nominations = drawn(FIELD | {"F": ("73", 63, {})})  # D and F are equal: four for a size of three
    leaves(nominations["A"])
    assert seen(edition) == ("A", 0, "C")
    leaves(nominations["F"])
    assert seen(edition) == ("AF", 1, "C")


@pytest.mark.parametrize("found", [{"verdict": "failed"}, {"disposition": "ended"}])
def test_who_was_visited_and_found_wanting_leaves_no_place(found):
    edition, nominations = drawn()
    office = make.hat("office")
    Inspection.objects.create(
        nomination=nominations["B"],
        visited_on=NOW.date(),
        problem="演示",
        recorded_at=NOW,
        recorded_by=office,
        disposed_at=NOW,
        disposed_by=office,
        disposal_reason="演示",
        **found,
    )
    leaves(nominations["B"], "reject")
    assert seen(edition) == ("", 0, "C")
    with pytest.raises(Refused, match="没有空出考察名额"):
        top_up(edition, nominations["B"], nominations["C"])


@pytest.mark.parametrize(
    ("outcome", "move", "expected"),
    [("refused", "reject", ("", 0, "C")), ("cleared", "withdraw", ("B", 1, "C"))],
)
def test_who_was_refused_after_a_referral_was_inspected_and_leaves_no_place(outcome, move, expected):
    edition, nominations = drawn()
    office = make.hat("office")
    visit = Inspection.objects.create(
        nomination=nominations["B"],
        verdict="passed",
        visited_on=NOW.date(),
        recorded_at=NOW,
        recorded_by=office,
        disposition="referred",
        disposed_at=NOW,
        disposed_by=office,
        disposal_reason="演示",
    )
    Referral.objects.create(
        nomination=nominations["B"],
        inspection=visit,
        reason="演示",
        referred_at=NOW,
        referred_by=office,
        outcome=outcome,
        outcome_reason="演示",
        decided_at=NOW,
        decided_by=make.hat("office", username="office-2"),
    )
    leaves(nominations["B"], move)
    assert seen(edition) == expected


def test_what_is_refused_changes_nothing():
    edition, nominations = drawn()
    leaves(nominations["B"])
    for chosen, words, says in (
        (["E"], {}, "与您确认的不同"),
        ([], {}, "与您确认的不同"),
        (["C"], {"reason": "  "}, "写明递补的理由"),
    ):
        with pytest.raises(Refused, match=says):
            top_up(edition, nominations["B"], *[nominations[each] for each in chosen], **words)
    with pytest.raises(Refused, match="没有空出考察名额"):
        top_up(edition, nominations["A"], nominations["C"])
    for other in (make.hat("auditor"), make.hat("inspector"), make.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            top_up(edition, nominations["B"], nominations["C"], by=other)
    assert not ShortlistAddition.objects.exists()
    assert Nomination.objects.get(pk=nominations["C"].pk).state == "voting"


def test_once_only_for_each_who_left():
    edition, nominations = drawn()
    leaves(nominations["B"])
    top_up(edition, nominations["B"], nominations["C"])
    with pytest.raises(Refused, match="已经递补过"):
        top_up(edition, nominations["B"], nominations["E"])


def test_after_the_inspection_is_closed_nobody_is_added():
    edition, nominations = drawn()
    office = make.hat("office")
    for visit in inspecting.plan_inspections(edition, by=office, now=NOW):
        Inspection.objects.filter(pk=visit.pk).update(
            verdict="passed", visited_on=NOW.date(), recorded_at=NOW, recorded_by=office
        )
    leaves(nominations["B"])
    closing_inspection.close_inspection(edition, by=office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        top_up(edition, nominations["B"], nominations["C"])


def test_what_was_added_is_kept_as_it_was_written():
    edition, nominations = drawn()
    leaves(nominations["B"])
    (addition,) = top_up(edition, nominations["B"], nominations["C"])
    for change in (
        lambda: ShortlistAddition.objects.filter(pk=addition.pk).update(reason="别的"),
        lambda: addition.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_two_offices_at_once_add_one():
    edition, nominations = drawn()
    leaves(nominations["B"])
    first, second = make.hat("office"), make.hat("office", username="另一人")
    outcomes = overtaking(
        lambda: top_up(edition, nominations["B"], nominations["C"], by=first),
        lambda: top_up(edition, nominations["B"], nominations["C"], by=second),
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert ShortlistAddition.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_next_in_line_withdraws_at_the_same_moment():
    edition, nominations = drawn()
    leaves(nominations["B"])
    recommender = make.hat("recommender", nominations["C"].recommender)
    outcomes = overtaking(
        lambda: declaring.withdraw(nominations["C"], by=recommender, now=NOW, reason="演示"),
        lambda: top_up(edition, nominations["B"], nominations["C"]),
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert seen(edition) == ("B", 1, "E")
    connection.close()
