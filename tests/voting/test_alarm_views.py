"""The pages of alarms: what they say, who reads them, how one is dismissed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.voting import ground
from tests.voting.test_services_detecting import MIDDAY, TICK, everyday, fill, script
from voting.models import Alarm
from voting.services import detecting
from voting.views import alarm_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll():
    """A poll with a script at work, and an honest rush for candidate 6."""
    made = ground.poll(20, max_picks=5)
    everyday(made)
    script(made)
    rush = [(MIDDAY + timedelta(seconds=9 * n), (6, 7 + n % 13), {"network": f"m{n}"}) for n in range(60)]
    fill(made, rush)
    detecting.detect(made, now=MIDDAY + TICK)
    return made


def page(client, name, *args, query=""):
    response = client.get(reverse(f"voting:{name}", args=args) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def alarm(poll, rule, **more):
    return Alarm.objects.get(poll=poll, rule=rule, **more)


def test_an_alarm_says_what_was_seen_and_which_honest_reasons_leave_what_open(client, poll):
    factories.sign_in(client, ground.office(poll.edition))
    found = alarm(poll, "clique")
    shown = page(client, "alarm", found.pk)
    for name in ("3", "14", "15"):
        assert f'<li value="{name}">' in shown
    assert "40 张选票至少有两个共同的异常特征" in shown and "纯属偶然的可能不到" in shown
    assert "停留时间短得反常" in shown and "解释不了：" in shown
    assert "<svg" in shown and "看数字" in shown
    assert "不写任何企业的票数" in shown, "the totals of this edition are hidden"
    assert reverse("voting:propose_alarm", args=[found.pk]) in shown
    assert reverse("voting:dismiss_alarm", args=[found.pk]) in shown


def test_a_rush_of_honest_voters_is_shown_as_such(client, poll):
    factories.sign_in(client, ground.office(poll.edition))
    found = alarm(poll, "velocity", candidate__number=6)
    shown = page(client, "alarm", found.pk)
    assert "没有选票列为可疑" in shown and "都能解释" in shown
    assert "平时的" in shown and "最高" in shown
    assert reverse("voting:propose_alarm", args=[found.pk]) not in shown


def test_the_list_begins_with_what_is_open_and_asks_as_often_for_many(
    client, poll, django_assert_num_queries
):
    factories.sign_in(client, ground.office(poll.edition))
    shown = page(client, "alarms", poll.edition_id)
    assert "待处理" in shown and "相同选择成批出现" in shown and "得票速度突增" in shown
    assert "没有这样的预警" in page(client, "alarms", poll.edition_id, query="?state=dismissed")

    def asked():
        with CaptureQueriesContext(connection) as seen:
            page(client, "alarms", poll.edition_id, query="?state=all")
        return len(seen)

    few = asked()
    one = alarm(poll, "clique")
    for n in range(30):
        Alarm.objects.create(
            **{
                name: getattr(one, name)
                for name in ("poll", "rule", "since", "until", "raised_at", "seen_at")
            },
            key=f"{n}",
            figures=one.figures,
        )
    assert asked() == few


def test_dismissing_asks_for_a_reason_and_leads_back_to_the_list(client, poll):
    by = ground.office(poll.edition)
    factories.sign_in(client, by)
    found = alarm(poll, "velocity", candidate__number=6)
    address = reverse("voting:dismiss_alarm", args=[found.pk])
    assert "这个字段是必填项" in client.post(address, {"note": ""}).content.decode()
    answer = client.post(address, {"note": "已向工会核实"})
    assert answer.url == reverse("voting:alarms", args=[poll.edition_id])
    found.refresh_from_db()
    assert (found.state, found.settled_by) == ("dismissed", by)
    shown = page(client, "alarm", found.pk)
    assert "已排除" in shown and "已向工会核实" in shown and address not in shown
    assert client.get(address).url == reverse("voting:alarm", args=[found.pk])


def test_the_auditor_reads_and_changes_nothing(client, poll):
    factories.sign_in(client, factories.hat("auditor"))
    found = alarm(poll, "clique")
    shown = page(client, "alarm", found.pk)
    assert reverse("voting:dismiss_alarm", args=[found.pk]) not in shown
    assert reverse("voting:propose_alarm", args=[found.pk]) not in shown
    assert client.post(reverse("voting:dismiss_alarm", args=[found.pk]), {"note": "演示"}).status_code == 403


@pytest.mark.parametrize("role", ["recommender", "expert", "department"])
def test_nobody_else_sees_an_alarm(client, poll, role):
    factories.sign_in(client, factories.hat(role))
    found = alarm(poll, "clique")
    assert client.get(reverse("voting:alarm", args=[found.pk])).status_code in (403, 404)
    assert client.get(reverse("voting:alarms", args=[poll.edition_id])).status_code == 403


def test_an_alarm_with_hardly_any_figures_is_shown_all_the_same(client, poll):
    factories.sign_in(client, ground.office(poll.edition))
    for rule in Alarm.Rule.values:
        candidate = None if rule == "clique" else poll.candidates.get(number=1)
        bare = Alarm.objects.create(
            poll=poll,
            rule=rule,
            candidate=candidate,
            key="bare",
            since=MIDDAY,
            until=MIDDAY,
            raised_at=MIDDAY,
            seen_at=MIDDAY,
        )
        assert bare.get_rule_display() in page(client, "alarm", bare.pk)


def test_an_alarm_without_times_of_staying_has_a_page_too():
    assert alarm_words.stays(Alarm(figures={})) == []
