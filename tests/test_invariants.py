"""Each check finds what is broken behind the portal's back, and only that check.

A line of the table: the check, the stage it is broken on, the SQL that breaks it past every guard, and what
else such a thing breaks as a matter of course.
"""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from awards.models import (
    Grant,
    Honour,
    Inspection,
    InspectorConflict,
    Notice,
    Objection,
    QuarterReport,
    VisitSignature,
)
from awards.services import planning, promoting, publishing, reporting_money, revoking, shortlisting
from nominations.models import Category
from nominations.services.editions import freeze_rules
from portal import invariants
from portal.models import AuditEntry, InvariantRun, Notification
from portal.tasks import check_invariants
from tests import factories
from tests.awards.named import named
from tests.awards.objections import act, lodge
from tests.awards.purse import account_of, pay, spend
from tests.awards.shortened import listable
from tests.awards.stage import AFTER, PUBLISHING, ids, office_of, published
from tests.awards.test_medal_people import enter
from tests.awards.test_planning import FIRST
from tests.awards.test_topping_up import leaves, top_up
from tests.awards.voted import voted
from tests.moments import NOW
from tests.voting import ground
from voting.services.polls import close_poll

pytestmark = pytest.mark.django_db
IN_ORDER = {
    "A": ("90", 90, {}),
    "B": ("80", 80, {}),
    "C": ("70", 70, {}),
    "D": ("60", 60, {}),
    "E": ("50", 50, {}),
}


def listed():
    edition = published().edition
    freeze_rules(edition, by=office_of(edition), now=PUBLISHING)


def topped_up():
    edition, nominations = voted(IN_ORDER, nominees=5)
    asked = shortlisting.ask_shortlist(edition, by=office_of(edition), now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    leaves(nominations["A"])
    top_up(edition, nominations["A"], nominations["D"])


def unvisited():
    edition, _nominations = listable(("voting", "inspection"))
    chosen = publishing.propose(edition).ids
    publishing.publish_notice(edition, chosen=chosen, by=office_of(edition), now=PUBLISHING)


def signed():
    listed()
    visit = Inspection.objects.order_by("pk").first()
    person = factories.hat("inspector").user
    VisitSignature.objects.create(
        inspection=visit,
        part="leader",
        name="演示组长",
        user=person,
        way="own",
        digest=visit.signed_digest,
        signed_at=PUBLISHING,
        recorded_by=factories.hat("office"),
    )
    InspectorConflict.objects.create(
        user=person,
        nomination=visit.nomination,
        state="clear",
        source="found",
        set_at=PUBLISHING,
        set_by=factories.hat("office"),
    )


def replaced():
    """The first is out by an objection, the third has a notice of its own."""
    notice = published((1, 2, 3, 4))
    edition, office = notice.edition, office_of(notice.edition)
    one = lodge(notice).objection
    for word in ("accept", "uphold", "answer"):
        act(word, Objection.objects.get(pk=one.pk), office)
    later = PUBLISHING + timedelta(days=4)
    publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=later)


def accepted():
    notice = published()
    act("accept", lodge(notice).objection, office_of(notice.edition))


def honoured():
    first, second = named()
    enter(first)
    office = factories.hat("office")
    for to in ("model_worker", "province"):
        criteria = [("演示条件", True, "")]
        promoting.promote(first, to=to, criteria=criteria, reason="演示", by=office, now=AFTER)
    revoking.revoke_honour(second, reason="演示", minute="演示纪要", by=office, now=AFTER)


def paid():
    """A plan approved, money in and out, one expense taken back, the quarter reported."""
    named()
    grant = Grant.objects.order_by("pk").first()
    own, office = account_of(grant.honour.enterprise), factories.hat("office")
    plan = planning.hand_in_plan(grant, matters=FIRST, by=own, now=AFTER)
    planning.decide_plan(plan, approved=True, by=office, now=AFTER)
    pay(grant, "100")
    spend(grant, "60")
    QuarterReport.objects.create(grant=grant, year=2026, quarter=4)


def reported():
    """Money in and out in the fourth quarter, and the report on it handed in."""
    named()
    grant = Grant.objects.order_by("pk").first()
    own, later = account_of(grant.honour.enterprise), AFTER + timedelta(days=100)
    pay(grant, "100")
    spend(grant, "60")
    reporting_money.ask_for_reports(now=later)
    reporting_money.hand_in_report(grant.reports.get(), account="演示", by=own, now=later)


def counted():
    poll = ground.poll()
    ground.cast(poll, (1, 2), number="19900000001")
    ground.cast(poll, (1,), number="19900000002")
    close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)


FROZEN = "frozen_rules_are_as_digested"
FIRST_OF = "(SELECT min(id) FROM {})".format
LAST_OF = "(SELECT max(id) FROM {})".format
LISTED = "(SELECT min(nomination_id) FROM awards_noticerow)"
NAMED = "(SELECT min(nomination_id) FROM awards_honour)"

BREAKS = [
    (
        "record_chain_holds",
        listed,
        f"UPDATE portal_auditentry SET body = body || ' ' WHERE id = {LAST_OF('portal_auditentry')}",
        (),
    ),
    (
        "acts_have_words",
        listed,
        f"UPDATE portal_auditentry SET act = 'no.such' WHERE id = {FIRST_OF('portal_auditentry')}",
        ("record_chain_holds",),
    ),
    (
        "state_is_the_last_move",
        listed,
        "UPDATE nominations_nomination SET state = 'review' WHERE state = 'inspection'",
        ("listed_have_left_the_vote",),
    ),
    (
        "an_end_has_its_reason",
        replaced,
        "ALTER TABLE nominations_nomination DROP CONSTRAINT a_rejection_has_a_reason;"
        "UPDATE nominations_nomination SET ended_reason = '' WHERE state = 'rejected'",
        (),
    ),
    (
        "steps_close_in_order",
        listed,
        "UPDATE nominations_step SET closed_at = NULL, closed_by_id = NULL WHERE kind = 'voting'",
        (),
    ),
    (
        "nothing_is_at_a_step_left_out",
        listed,
        "UPDATE nominations_step SET enabled = false WHERE kind = 'review'",
        ("frozen_rules_are_as_digested",),
    ),
    (
        "frozen_rules_are_as_digested",
        listed,
        "UPDATE nominations_edition SET nominees = nominees + 1 WHERE digest <> ''",
        (),
    ),
    (
        "a_concluded_edition_has_nobody_open",
        listed,
        "UPDATE nominations_edition SET concluded_at = now()",
        (),
    ),
    ("review_result_recomputes", topped_up, "UPDATE review_resultrow SET rank = rank + 1", ()),
    ("vote_result_is_as_digested", counted, "UPDATE voting_resultrow SET picks = picks + 1", ()),
    (
        "counted_ballots_add_up",
        counted,
        "DELETE FROM voting_ballot WHERE id = (SELECT id FROM voting_ballot LIMIT 1)",
        (),
    ),
    ("log_root_is_as_frozen", counted, "UPDATE voting_checkpoint SET root = '\\x00'", ()),
    ("shortlist_recomputes", topped_up, "UPDATE awards_shortlistrow SET picks = 1, rank = rank + 1", ()),
    (
        "listed_have_left_the_vote",
        topped_up,
        "UPDATE awards_shortlistrow SET shortlisted = true WHERE rank = 5",
        ("shortlist_recomputes",),
    ),
    (
        "an_addition_takes_the_place_of_one_that_left",
        topped_up,
        "UPDATE awards_shortlistaddition SET instead_of_id = (SELECT nomination_id FROM awards_shortlistrow"
        " WHERE rank = 2)",
        (),
    ),
    (
        "additions_follow_the_rank",
        topped_up,
        "UPDATE awards_shortlistaddition SET row_id = (SELECT id FROM awards_shortlistrow WHERE rank = 5);"
        "UPDATE nominations_nomination SET state = 'voting' WHERE id ="
        " (SELECT nomination_id FROM awards_shortlistrow WHERE rank = 4)",
        ("state_is_the_last_move", "listed_have_left_the_vote"),
    ),
    (
        "without_visits_the_ranking_counts",
        unvisited,
        "DELETE FROM awards_shortlistrow WHERE rank = 1",
        ("shortlist_recomputes",),
    ),
    ("visited_were_listed", listed, "UPDATE awards_shortlistrow SET shortlisted = false WHERE rank = 3", ()),
    (
        "a_verdict_has_two_signatures",
        listed,
        "UPDATE awards_inspection SET member_signature = leader_signature"
        f" WHERE id = {FIRST_OF('awards_inspection')}",
        (),
    ),
    (
        "signatures_stand_under_the_record",
        signed,
        "UPDATE awards_visitsignature SET digest = repeat('1', 64)",
        (),
    ),
    ("nobody_barred_has_signed", signed, "UPDATE awards_inspectorconflict SET state = 'conflict'", ()),
    (
        "published_have_passed_the_visit",
        listed,
        f"UPDATE awards_inspection SET verdict = '' WHERE nomination_id = {LISTED}",
        (),
    ),
    (
        "a_referred_one_has_an_open_referral",
        listed,
        "UPDATE nominations_nomination SET state = 'screening' WHERE state = 'inspection'",
        ("state_is_the_last_move",),
    ),
    (
        "a_published_edition_has_a_list_in_force",
        replaced,
        "UPDATE awards_notice SET kind = 'replacement' WHERE kind = 'list'",
        (),
    ),
    ("corrections_are_a_line", listed, "UPDATE awards_notice SET version = 2", ()),
    (
        "published_stand_on_one_notice",
        listed,
        f"DELETE FROM awards_noticerow WHERE id = {LAST_OF('awards_noticerow')}",
        (),
    ),
    (
        "listed_are_in_publicity_or_out",
        listed,
        f"UPDATE nominations_nomination SET state = 'inspection' WHERE id = {LISTED}",
        ("state_is_the_last_move",),
    ),
    (
        "no_more_than_the_seats",
        listed,
        "UPDATE nominations_edition SET seats = 1",
        ("frozen_rules_are_as_digested",),
    ),
    ("periods_end_as_counted", listed, "UPDATE awards_notice SET ends_on = ends_on - 1", ()),
    ("positions_are_in_a_row", listed, "UPDATE awards_noticerow SET position = position + 1", ()),
    (
        "an_objection_has_the_facts_of_its_state",
        replaced,
        "UPDATE awards_objection SET answer = ''",
        (),
    ),
    (
        "objections_were_lodged_in_the_period",
        accepted,
        "UPDATE awards_objection SET lodged_at = lodged_at + interval '60 days', accept_due = NULL,"
        " decide_due = NULL",
        (),
    ),
    (
        "upheld_subjects_are_out",
        replaced,
        "UPDATE nominations_nomination SET state = 'publicity', ended_reason = '' WHERE state = 'rejected'",
        ("state_is_the_last_move", "no_more_than_the_seats"),
    ),
    ("objectors_are_sealed_and_apart", accepted, "UPDATE awards_objector SET sealed = 'nobody'", ()),
    ("due_days_are_working_days", accepted, "UPDATE awards_objection SET decide_due = '2026-10-01'", ()),
    (
        "objections_are_to_somebody_listed",
        accepted,
        "UPDATE awards_objection SET nomination_id = (SELECT id FROM nominations_nomination"
        " WHERE state = 'inspection')",
        (),
    ),
    (
        "named_have_an_honour",
        honoured,
        f"UPDATE awards_honour SET nomination_id = NULL WHERE nomination_id = {NAMED}",
        (),
    ),
    ("named_after_their_own_period", honoured, "UPDATE awards_honour SET named_on = '2026-10-09'", ()),
    (
        "nobody_was_named_while_an_objection_was_open",
        honoured,
        "INSERT INTO awards_objection (number, code_hash, grounds, state, decision, public_outcome, answer,"
        " matter, lodged_at, of_unit, nomination_id, notice_id) SELECT '演示', '', '', 'lodged', '', '', '',"
        " '', published_at, false, (SELECT min(nomination_id) FROM awards_noticerow), id FROM awards_notice",
        ("objectors_are_sealed_and_apart",),
    ),
    (
        "numbers_of_a_decision_are_in_a_row",
        honoured,
        f"UPDATE awards_honour SET number = '2026-QYCX-09' WHERE nomination_id = {NAMED}",
        (),
    ),
    (
        "a_decision_names_its_own_edition",
        honoured,
        "UPDATE awards_honour SET host_id = (SELECT id FROM portal_organisation WHERE code = '370202')",
        (),
    ),
    (
        "revocations_say_who_and_why",
        honoured,
        "UPDATE awards_honour SET revoked_minute = '' WHERE revoked_on IS NOT NULL",
        (),
    ),
    ("flags_are_what_the_lists_say", honoured, "UPDATE awards_honour SET to_province = false", ()),
    ("medal_people_are_sealed", honoured, "UPDATE awards_medalperson SET sealed = '演示'", ()),
    (
        "a_city_honour_has_its_grant",
        honoured,
        f"DELETE FROM awards_grant WHERE id = {LAST_OF('awards_grant')}",
        (),
    ),
    (
        "paid_is_within_the_grant",
        paid,
        "UPDATE awards_grant SET amount = 99",
        ("an_approved_plan_is_the_whole_grant",),
    ),
    (
        "no_day_is_below_nothing",
        paid,
        "UPDATE awards_expense SET amount = 100.01",
        (),
    ),
    (
        "a_reversal_is_exact",
        paid,
        "INSERT INTO awards_expense (use, matter, explanation, amount, spent_on, voucher, recorded_at,"
        " grant_id, recorded_by_id, reverses_id) SELECT use, matter, '演示', -59, spent_on, voucher,"
        " recorded_at, grant_id, recorded_by_id, id FROM awards_expense",
        (),
    ),
    (
        "an_approved_plan_is_the_whole_grant",
        paid,
        f"UPDATE awards_planline SET amount = 1 WHERE id = {FIRST_OF('awards_planline')}",
        (),
    ),
    (
        "reports_are_as_digested",
        paid,
        "UPDATE awards_quarterreport SET state = 'reviewed', words = '演示', digest = repeat('0', 64),"
        " sums = '{}', handed_in_at = now(), handed_in_by_id = (SELECT min(id) FROM portal_membership)",
        ("reports_are_as_in_the_ledger",),
    ),
    (
        "reports_are_as_in_the_ledger",
        reported,
        "UPDATE awards_expense SET amount = 59",
        (),
    ),
]


@pytest.mark.parametrize("name, stage, sql, also", BREAKS, ids=[line[0] for line in BREAKS])
def test_a_check_finds_what_is_broken(name, stage, sql, also):
    stage()
    with connection.cursor() as cursor:
        # The chain of the record is closed at commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        before = invariants.broken()
        assert name not in before
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount
        cursor.execute("SET session_replication_role = DEFAULT")
    assert set(invariants.broken()) - set(before) == {name, *also}


def test_a_grant_goes_with_the_level_whatever_is_framed():
    """S1 四.4: a naming at city level has its grant also where the category has no 奖状."""
    name = "a_city_honour_has_its_grant"
    category = factories.edition().category
    Category.objects.filter(pk=category.pk).update(certificate=False)
    honours = named(category=Category.objects.get(pk=category.pk))
    assert [each.certificate for each in honours] == [False, False] and Grant.objects.count() == 2
    assert invariants.broken([name]) == {}
    Honour.objects.filter(pk=honours[0].pk).update(level="district")
    assert invariants.broken([name]) == {name: [honours[0].number]}


def test_a_day_due_is_not_before_the_local_day_of_lodging():
    accepted()
    # 1:00 on Tuesday, 2 June, in Qingdao.
    Objection.objects.update(
        lodged_at=datetime(2026, 6, 1, 17, tzinfo=UTC),
        accept_due=date(2026, 6, 1),
        decide_due=date(2026, 6, 2),
    )
    number = Objection.objects.get().number
    assert invariants.broken(["due_days_are_working_days"]) == {
        "due_days_are_working_days": [f"{number}: 2026-06-01"]
    }


def test_every_check_is_broken_once():
    assert sorted(line[0] for line in BREAKS) == sorted(check.name for check in invariants.all_checks())


def test_nothing_is_broken_by_what_the_portal_does_itself():
    for stage in (topped_up, replaced, honoured, counted, unvisited):
        stage()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # A list put there by hand has nothing that it could be recomputed from; nor has a vote.
    assert set(invariants.broken()) <= {"shortlist_recomputes", "vote_result_is_as_digested"}


def test_a_run_is_kept_recorded_and_told():
    admin, auditor = factories.hat("admin"), factories.hat("auditor")
    replaced()
    names = ["periods_end_as_counted", "upheld_subjects_are_out"]
    assert invariants.run(names=names, by=auditor, now=AFTER).failures == {}
    Notice.objects.filter(kind="list").update(ends_on=date(2026, 10, 8))
    kept = invariants.run(names=names, by=auditor, now=AFTER)
    assert list(kept.failures) == ["periods_end_as_counted"] and kept.checks == 2
    assert AuditEntry.objects.filter(act="portal.check_invariants").last().detail == {
        "broken": ["periods_end_as_counted"],
        "checks": 2,
    }
    told = Notification.objects.filter(event="portal.invariant_broken").values_list("recipient", flat=True)
    assert set(told) == {admin.user_id, auditor.user_id}


def test_the_command_says_it_and_exits_with_one(capsys):
    replaced()
    call_command("check_invariants", only=["periods_end_as_counted"], stdout=(out := io.StringIO()))
    assert "All 1 hold" in out.getvalue()
    Notice.objects.filter(kind="list").update(ends_on=date(2026, 10, 8))
    with pytest.raises(SystemExit) as left:
        call_command(
            "check_invariants", only=["periods_end_as_counted"], json=True, stdout=(out := io.StringIO())
        )
    assert left.value.code == 1
    assert list(json.loads(out.getvalue())["broken"]) == ["periods_end_as_counted"]
    with pytest.raises(CommandError, match="no_such"):
        call_command("check_invariants", only=["no_such"])


def test_every_night_by_the_machine_and_for_nobody_else():
    factories.hat("admin")
    check_invariants()
    assert InvariantRun.objects.get().checks == len(invariants.all_checks())
    for other in (factories.hat("office"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            invariants.run(by=other, now=AFTER)
