"""Who may: every act × every role, at home and away, against a table written by hand.

`any`: whatever it is done to; `own`: only where it is one's own (the office: its own edition, the
recommender: what it recommends, and so on); a role that is not named may not at all.
"""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from portal.models import Organisation, Role
from portal.permissions import MAY, can, require
from tests import factories as make

ROLES = (
    *("office", "recommender", "applicant", "department", "expert"),
    *("inspector", "auditor", "admin", "system", "public"),
)

OFFICE = {"office": "own"}
TURN = {"office": "own", "system": "any"}
READ = {"office": "own", "auditor": "any"}
BELOW = {"office": "own", "recommender": "own", "applicant": "own"}
SENT = {"office": "own", "recommender": "own"}

# act: what it is done to, who may
TABLE = {
    "portal.read_record": ("nothing", {"office": "any", "auditor": "any", "admin": "any"}),
    "portal.see_failed_notifications": ("nothing", {"office": "any", "admin": "any"}),
    "portal.manage_calendar": ("nothing", {"office": "any", "admin": "any"}),
    "portal.check_record": ("nothing", {"office": "any", "auditor": "any", "admin": "any"}),
    "portal.check_invariants": ("nothing", {"auditor": "any", "admin": "any", "system": "any"}),
    "portal.send_again": ("nothing", {"office": "any", "admin": "any"}),
    "portal.manage_people": ("nothing", {"admin": "any", "system": "any"}),
    "nominations.create_edition": ("nothing", {"office": "any"}),
    "nominations.change_edition": ("edition", OFFICE),
    "nominations.see_categories": ("nothing", {"office": "any", "auditor": "any", "admin": "any"}),
    "nominations.change_category": ("nothing", {"office": "any"}),
    "nominations.publish_edition": ("edition", OFFICE),
    "nominations.freeze_rules": ("edition", TURN),
    "nominations.set_quota": ("edition", OFFICE),
    "nominations.see_board": ("edition", READ),
    "nominations.remind": ("edition", OFFICE),
    "nominations.tell_apart": ("edition", OFFICE),
    "nominations.close_recommendation": ("edition", OFFICE),
    "nominations.conclude": ("edition", OFFICE),
    "nominations.import": ("edition", {"office": "own", "recommender": "any"}),
    "nominations.create": ("edition", {"office": "own", "recommender": "any", "applicant": "any"}),
    "nominations.edit": ("nomination", BELOW),
    "nominations.attach": ("nomination", BELOW),
    "nominations.void_evidence": ("nomination", BELOW),
    "nominations.rank": ("nomination", SENT),
    "nominations.submit": ("nomination", BELOW),
    "nominations.repair": ("nomination", BELOW),
    "nominations.recommend": ("nomination", SENT),
    "nominations.send_back": ("nomination", SENT),
    "nominations.withdraw": ("nomination", BELOW),
    "nominations.export": ("edition", {"office": "own", "recommender": "any"}),
    "nominations.print_form": ("nomination", BELOW | {"inspector": "any", "auditor": "any"}),
    "nominations.print_report": ("edition", {"office": "own", "recommender": "any"}),
    "review.consult": ("edition", OFFICE),
    "review.send_batch": ("edition", OFFICE),
    "review.chase": ("edition", TURN),
    "review.issue_link": ("edition", OFFICE),
    "review.revoke_link": ("edition", OFFICE),
    "review.answer": ("consultation", {"office": "own", "department": "own"}),
    "review.find": ("nomination", OFFICE),
    "review.overrule": ("opinion", OFFICE),
    "review.decide_overrule": ("overrule", OFFICE),
    "review.close_screening": ("edition", OFFICE),
    "nominations.qualify": ("nomination", OFFICE),
    "nominations.reject": ("nomination", OFFICE),
    "nominations.rename": ("nomination", OFFICE),
    # Here the office is the city's; that a district's may not is in tests/review/test_register.py.
    "review.manage_register": ("nothing", {"office": "any"}),
    "review.see_register": ("nothing", {"office": "any", "auditor": "any"}),
    "review.seat_panel": ("edition", OFFICE),
    "review.assign": ("edition", TURN),
    "review.answer_invitation": ("member", {"office": "own", "expert": "own"}),
    "review.pin_conflict": ("edition", OFFICE),
    "review.recuse_office": ("nomination", OFFICE),
    "review.declare": ("assignment", {"office": "own", "expert": "own"}),
    "review.recuse": ("assignment", {"office": "own", "expert": "own"}),
    "review.score": ("assignment", {"office": "own", "expert": "own"}),
    "review.score_offline": ("assignment", {"expert": "own"}),
    "review.print_sheet": ("assignment", {"office": "own", "expert": "own"}),
    "review.attach_paper": ("assignment", {"office": "own", "expert": "own"}),
    "review.reopen_sheet": ("assignment", OFFICE),
    "review.remind_experts": ("edition", OFFICE),
    "review.open_discussion": ("edition", OFFICE),
    "review.close_discussion": ("edition", TURN),
    "review.close_review": ("edition", OFFICE),
    "review.see_scores": ("edition", READ),
    "nominations.put_to_vote": ("nomination", OFFICE),
    "voting.set_up_poll": ("edition", OFFICE),
    "voting.open_poll": ("poll", TURN),
    "voting.close_poll": ("poll", TURN),
    "voting.pause_poll": ("poll", OFFICE),
    "voting.cast": ("poll", {"public": "any"}),
    "voting.import_ballots": ("poll", OFFICE),
    "voting.quarantine": ("poll", OFFICE),
    "voting.decide_quarantine": ("poll", OFFICE),
    "voting.see_alarms": ("poll", READ),
    "voting.settle_alarm": ("poll", OFFICE),
    "voting.raise_effort": ("poll", OFFICE),
    "voting.publish_record": ("poll", TURN),
    "voting.destroy_secret": ("poll", OFFICE),
    "voting.see_totals": ("poll", READ),
    "awards.draw_shortlist": ("edition", OFFICE),
    "nominations.shortlist": ("nomination", OFFICE),
    "awards.plan_inspection": ("edition", OFFICE),
    "awards.record_inspection": ("inspection", {"office": "own", "inspector": "own"}),
    "awards.see_shortlist": ("edition", READ),
    "awards.top_up": ("edition", OFFICE),
    "awards.manage_teams": ("edition", OFFICE),
    "awards.pin_inspector_conflict": ("nomination", OFFICE),
    "awards.declare_inspector": ("inspection", {"inspector": "own"}),
    "awards.issue_paper": ("edition", OFFICE),
    "awards.sign_visit": ("inspection", {"office": "own", "inspector": "own"}),
    "awards.dispose": ("inspection", OFFICE),
    "awards.refer": ("inspection", OFFICE),
    "awards.settle_referral": ("referral", OFFICE),
    "awards.reopen_visit": ("inspection", OFFICE),
    "nominations.refer": ("nomination", OFFICE),
    "nominations.reinstate": ("nomination", OFFICE),
    "awards.close_inspection": ("edition", OFFICE),
    "awards.publish_notice": ("edition", OFFICE),
    "nominations.publish": ("nomination", OFFICE),
    "awards.note_look": ("nomination", OFFICE),
    "awards.correct_notice": ("notice", OFFICE),
    "nominations.unpublish": ("nomination", OFFICE),
    "awards.manage_templates": ("nothing", {"office": "any"}),
    "awards.manage_roster": ("nothing", {"office": "any"}),
    "awards.lodge_objection": ("notice", {"office": "own", "public": "any"}),
    "awards.receive_objection": ("objection", OFFICE),
    "awards.handle_objection": ("handled", OFFICE),
    "awards.read_objector": ("handled", OFFICE),
    "awards.reply_to_objection": ("objection", {"applicant": "own"}),
    "awards.assign_handler": ("objection", OFFICE),
    "awards.allow_extension": ("objection", OFFICE),
    "awards.name": ("edition", OFFICE),
    "nominations.honour": ("nomination", OFFICE),
    "awards.set_medal_person": ("honour", {"office": "own", "applicant": "own"}),
    "awards.read_medal_person": ("honour", {"office": "own", "applicant": "own"}),
    "awards.promote": ("honour", OFFICE),
    "awards.enter_former": ("nothing", {"office": "any"}),
    "awards.import_former": ("nothing", {"office": "any"}),
    "awards.release": ("enterprise", {"applicant": "own"}),
    "awards.decide_release": ("release", OFFICE),
    "awards.withdraw_release": ("release", {"office": "own", "applicant": "own"}),
    "awards.revoke_honour": ("honour", OFFICE),
    "awards.disburse": ("grant", OFFICE),
    "awards.plan_grant": ("grant", {"office": "own", "applicant": "own"}),
    "awards.approve_plan": ("grant", OFFICE),
    "awards.repay": ("grant", {"office": "own", "applicant": "own"}),
    "awards.close_grant": ("grant", OFFICE),
    "awards.report_quarter": ("grant", {"office": "own", "applicant": "own"}),
    "awards.endorse_report": ("grant", {"recommender": "own"}),
    "awards.review_report": ("grant", OFFICE),
    "awards.record_expense": ("grant", {"office": "own", "applicant": "own"}),
    "awards.export": ("edition", READ),
    "indicators.see": (
        "nothing",
        dict.fromkeys(("office", "recommender", "department", "auditor", "admin"), "any"),
    ),
    "indicators.run_round": ("system", OFFICE),
    "indicators.see_unions": ("nothing", {"office": "any", "auditor": "any"}),
    "indicators.see_union": ("unit", {"office": "any", "recommender": "own", "auditor": "any"}),
    "indicators.guide": ("unit", {"office": "any"}),
    "indicators.settle_agreement": ("guidance", {"office": "own", "recommender": "own"}),
    "indicators.report": ("reporter", {"office": "own", "recommender": "own"}),
}


def test_every_act_is_in_the_table_and_no_other():
    assert set(TABLE) == set(MAY)
    assert set(ROLES) == set(Role.values)
    assert {role for _kind, may in TABLE.values() for role in may} <= set(ROLES)


@pytest.fixture
def world(db):
    """One of each thing, at home (the city's edition, 市南区's nomination) and away (市北区's throughout)."""
    home = _things(1, "city", "市南区", "dept-kjj", make.hat("expert"), make.hat("inspector"))
    expert, inspector = make.hat("expert", username="e2"), make.hat("inspector", username="i2")
    away = _things(2, "市北区", "市北区", "dept-jyj", expert, inspector)
    account = home["nomination"].enterprise.organisation
    places = {"applicant": account, "recommender": "市南区", "department": "dept-kjj"}
    hats = {role: make.hat(role, places.get(role)) for role in ROLES}
    return hats, home, away


def _things(n, host, recommender, department, expert, inspector):
    def new(app, name, **fields):
        return apps.get_model(app, name)(**fields)

    edition = make.edition(host=host)
    nomination = make.nomination(edition, make.enterprise(n, account=True), recommender=recommender)
    poll = new("voting", "Poll", edition=edition, opens=make.NOW, closes=make.NOW)
    member = new("review", "PanelMember", edition=edition, code=f"E{n}", user=expert.user)
    inspection = apps.get_model("awards", "Inspection").objects.create(nomination=nomination)
    inspection.inspectors.add(inspector.user)
    notice = new("awards", "Notice", edition=edition)
    honour = make.honour(
        nomination.enterprise,
        nomination=nomination,
        host=Organisation.objects.get(pk=edition.host_id),
        year=2026,
        number=f"演示-{n}",
        named_on=make.NOW.date(),
        named_by=make.hat("office", host),
    )
    department = make.organisation(department)
    consultation = new("review", "Consultation", edition=edition, department=department, item="x")
    opinion = new("review", "Opinion", nomination=nomination, consultation=consultation)
    return {
        "nothing": None,
        "edition": edition,
        "enterprise": nomination.enterprise,
        "nomination": nomination,
        "consultation": consultation,
        "opinion": opinion,
        "overrule": new("review", "Overrule", opinion=opinion),
        "assignment": new("review", "Assignment", member=member, nomination=nomination),
        "member": member,
        "poll": poll,
        "inspection": inspection,
        "system": new("indicators", "System", host=Organisation.objects.get(pk=edition.host_id)),
        "unit": nomination.recommender,
        "guidance": new(
            "indicators",
            "Guidance",
            host=Organisation.objects.get(pk=edition.host_id),
            unit=nomination.recommender,
        ),
        "reporter": new(
            "indicators",
            "Reporter",
            system=new("indicators", "System", host=Organisation.objects.get(pk=edition.host_id)),
            organisation=nomination.recommender,
        ),
        "referral": new("awards", "Referral", nomination=nomination, inspection=inspection),
        "honour": honour,
        "release": new("awards", "Release", enterprise=nomination.enterprise, nomination=nomination),
        "notice": notice,
        "objection": new("awards", "Objection", notice=notice, nomination=nomination),
        "handled": _handled(edition, nomination),
        "grant": new("awards", "Grant", honour=honour),
    }


def _handled(edition, nomination):
    """An objection that somebody of the city's office handles, be it the city's own or not."""
    office = make.hat("office")
    notice = apps.get_model("awards", "Notice").objects.create(
        edition=edition, published_at=make.NOW, published_by=office, workdays=5, ends_on=make.NOW.date()
    )
    objection = apps.get_model("awards", "Objection").objects.create(
        notice=notice, nomination=nomination, number=f"YY-{edition.pk}", lodged_at=make.NOW
    )
    apps.get_model("awards", "Handler").objects.create(
        objection=objection, user=office.user, since=make.NOW, assigned_by=office
    )
    return objection


def test_every_role_for_every_act_at_home_and_away(world):
    hats, home, away = world
    wrong = []
    for act, (kind, may) in TABLE.items():
        for role, hat in hats.items():
            expected = (may.get(role) in ("own", "any"), may.get(role) == "any")
            found = (can(hat, act, home[kind]), can(hat, act, away[kind]))
            if found != expected:
                wrong.append(f"{role} {act}: at home and away {found}, should be {expected}")
    assert wrong == []


def test_require_says_no_where_can_does(world):
    hats, home, away = world
    require(hats["office"], "nominations.qualify", home["nomination"])
    with pytest.raises(PermissionDenied):
        require(hats["office"], "nominations.qualify", away["nomination"])
    with pytest.raises(PermissionDenied):
        require(None, "nominations.qualify", home["nomination"])


def test_nobody_may_anything_without_a_hat():
    assert not any(can(None, act, SimpleNamespace()) for act in MAY)


def test_an_act_that_is_not_in_the_table_is_a_fault(world):
    with pytest.raises(KeyError):
        can(world[0]["admin"], "nominations.anything")


def test_the_auditor_changes_nothing_and_the_admin_decides_nothing():
    assert {act for act, (_kind, may) in TABLE.items() if "auditor" in may} == {
        *("portal.read_record", "portal.check_record", "portal.check_invariants"),
        "review.see_register",
        *(
            "review.see_scores",
            "voting.see_totals",
            "voting.see_alarms",
            "awards.export",
            "awards.see_shortlist",
            *("indicators.see", "indicators.see_unions", "indicators.see_union"),
            "nominations.see_board",
        ),
        *("nominations.print_form", "nominations.see_categories"),
    }
    assert {act for act, (_kind, may) in TABLE.items() if "admin" in may} == {
        *("portal.read_record", "portal.check_record", "portal.see_failed_notifications"),
        *("portal.send_again", "portal.manage_calendar", "portal.manage_people"),
        *("indicators.see", "nominations.see_categories"),
        "portal.check_invariants",
    }
