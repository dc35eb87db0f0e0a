"""Two at once: one person in two editions, letters twice, a declaration beside an assignment."""

import pytest

from awards.models import Inspection, IssuedPaper
from awards.services import inspector_conflicts, letters
from tests import factories as make
from tests.awards.teamwork import TUE, WED, give, person, planned, team
from tests.moments import NOW
from tests.races import overtaking, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_offices_at_once_do_not_send_one_person_to_two_places():
    city, at_city = planned()
    district, at_district = planned(host="市南区")
    one, two = team(city, "演示甲", "演示乙"), team(district, "演示甲", "演示丙")
    outcomes = overtaking(
        lambda: give(at_city["A"], one, TUE, "am"), lambda: give(at_district["A"], two, TUE, "am")
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert Inspection.objects.filter(planned_on=TUE).count() == 1


def test_letters_asked_for_twice_at_once_are_issued_once():
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙"), TUE)

    def issue():
        return letters.issue_letters(edition, by=make.hat("office"), now=NOW)

    outcomes = overtaking(issue, issue)
    assert [told(each) for each in outcomes] == [False, True]
    assert IssuedPaper.objects.count() == 2


def test_who_is_pinned_while_the_visit_is_given_out_is_not_on_it():
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙", "演示丙")
    office, user = make.hat("office"), person("演示丙").user

    def pin():
        return inspector_conflicts.pin(
            visits["A"].nomination, user, conflict=True, reason="亲属", by=office, now=NOW
        )

    def send(day):
        return lambda: give(visits["A"], row, day)

    for first, second in ((send(TUE), pin), (pin, send(WED))):
        assert [told(each) for each in overtaking(first, second)] == [False, False]
        assert Inspection.objects.get(pk=visits["A"].pk).member_names == "演示乙"
