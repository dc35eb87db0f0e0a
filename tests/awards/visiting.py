"""A visit given to two inspectors of their own accounts, ready to be written on or to be signed."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from awards.models import Inspection
from awards.services import inspecting, inspector_conflicts, shortlisting, teaming, teams, visiting
from tests import factories as make
from tests.awards.voted import voted
from tests.moments import NOW

TODAY = date(2026, 6, 1)


def given(name="A"):
    """(visit, leader, member): planned, and given to 演示组长 and 演示成员, each with an account."""
    office = make.hat("office")
    edition, _nominations = voted()
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    planned = {each.nomination.subject_name[2]: each for each in _plan(edition, office)}
    leader, member = person("leader", "演示组长"), person("member", "演示成员")
    team = teams.make_team(
        edition, leader=leader.user, members=[member.user], others=["演示专家"], by=office, now=NOW
    )
    places = [teaming.Place(planned[name], team, TODAY)]
    [visit] = teaming.assign(edition, places=places, by=office, now=NOW)
    for who in (leader, member):
        inspector_conflicts.declare(visit, clear=True, by=who, now=NOW)
    return visit, leader, member


def _plan(edition, office):
    return inspecting.plan_inspections(edition, by=office, now=NOW)


def person(username, name, password="demo-visit-2026"):
    hat = make.hat("inspector", username=username)
    hat.user.full_name = name
    hat.user.set_password(password)
    hat.user.save()
    return hat


def fresh(visit):
    return Inspection.objects.get(pk=visit.pk)


def finished(visit, by, *, proposed="passed", problem=""):
    """Every line answered and the conclusion proposed: what is left is to sign."""
    return visiting.save_draft(
        visit,
        lines=[{"key": line.key, "agrees": True} for line in visit.lines.all()],
        visited_on=TODAY,
        proposed=proposed,
        problem=problem,
        version=fresh(visit).version,
        by=by,
        now=NOW,
    )


def picture(name="现场.jpg", color="navy"):
    out = BytesIO()
    Image.new("RGB", (40, 30), color).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
