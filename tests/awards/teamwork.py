"""An edition whose list is drawn and whose visits are planned, people who visit, and teams of them."""

from datetime import date

from awards.services import inspecting, shortlisting, teaming, teams
from tests import factories as make
from tests.awards.voted import FIELD, RECOGNISED, voted
from tests.moments import NOW

#: Working days of 2026 after NOW (2026-06-01, a Monday).
TUE, WED, THU, SAT = date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 4), date(2026, 6, 6)


def planned(**fields):
    """The edition and the visits of A, B and D by their letter."""
    edition, _nominations = voted(FIELD | {"A": ("90", 100, RECOGNISED)}, **fields)
    office = make.hat("office", edition.host)
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    visits = inspecting.plan_inspections(edition, by=office, now=NOW)
    return edition, {visit.nomination.subject_name[2]: visit for visit in visits}


def person(name):
    """Somebody who visits, known by one name."""
    return make.hat("inspector", username=f"i-{name}", full_name=name)


def team(edition, *names, others=(), by=None):
    leader, *members = (person(name).user for name in names)
    return teams.make_team(
        edition,
        leader=leader,
        members=members,
        others=list(others),
        by=by or make.hat("office", edition.host),
        now=NOW,
    )


def give(visits, to, day=TUE, slot="", **options):
    """Visits, one or several, to a team on a day."""
    visits = visits if isinstance(visits, list) else [visits]
    edition = visits[0].nomination.edition
    options = {"by": make.hat("office", edition.host), "now": NOW} | options
    return teaming.assign(
        edition, places=[teaming.Place(visit, to, day, slot) for visit in visits], **options
    )
