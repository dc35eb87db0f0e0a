"""Who is reminded, of what, when, and who never: by hand, around a window that ends on 10 June 2026."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nominations.models import Edition, Nomination, Recommendation, Return
from nominations.services import advance, reminding
from nominations.services.quotas import set_quota
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from tests import factories

pytestmark = pytest.mark.django_db
LAST_DAY = datetime(2026, 6, 10, 0, 30, tzinfo=UTC)
CLOSES = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


def day(number):
    """Half past eight in the morning of that day of June in Qingdao."""
    return LAST_DAY + timedelta(days=number - 10)


@pytest.fixture
def edition(now):
    return factories.edition(now=now, dates={"recommendation": (now, CLOSES)})


@pytest.fixture
def recommender():
    return factories.hat("recommender")


@pytest.fixture
def applicant():
    return factories.hat("applicant")


def told(event=None):
    rows = Notification.objects.filter(channel="site").order_by("pk")
    if event:
        rows = rows.filter(event=f"nominations.{event}")
    return [(row.recipient.username.split("-")[0], row.subject.split("：", 1)[1]) for row in rows]


def send_back(row, by, deadline, *, from_state="recommendation", at=None):
    """An open return as the rows have it; the service that makes one is tested elsewhere."""
    advance(factories.bring(row, from_state), "send_back", by=by, now=at or day(1), note="演示")
    return Return.objects.create(
        nomination=row,
        from_state=from_state,
        reason="演示",
        deadline=deadline,
        returned_at=at or day(1),
        returned_by=by,
    )


def recommended(edition, n, **options):
    row = factories.nomination(edition, n, state="screening", **options)
    by = factories.hat("recommender", row.recommender)
    Recommendation.objects.create(nomination=row, opinion="同意", recommended_at=day(1), recommended_by=by)
    return row


def test_an_enterprise_with_a_draft_of_its_own_is_reminded_beside_its_union(edition, recommender, applicant):
    factories.nomination(edition, factories.enterprise(1))
    assert reminding.remind(edition, now=day(7)) == 2
    assert told() == [
        ("recommender", "还有 1 家没有办完，6月10日截止"),
        ("applicant", "申报表还没有提交，6月10日截止"),
    ]
    assert Notification.objects.filter(recipient=applicant.user).get().url.startswith("/nominations/")


@pytest.mark.parametrize("state", ["recommendation", "screening", "withdrawn"])
def test_an_enterprise_that_has_handed_in_is_left_alone(edition, applicant, state):
    factories.nomination(edition, factories.enterprise(1), state=state)
    reminding.remind(edition, now=LAST_DAY)
    assert [who for who, _subject in told()].count("applicant") == 0


def test_a_return_is_reminded_of_by_its_own_deadline_to_both(edition, recommender, applicant):
    row = factories.nomination(edition, factories.enterprise(1))
    send_back(row, recommender, date(2026, 6, 6))
    counts = {n: reminding.remind(edition, now=day(n)) for n in range(2, 7)}
    assert counts == {2: 0, 3: 2, 4: 0, 5: 2, 6: 2}
    assert told()[-1] == ("applicant", "退回的申报表还没有补正，6月6日截止")


def test_a_return_is_due_no_later_than_the_window(edition, recommender, applicant):
    row = factories.nomination(edition, factories.enterprise(1))
    send_back(row, recommender, date(2026, 6, 20))
    assert reminding.remind(edition, now=LAST_DAY) == 2
    assert told()[-1] == ("applicant", "退回的申报表还没有补正，6月10日截止")


def test_an_overdue_return_is_told_once_to_who_mends_and_who_asked(edition, recommender, applicant):
    row = factories.nomination(edition, factories.enterprise(1))
    send_back(row, recommender, date(2026, 6, 2))
    assert [reminding.remind(edition, now=day(n)) for n in (4, 4, 5, 6)] == [2, 0, 0, 0]
    assert told() == [
        ("applicant", "1 家退回补正已经逾期，请尽快补正"),
        ("recommender", "1 家由您退回的还没有补正，已经逾期"),
    ]
    other = factories.nomination(edition, 2)
    send_back(other, recommender, date(2026, 6, 4))
    # Without an account nobody but the union itself can mend it; it is the one who asked.
    assert reminding.remind(edition, now=day(5)) == 1
    assert Notification.objects.latest("pk").body == "演示企业2（演示）（6月4日前）"


def test_returned_again_it_may_be_overdue_again(edition, recommender, applicant):
    row = factories.nomination(edition, factories.enterprise(1))
    back = send_back(row, recommender, date(2026, 6, 2))
    assert reminding.remind(edition, now=day(3)) == 2
    back.mended_at = day(3)
    back.save()
    row = factories.bring(Nomination.objects.get(), "recommendation")
    send_back(row, recommender, date(2026, 6, 4), at=day(4))
    # On its deadline, then overdue.
    assert [reminding.remind(edition, now=day(n)) for n in (4, 5, 6)] == [2, 2, 0]


def test_from_screening_the_office_asked_and_both_below_mend(edition, recommender, applicant, now):
    office = factories.hat("office")
    row = factories.nomination(edition, factories.enterprise(1), state="screening")
    send_back(row, office, date(2026, 6, 12), from_state="screening")
    close_step(edition, "recommendation", by=office, now=now)
    assert reminding.remind(edition, now=day(12)) == 2
    assert reminding.remind(edition, now=day(13)) == 3
    assert sorted(told("overdue") + told("overdue_back")) == [
        ("applicant", "1 家退回补正已经逾期，请尽快补正"),
        ("office", "1 家由您退回的还没有补正，已经逾期"),
        ("recommender", "1 家退回补正已经逾期，请尽快补正"),
    ]
    close_step(edition, "screening", by=office, now=now)
    assert reminding.remind(edition, now=day(20)) == 0


def test_when_the_one_who_asked_is_gone_the_like_are_told(edition, recommender, applicant):
    row = factories.nomination(edition, factories.enterprise(1))
    send_back(row, recommender, date(2026, 6, 2))
    colleague = factories.hat("recommender", username="colleague")
    Membership.objects.filter(pk=recommender.pk).update(active=False)
    reminding.remind(edition, now=day(4))
    assert Notification.objects.get(event="nominations.overdue_back").recipient == colleague.user


def test_what_lies_in_a_closed_step_is_not_reminded_of(edition, recommender, applicant, now):
    factories.nomination(edition, factories.enterprise(1))
    row = factories.nomination(edition, 2)
    send_back(row, recommender, date(2026, 6, 2))
    close_step(edition, "recommendation", by=factories.hat("office"), now=now)
    assert [reminding.remind(edition, now=day(n)) for n in (3, 7, 9, 10)] == [0, 0, 0, 0]


def test_who_has_recommended_nobody_hears_once_that_the_window_ends(edition, recommender):
    assert [reminding.remind(edition, now=day(n)) for n in (5, 6, 8, 9, 10, 11)] == [0, 0, 1, 0, 0, 0]
    assert told() == [("recommender", "贵单位还没有推荐，6月10日截止")]


def test_who_has_quota_left_and_nothing_open_is_left_alone(edition, recommender, now):
    office = factories.hat("office")
    set_quota(edition, recommender.organisation, 5, by=office, now=now)
    recommended(edition, 1)
    shibei = factories.hat("recommender", "市北区")
    set_quota(edition, shibei.organisation, 0, by=office, now=now)
    assert [reminding.remind(edition, now=day(n)) for n in range(5, 12)] == [0] * 7


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one(now):
    edition = factories.edition(now=now, dates={"recommendation": (now, CLOSES)})
    factories.hat("recommender")
    factories.hat("applicant")
    factories.nomination(edition, factories.enterprise(1))
    start, counts = Barrier(2), []

    def work():
        try:
            start.wait()
            counts.append(reminding.remind(Edition.objects.get(pk=edition.pk), now=LAST_DAY))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 2]
    assert Notification.objects.count() == 2


def test_reminding_asks_the_database_as_often_for_many_as_for_few(edition, recommender):
    for n in range(1, 4):
        factories.nomination(edition, factories.enterprise(n, account=True))
        factories.hat("applicant", factories.enterprise(n).organisation)

    def asked(when):
        with CaptureQueriesContext(connection) as caught:
            reminding.remind(edition, now=when)
        return sum("SELECT" in each["sql"][:7] for each in caught.captured_queries)

    few = asked(day(7))
    for n in range(4, 20):
        factories.nomination(edition, factories.enterprise(n, account=True), recommender="市北区")
        factories.hat("applicant", factories.enterprise(n).organisation)
    assert asked(day(9)) == few


def units(*names):
    return [factories.organisation(name).pk for name in names]


def test_urging_reaches_the_unfinished_once_a_day_and_is_on_the_record(edition, recommender):
    office, shibei = factories.hat("office"), factories.hat("recommender", "市北区")
    factories.nomination(edition, 1)
    factories.nomination(edition, 2, state="recommendation")
    recommended(edition, 3, recommender="市北区")
    wanted = units("市南区", "市北区", "崂山区")
    found = reminding.preview_urge(edition, wanted, now=day(5))
    assert [line.organisation.division_name for line in found.told] == ["市南区"]
    assert [line.organisation.division_name for line in found.finished] == ["市北区"]
    assert [line.organisation.division_name for line in found.unreachable] == ["崂山区"]
    assert found.people == 1
    reminding.urge(edition, by=office, now=day(5), units=wanted)
    assert told() == [("recommender", "请抓紧办理推荐，6月10日截止")]
    assert Notification.objects.get().body == "起草 1 家、待审核 1 家"
    line = AuditEntry.objects.get(act="nominations.remind")
    assert (line.subject_label, line.actor, line.edition_id) == ("市南区总工会", office.user, edition.pk)
    assert line.detail["note"] == "起草 1 家、待审核 1 家"
    with pytest.raises(Refused, match="没有需要催办的单位"):
        reminding.urge(edition, by=office, now=day(5) + timedelta(hours=9), units=wanted)
    reminding.urge(edition, by=office, now=day(6), units=wanted)
    assert len(told()) == 2
    assert shibei.user_id not in Notification.objects.values_list("recipient", flat=True)


@pytest.mark.django_db(transaction=True)
def test_two_who_urge_at_once_urge_once(now):
    edition, office = factories.edition(now=now), factories.hat("office")
    factories.hat("recommender")
    factories.nomination(edition, 1)
    wanted, start, outcomes = units("市南区"), Barrier(2), []

    def press():
        try:
            start.wait()
            reminding.urge(edition, by=office, now=LAST_DAY, units=wanted)
            outcomes.append("sent")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "sent"]
    assert Notification.objects.count() == 1


def test_nobody_but_the_host_urges(edition):
    factories.nomination(edition, 1)
    for hat in (factories.hat("office", "市北区"), factories.hat("recommender"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            reminding.urge(edition, by=hat, now=LAST_DAY, units=units("市南区"))
    assert not Notification.objects.exists()


def test_an_edition_that_is_not_out_or_is_over_urges_nobody(recommender, now):
    office = factories.hat("office")
    silent = factories.edition(now=now, published=False)
    factories.nomination(silent, 1)
    with pytest.raises(Refused, match="没有在办"):
        reminding.urge(silent, by=office, now=LAST_DAY, units=units("市南区"))
