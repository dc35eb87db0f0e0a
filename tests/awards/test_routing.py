"""The calendar of the visits, the way of a day, days and teams proposed."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Inspection
from awards.services import inspector_conflicts, proposing, routing, teaming, visit_calendar
from nominations.services import advance
from portal.errors import Refused
from portal.models import AuditEntry
from portal.workdays import YearNotPublished
from tests import factories as make
from tests.awards.teamwork import SAT, THU, TUE, WED, give, person, planned, team
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.hat("office")


def live_in(visit, division):
    visit.nomination.declaration.division_name = division
    visit.nomination.declaration.save()


def letters(visits):
    return "".join(visit.nomination.subject_name[2] for visit in visits)


def test_the_way_of_a_day_goes_district_by_district(office):
    edition, visits = planned()
    # By rank: A 93, B 71, D 70.
    for letter, division in {"A": "崂山区", "B": "市北区", "D": "崂山区"}.items():
        live_in(visits[letter], division)
    row = team(edition, "演示甲", "演示乙")
    give(list(visits.values()), row, TUE)
    [way] = routing.routes(edition, office, TUE)
    assert (letters(way.visits), way.divisions, way.team) == ("ADB", ["崂山区", "市北区"], row)
    assert [visit.route for visit in way.visits] == [1, 2, 3]
    give(visits["A"], row, WED)
    assert letters(routing.routes(edition, office, TUE)[0].visits) == "BD"
    assert letters(routing.routes(edition, office, WED)[0].visits) == "A"


def test_the_office_puts_a_day_in_its_own_order(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give([visits["A"], visits["B"]], row, TUE, "am")
    give(visits["D"], row, TUE, "pm")
    put = [visits[each].pk for each in "BAD"]
    routing.set_route(edition, row, TUE, order=put, by=office, now=NOW)
    assert letters(routing.routes(edition, office, TUE)[0].visits) == "BAD"
    assert AuditEntry.objects.get(act="awards.set_route").detail["team"] == "第1考察组"
    with pytest.raises(Refused, match=r"“演示D企业.*在下午"):
        routing.set_route(edition, row, TUE, order=[put[2], put[0], put[1]], by=office, now=NOW)
    with pytest.raises(Refused, match="请刷新页面"):
        routing.set_route(edition, row, TUE, order=put[:2], by=office, now=NOW)
    with pytest.raises(PermissionDenied):
        routing.set_route(edition, row, TUE, order=put, by=person("演示甲"), now=NOW)


def test_what_comes_to_a_day_later_leaves_the_order_of_the_office(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give([visits["A"], visits["B"]], row, TUE)
    routing.set_route(edition, row, TUE, order=[visits[each].pk for each in "BA"], by=office, now=NOW)
    give(visits["D"], row, TUE)
    [way] = routing.routes(edition, office, TUE)
    assert (letters(way.visits), [visit.route for visit in way.visits]) == ("BAD", [1, 2, 3])
    # One that leaves the day leaves the others in their order.
    give(visits["A"], row, WED)
    assert letters(routing.routes(edition, office, TUE)[0].visits) == "BD"


def test_what_comes_for_the_morning_goes_before_the_afternoon(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give([visits["A"], visits["B"]], row, TUE, "pm")
    routing.set_route(edition, row, TUE, order=[visits[each].pk for each in "BA"], by=office, now=NOW)
    give(visits["D"], row, TUE, "am")
    assert letters(routing.routes(edition, office, TUE)[0].visits) == "DBA"


def test_an_inspector_sees_the_own_days_alone(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁")
    give(visits["A"], one, TUE)
    give(visits["B"], two, TUE)
    assert [way.team for way in routing.routes(edition, office, TUE)] == [one, two]
    assert [way.team for way in routing.routes(edition, person("演示丁"), TUE)] == [two]
    plan = visit_calendar.calendar_of(edition, person("演示丁"), today=TUE)
    assert [each.name for each in plan.teams] == ["第2考察组"]


def test_the_calendar_has_days_teams_load_and_what_is_left(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁")
    give(visits["A"], one, TUE)
    give(visits["B"], one, date(2026, 6, 9), off_days_confirmed=True)
    plan = visit_calendar.calendar_of(edition, office, today=WED)
    # The weekend between is not there; nothing is planned on it.
    assert [day.day.day for day in plan.days] == [2, 3, 4, 5, 8, 9]
    assert [(day.works, day.today) for day in plan.days][:2] == [(True, False), (True, True)]
    assert [[letters(cell) for cell in day.cells] for day in plan.days] == [
        ["A", ""], ["", ""], ["", ""], ["", ""], ["", ""], ["B", ""],
    ]  # fmt: skip
    assert plan.loads == [(one, 2, 0), (two, 0, 0)]
    assert letters(plan.undated) == "D"
    assert plan.collisions == []
    give(visits["D"], one, SAT, off_days_confirmed=True)
    plan = visit_calendar.calendar_of(edition, office, today=WED)
    assert [(day.day, day.works) for day in plan.days if day.works is False] == [(SAT, False)]


def test_collisions_and_full_days_are_said(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁")
    give(list(visits.values()), one, TUE, "am")
    plan = visit_calendar.calendar_of(edition, office, today=TUE)
    assert plan.overloads == [("第1考察组", TUE, 3)]
    # As it may come from two offices that did not know of each other.
    give(visits["B"], two, TUE, "pm", reason="分担")
    Inspection.objects.get(pk=visits["B"].pk).inspectors.add(person("演示甲").user)
    Inspection.objects.filter(pk=visits["B"].pk).update(slot="am")
    [said] = visit_calendar.calendar_of(edition, office, today=TUE).collisions
    assert said.params["person"] == "演示甲"


def test_the_calendar_of_a_year_that_is_not_published_says_so_and_shows_the_visits(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙"), date(2031, 6, 3), off_days_confirmed=True)
    [day] = visit_calendar.calendar_of(edition, office, today=TUE).days
    assert (day.works, day.count) == (None, 1)


@pytest.mark.parametrize("size", [1, 3])
def test_the_calendar_costs_the_same_however_many_visits(office, size, django_assert_num_queries):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    for letter in "ABD"[:size]:
        give(visits[letter], row, TUE)
    with django_assert_num_queries(4):
        visit_calendar.calendar_of(edition, office, today=TUE)


def taken(edition, proposed, office):
    teams = {row.pk: row for row in edition.teams.all()}
    return teaming.assign(
        edition,
        places=[
            teaming.Place(visit, teams[place.team], place.day, place.slot)
            for visit, place in proposed.rows
            if place
        ],
        by=office,
        now=NOW,
    )


def test_a_proposal_keeps_nothing_until_it_is_taken(office):
    edition, visits = planned()
    team(edition, "演示甲", "演示乙")
    team(edition, "演示丙", "演示丁")
    live_in(visits["A"], "崂山区")
    first = proposing.propose(edition, starts=TUE, ends=THU, seed="1")
    again = proposing.propose(edition, starts=TUE, ends=THU, seed="1")
    assert [place for _visit, place in first.rows] == [place for _visit, place in again.rows]
    assert not Inspection.objects.exclude(planned_on=None).exists()
    assert (first.barred, first.crowded, first.days) == ([], [], [TUE, WED, THU])
    days = {visit.nomination.subject_name[2]: (place.team, place.day) for visit, place in first.rows}
    assert days["B"] == days["D"] != days["A"]
    taken(edition, first, office)
    assert Inspection.objects.filter(planned_on=TUE, team__isnull=False).count() == 3
    assert proposing.propose(edition, starts=TUE, ends=THU).rows == []


def test_one_that_left_the_step_is_planned_no_more(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give([visits["A"], visits["B"]], row, TUE)
    for letter in "AD":
        advance(visits[letter].nomination, "withdraw", by=make.hat("recommender"), now=NOW, note="退出")
    plan = visit_calendar.calendar_of(edition, office, today=TUE)
    assert ([letters(cell) for day in plan.days for cell in day.cells], plan.undated) == (["B"], [])
    assert letters(routing.routes(edition, office, TUE)[0].visits) == "B"
    assert proposing.propose(edition, starts=TUE, ends=THU).rows == []
    with pytest.raises(Refused, match="已不在考察环节"):
        give(visits["D"], row, WED)


def test_a_proposal_leaves_out_days_off_and_teams_that_may_not(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁")
    for letter in "ABD":
        inspector_conflicts.pin(
            visits[letter].nomination, person("演示甲").user, conflict=True, reason="x", by=office, now=NOW
        )
    inspector_conflicts.pin(
        visits["D"].nomination, person("演示丙").user, conflict=True, reason="x", by=office, now=NOW
    )
    found = proposing.propose(edition, starts=date(2026, 6, 5), ends=date(2026, 6, 8), per_day=1)
    assert found.days == [date(2026, 6, 5), date(2026, 6, 8)]
    assert {place.team for _visit, place in found.rows if place} == {two.pk}
    assert letters(found.barred) == "D"
    assert one.pk not in {place.team for _visit, place in found.rows if place}
    found = proposing.propose(edition, starts=date(2026, 6, 5), ends=date(2026, 6, 7), per_day=1)
    assert letters(found.crowded) == "B"


@pytest.mark.parametrize(
    ("starts", "ends", "per_day", "sentence"),
    [
        (THU, TUE, 2, "早于开始日期"),
        (SAT, date(2026, 6, 7), 2, "没有工作日"),
        (TUE, date(2026, 12, 31), 2, "相隔超过 62 天"),
        (TUE, THU, 0, "每组每天安排 1 至 4 家"),
    ],
)
def test_what_cannot_be_proposed_with_is_said(office, starts, ends, per_day, sentence):
    edition, _visits = planned()
    with pytest.raises(Refused, match="还没有考察组"):
        proposing.propose(edition, starts=TUE, ends=THU)
    team(edition, "演示甲", "演示乙")
    with pytest.raises(Refused, match=sentence):
        proposing.propose(edition, starts=starts, ends=ends, per_day=per_day)
    with pytest.raises(YearNotPublished):
        proposing.propose(edition, starts=date(2031, 6, 2), ends=date(2031, 6, 3))
