"""The demonstration: made once for this module inside a transaction that is taken back at its end."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from rich.cells import cell_len
from stdnum.cn import uscc

from awards import resultfile
from awards.demonstration import PASSWORD, account_lines, make
from awards.demonstration.dates import Days
from awards.models import Grant, Honour, Inspection, Notice, Objection, QuarterReport, Shortlist
from awards.services import granting
from awards.services.path import paths_of
from nominations.models import Category, Edition, Enterprise, Evidence, Nomination, Return
from nominations.services.pairs import read_pairs
from nominations.services.quotas import quota_history
from portal import audit, invariants
from portal.errors import Refused
from portal.ground import lay
from portal.models import AuditEntry, AuditLink, CalendarYear, Membership, Notification, Role, User
from portal.todo import todos
from review.models import (
    AnswerLink,
    Assignment,
    Conflict,
    OfficeRecusal,
    Opinion,
    Overrule,
    Recusal,
    ScoreSheet,
)
from review.services import assigning, drawing
from review.services.links import is_open
from voting.models import Ballot, Poll, Waiting
from voting.services.destroying import ends_of_appeal
from voting.services.keys import key_path

#: A Wednesday, 11:00 in the city.
NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)


class Undone(Exception):
    """Leaves a transaction without keeping it."""


def made(folder, now):
    """The demonstration of a moment, its deferred triggers fired; everything goes when the block ends."""
    with override_settings(PRIVATE_ROOT=folder), pytest.raises(Undone), transaction.atomic():
        make(now)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield folder
        raise Undone


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        yield from made(tmp_path_factory.mktemp("files"), NOW)


def edition(code: str, year: int = 2026) -> Edition:
    return Edition.objects.get(host__code=code, year=year)


def states(code: str, year: int = 2026) -> dict:
    return dict(Counter(edition(code, year).nominations.values_list("state", flat=True)))


def said(*arguments) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize(
    "username",
    [
        "office",
        "district-office",
        "recommender",
        "applicant",
        "department",
        "consultee",
        "expert",
        "inspector",
        "inspector2",
        "both",
    ],
)
def test_something_waits_for_every_role(demo, username):
    hats = Membership.objects.filter(user__username=username).select_related("user", "organisation")
    assert hats
    for hat in hats:
        assert todos(hat, now=NOW), str(hat)


def test_the_roles_there_are(demo):
    roles = dict(Membership.objects.filter(user__is_demo=True).values_list("user__username", "role"))
    assert roles["office"] == roles["district-office"] == Role.OFFICE
    assert roles["recommender"] == Role.RECOMMENDER
    assert roles["applicant"] == Role.APPLICANT
    assert roles["department"] == roles["consultee"] == Role.DEPARTMENT
    assert roles["expert"] == Role.EXPERT
    assert roles["inspector"] == roles["inspector2"] == Role.INSPECTOR
    assert roles["auditor"] == Role.AUDITOR
    assert roles["admin"] == Role.ADMIN
    both = Membership.objects.filter(user__username="both").values_list("role", flat=True)
    assert set(both) == {Role.RECOMMENDER, Role.OFFICE}
    admin = User.objects.get(username="admin")
    assert admin.is_staff and admin.is_superuser
    assert User.objects.filter(is_staff=True).count() == 1


def test_the_accounts_are_marked_and_open_with_the_one_password(demo):
    people = User.objects.filter(memberships__role__in=set(Role.values) - {Role.SYSTEM, Role.PUBLIC})
    assert people and all(user.is_demo for user in people)
    assert len(PASSWORD) >= 10 and "demo" in PASSWORD
    assert User.objects.get(username="expert").check_password(PASSWORD)


def test_the_record_is_whole_and_nothing_happened_after_now(demo):
    assert list(audit.broken_links()) == []
    assert AuditLink.objects.count() == AuditEntry.objects.count() > 1000
    assert not AuditEntry.objects.filter(at__gt=NOW).exists()
    assert not Ballot.objects.filter(cast_at__gt=NOW).exists()


def test_a_second_time_changes_nothing(demo):
    def figures():
        tables = (Edition, Nomination, Ballot, User, Membership, AuditEntry, CalendarYear)
        return [table.objects.count() for table in tables]

    before = figures()
    assert "已有届次" in said()
    with pytest.raises(Refused):
        make(NOW)
    assert figures() == before


def test_last_year_is_finished(demo):
    city = edition("city", 2025)
    assert city.concluded_at and city.current_step is None
    assert states("city", 2025) == {"named": 10, "rejected": 22}
    assert len(set(city.nominations.values_list("recommender", flat=True))) == 12
    shortlist = Shortlist.objects.get(edition=city)
    assert shortlist.rows.filter(shortlisted=True).count() == 12
    assert resultfile.verify(shortlist.sealed) == []
    visits = Inspection.objects.filter(nomination__edition=city)
    assert Counter(visits.values_list("verdict", flat=True)) == {"passed": 11, "failed": 1}
    assert visits.filter(photos__taken_at__isnull=False).exists()
    assert Recusal.objects.filter(assignment__nomination__edition=city).count() == 3
    refused = city.nominations.filter(state="rejected", review_row__isnull=True)
    assert refused.count() == 4
    assert all("答复有问题" in each.ended_reason for each in refused)


def test_last_years_vote_was_looked_through(demo):
    poll = Poll.objects.get(edition=edition("city", 2025))
    result = poll.edition.vote_result
    assert (result.cast, result.set_aside) == (605, 27)
    kinds = list(poll.quarantines.values_list("kind", "ballots").order_by("pk"))
    assert Counter(kind for kind, _ballot in kinds) == {"set_aside": 45, "restore": 18}
    assert all(act.reason for act in poll.quarantines.all())


def test_last_years_voters_can_be_named_no_more_and_nothing_of_it_waits(demo):
    poll = Poll.objects.get(edition=edition("city", 2025))
    assert poll.secret_destroyed_at > ends_of_appeal(poll)
    assert not key_path(poll.key_id).exists()
    office = Membership.objects.get(user__username="office")
    assert not [line for line in todos(office, now=NOW) if line.object == str(poll.edition)]


def test_last_years_winners_have_what_they_were_given(demo):
    honours = Honour.objects.filter(nomination__edition=edition("city", 2025))
    assert honours.count() == 10
    assert all(honour.medal_name and honour.certificate for honour in honours)
    assert {honour.medal_office for honour in honours} == {"head", "deputy"}
    paid = [sum(row.amount for row in grant.disbursements.all()) for grant in Grant.objects.all()]
    assert Counter(paid) == {Decimal(300000): 6, Decimal(150000): 2, 0: 2}
    spent = Grant.objects.get(expenses__reverses__isnull=False)
    assert spent.expenses.count() == 6
    assert granting.balance(spent) == Decimal("112299.50")
    assert [plan.state for plan in spent.plans.all()] == ["approved"]
    reports = QuarterReport.objects.filter(year=2026, quarter=1)
    assert Counter(each.state for each in reports) == {"reviewed": 4, "due": 2, "handed_in": 1, "endorsed": 1}
    assert not QuarterReport.objects.filter(year=2025).exclude(state="reviewed").exists()
    assert invariants.broken() == {}
    objection = Objection.objects.get(notice__edition__year=2025)
    assert (objection.state, objection.upheld) == ("answered", False)


def test_this_year_is_in_the_vote(demo):
    city = edition("city")
    assert city.current_step.kind == "voting"
    assert states("city") == {"voting": 20, "rejected": 5}
    poll = city.poll
    assert poll.opens < NOW - timedelta(days=1) and NOW + timedelta(days=4) < poll.closes
    assert poll.opened_at <= poll.opens and poll.closed_at is None
    assert poll.ballots.count() == 944
    assert poll.ballots.filter(cast_at__gt=NOW - timedelta(hours=1)).count() >= 140
    hours = Counter(timezone.localtime(at).hour for at in poll.ballots.values_list("cast_at", flat=True))
    assert hours[20] + hours[12] > 4 * (hours[1] + hours[4])
    # The office finds something to do: an alarm to look into, a case to decide, a log that is signed.
    assert poll.alarms.filter(state="open").exists() and poll.cases.filter(decision="").count() == 1
    assert (
        poll.checkpoints.latest("size").size == 944 and not Waiting.objects.filter(poll_id=poll.pk).exists()
    )
    former = Enterprise.objects.filter(nominations__edition=city).filter(nominations__edition__year=2025)
    assert former.distinct().count() == 4


def test_lists_of_former_years_were_brought_by_the_city_and_two_districts(demo):
    brought = AuditEntry.objects.filter(act="awards.import_former").order_by("pk")
    assert [(each.organisation_name, each.detail["rows"], each.detail["levels"]) for each in brought] == [
        ("青岛市总工会", 41, {"city": 39, "province": 2}),
        ("市南区总工会", 14, {"district": 12, "enterprise": 2}),
        ("崂山区总工会", 14, {"district": 12, "enterprise": 2}),
    ]
    rows = Honour.objects.filter(nomination=None, number__startswith="演示市20")
    assert set(rows.values_list("category__code", flat=True)) == set(
        Category.objects.values_list("code", flat=True)
    )
    risen = Counter(Honour.objects.filter(nomination=None).values_list("enterprise", flat=True))
    assert max(risen.values()) == 3  # its district's, then the city's, then the province's


def test_the_districts_stand_at_every_earlier_step(demo):
    assert states("370202") == {"draft": 3, "recommendation": 3, "screening": 2}
    assert states("370203") == {"screening": 7}
    assert states("370212") == {"review": 7}
    assert states("370214")["inspection"] == 4
    assert states("370213")["publicity"] == 3
    steps = {code: edition(code).current_step.kind for code in ("370202", "370203", "370212", "370214")}
    assert list(steps.values()) == ["recommendation", "screening", "review", "inspection"]
    assert all(each.quotas.exists() for each in Edition.objects.all())


def test_a_district_is_done_without_a_vote_and_without_visits(demo):
    place = edition("370215")
    assert place.enabled == ("recommendation", "screening", "review", "publicity")
    assert place.concluded_at and states("370215") == {"named": 10, "rejected": 2}
    ranks = (
        Shortlist.objects.get(edition=place).rows.order_by("rank").values_list("nomination__state", flat=True)
    )
    assert list(ranks) == ["named"] * 10 + ["rejected"] * 2
    honours = Honour.objects.filter(nomination__edition=place)
    assert not honours.exclude(level="district", medal_name="", certificate=False).exists()
    assert not Inspection.objects.filter(nomination__edition=place).exists()
    assert not Poll.objects.filter(edition=place).exists()


def test_some_of_last_years_winners_came_from_a_district(demo):
    ways = paths_of(
        each.enterprise for each in Honour.objects.filter(nomination__edition=edition("city", 2025))
    )
    climbed = [way for way in ways.values() if [step.level for step in way.steps[:2]] == ["district", "city"]]
    assert len(climbed) == 3


def test_the_returned_one_is_the_demo_enterprises_own_and_due_tomorrow(demo):
    back = Return.objects.get(mended_at__isnull=True)
    assert back.deadline == date(2026, 6, 11)
    assert back.nomination.state == "draft"
    applicant = Membership.objects.get(user__username="applicant")
    assert back.nomination.enterprise.organisation_id == applicant.organisation_id
    assert back.codes == ["incomplete", "mismatch"]
    assert sorted(back.notes) == ["deeds", "evidence:congress", "suggestions_adopted"]


def test_another_came_back_mended_and_its_folder_has_a_past(demo):
    back = Return.objects.get(mended_at__isnull=False, nomination__edition__host__code="370202")
    assert back.nomination.state == "recommendation"
    assert back.nomination.declaration.version > back.version
    papers = back.nomination.evidence
    assert papers.filter(replaced_by__isnull=False).count() == 1
    assert papers.filter(voided_at__isnull=False).exclude(void_reason="").count() == 1


def test_two_names_are_to_be_looked_at(demo):
    office = Membership.objects.get(user__username="both", role=Role.OFFICE)
    assert len(read_pairs(edition("370202"), by=office)) == 1


@pytest.mark.parametrize(
    ("code", "place", "before", "after"), [("370202",) * 2 + (10, 12), ("city", "370215", 3, 4)]
)
def test_a_quota_was_changed_with_a_reason(demo, code, place, before, after):
    change = quota_history(edition(code))[0]
    assert (change.detail["before"], change.detail["after"]) == (before, after)
    assert change.detail["reason"]
    assert edition(code).quotas.get(organisation__code=place).number == after


def test_the_joint_check_has_answers_of_every_kind_and_one_is_disputed(demo):
    given = Opinion.objects.filter(nomination__edition=edition("370203"))
    assert Counter(given.values_list("answer", flat=True)) == {"clear": 32, "problem": 2, "unable": 1}
    assert all(each.since and each.proofs.exists() for each in given.filter(answer="problem"))
    disputed = Overrule.objects.get(confirmed__isnull=True)
    assert disputed.opinion in given and not disputed.lapsed
    second = Membership.objects.get(user__username="office2-370203")
    assert any(
        reverse("review:decide_overrule", args=[disputed.pk]) == line.url for line in todos(second, now=NOW)
    )


def test_a_named_person_without_an_account_has_a_link(demo):
    link = AnswerLink.objects.get()
    assert link.hat.organisation.code == "dept-hjj" and not link.hat.user.is_active
    assert is_open(link, NOW) and link.opened_at is None


def test_half_is_answered_and_half_is_scored(demo):
    district = edition("370203")
    answered = {each.department.code: each.opinions.count() for each in district.consultations.all()}
    assert sorted(answered.values()) == [0] * 5 + [7] * 5
    assert answered["dept-kjj"] == answered["dept-yjj"] == 0
    sheets = ScoreSheet.objects.filter(assignment__nomination__edition=edition("370212"))
    assert Assignment.objects.filter(nomination__edition=edition("370212")).count() == 29
    # Who is drawn, and so how much each has, depends on the numbers of the register.
    assert 11 <= sheets.filter(submitted_at__isnull=False).count() <= 17
    assert sheets.filter(submitted_at__isnull=True).exists()


def test_a_panel_was_drawn_and_a_recusal_topped_up(demo):
    panel = edition("370212")
    drawn = panel.draws.get()
    assert (len(drawn.pool), len(drawn.order)) == (8, 7)
    assert drawing.recompute(drawn)
    standing = Counter(panel.panel.values_list("standing", flat=True))
    assert standing == {"seated": 5, "reserve": 2}
    assert all(each.expert.fields for each in panel.panel.all())
    first, topped_up = panel.assignment_runs.all()
    assert (len(first.outcome), len(topped_up.outcome)) == (28, 1)
    assert assigning.recompute(first) and assigning.recompute(topped_up)
    barred = Conflict.objects.filter(member__edition=panel, state__in=Conflict.STANDING)
    assert Counter(barred.values_list("source", flat=True)) == {"found": 1, "office": 1, "declared": 1}
    assert OfficeRecusal.objects.get().user.username == "office2-370212"


def test_visits_are_to_be_made_and_a_notice_runs(demo):
    visits = Inspection.objects.filter(nomination__edition=edition("370214"))
    assert visits.exclude(verdict="").count() == 1
    assert visits.filter(verdict="", planned_on=date(2026, 6, 10)).count() == 1
    assert all(visit.planned_on <= date(2026, 6, 15) for visit in visits)
    notice = Notice.objects.get(edition=edition("370213"))
    # Published on Monday 8 June: Tuesday to Monday are its five working days.
    assert notice.ends_on == date(2026, 6, 15)
    assert sorted(each.state for each in notice.objections.all()) == ["accepted", "lodged"]


def test_only_new_messages_are_unread(demo):
    unread = Notification.objects.filter(read_at__isnull=True, recipient__is_demo=True)
    assert unread.exists()
    assert not unread.filter(created_at__lt=NOW - timedelta(days=14)).exists()
    assert not Notification.objects.filter(read_at__gt=NOW).exists()


def test_everything_is_plainly_fictional(demo):
    enterprises = Enterprise.objects.all()
    assert enterprises.count() > 80
    for each in enterprises:
        assert "（演示）" in each.name
        assert uscc.is_valid(each.credit_code)
        assert each.credit_code[2:6] == "3702"
    assert len({each.name for each in enterprises}) == enterprises.count()
    assert not User.objects.filter(is_demo=True).exclude(full_name__startswith="演示").exists()
    assert not Edition.objects.exclude(title__endswith="（演示）").exists()
    assert not Nomination.objects.exclude(Q(declaration__deeds__startswith="（演示材料）")).exists()


def test_papers_and_pictures_are_what_they_say(demo):
    kinds = set(Evidence.objects.values_list("mime", flat=True))
    assert kinds == {"application/pdf", "image/jpeg", "image/png"}
    paper = Evidence.objects.filter(mime="application/pdf").first()
    with override_settings(PRIVATE_ROOT=demo), paper.file.open("rb") as file:
        text = file.read()
    assert text.startswith(b"%PDF-")
    assert paper.nomination.subject_name.encode("utf-16-be").hex().encode() in text


def test_what_an_edition_requires_is_there_but_for_the_drafts(demo):
    required = {"licence", "union", "congress", "publicity"}
    for code in ("370202", "370203", "370212", "370213", "370214"):
        assert set(edition(code).evidence_required) == required
    for each in Nomination.objects.exclude(edition__evidence_required=[]).prefetch_related("evidence"):
        there = {paper.kind for paper in each.evidence.all()}
        returned = Return.objects.filter(nomination=each).exists()
        lacking = each.state == "draft" and not returned
        assert (set(each.edition.evidence_required) <= there) is not lacking, each
    assert Evidence.objects.filter(kind="recognition").exclude(about="").exclude(thumbnail="").exists()


def test_the_table_of_accounts_is_aligned(demo):
    lines = said("--accounts").splitlines()
    heads = lines[0]
    place = cell_len(heads[: heads.index("密码")])
    rows = [line for line in lines if PASSWORD in line]
    assert len(rows) == len(list(account_lines(now=NOW))) == 16
    assert {cell_len(line[: line.index(PASSWORD)]) for line in rows} == {place}
    names = [line[: line.index(PASSWORD)].split()[-1] for line in rows]
    assert names[:3] == ["office", "office2", "district-office"]


#: The numbers in the credit codes of last year's first three, as the seed has them.
FIRST_THREE = ["0028", "0023", "0021"]


def first_three(year: int) -> list[str]:
    rows = Shortlist.objects.get(edition=edition("city", year)).rows.order_by("rank")
    return [code[-5:-1] for code in rows.values_list("nomination__subject_key", flat=True)[:3]]


def test_the_seed_decides_who_wins(demo):
    assert first_three(2025) == FIRST_THREE


@pytest.mark.django_db
def test_a_year_nobody_has_published_is_entered_as_provisional(tmp_path):
    """2 January 2027, a Saturday: the notice that runs ends in a year without an arrangement."""
    now = datetime(2027, 1, 2, 1, 0, tzinfo=UTC)
    for _folder in made(tmp_path, now):
        assert first_three(2026) == FIRST_THREE
        assert CalendarYear.objects.get(year=2027).provisional
        notice = Notice.objects.get(edition__host__code="370213")
        assert notice.published_at.date() == date(2026, 12, 31)
        assert (notice.ends_on, notice.provisional_confirmed) == (date(2027, 1, 7), True)
        assert not AuditEntry.objects.filter(at__gt=now).exists()
        assert not CalendarYear.objects.exclude(year=2027).filter(provisional=True).exists()


@pytest.mark.django_db
def test_production_refuses(settings):
    settings.PRODUCTION = True
    for arguments in ((), ("--accounts",)):
        with pytest.raises(SystemExit):
            said(*arguments)
    with pytest.raises(Refused):
        make(NOW)
    assert not Edition.objects.exists() and not User.objects.filter(is_demo=True).exists()


@pytest.mark.django_db
def test_without_a_demonstration_there_are_no_accounts():
    assert said("--accounts") == "没有演示账号。\n"


@pytest.mark.django_db
def test_days_are_working_days_in_office_hours():
    lay(NOW)
    days = Days(NOW)
    # Monday 8 and Friday 5 June, by the published arrangement of 2026.
    assert timezone.localtime(days.back(2, 17, 30)).isoformat() == "2026-06-08T17:30:00+08:00"
    assert timezone.localdate(days.back(3)) == date(2026, 6, 5)
    assert days.ahead(3) == date(2026, 6, 15)
    # 1 October is a holiday to the 7th in both years.
    assert timezone.localdate(days.on(2025, 10, 1)) == date(2025, 10, 9)
    moments = days.spread(days.back(4), days.back(2, 12), 9)
    assert moments == sorted(set(moments)) and len(moments) == 9
    for each in map(timezone.localtime, moments):
        assert each.date() in (date(2026, 6, 4), date(2026, 6, 5), date(2026, 6, 8))
        assert 9 <= each.hour < 17


def test_the_experts_are_told_what_to_look_at_and_what_to_explain(demo):
    place = edition("370212")
    assert (place.comment_below, place.comment_above) == (60, 95)
    assert [each.code for each in place.dimensions.all()] == ["mechanism", "platform", "effect"]
    assert all(each.guidance and len(each.subpoints) >= 5 for each in place.dimensions.all())
    handed_in = ScoreSheet.objects.filter(
        assignment__nomination__edition=place, submitted_at__isnull=False
    ).prefetch_related("scores__dimension")
    asked = 0
    for sheet in handed_in:
        for score in sheet.scores.all():
            outside = not 60 <= score.points <= 95
            assert bool(sheet.remarks.get(score.dimension.code)) == outside
            asked += outside
    assert asked
