"""The pages of cases: choose, preview, propose; read; decide; undo."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.voting import ground
from voting.models import Alarm, Case, Quarantine
from voting.services import polls, quarantine

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the server."""

    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(ground.DURING)
    return move


def url(name, *args):
    return reverse(f"voting:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def desks(poll):
    """The two people of the office, each at a browser."""
    hats = ground.office(poll.edition), ground.second(poll.edition)
    return [factories.sign_in(Client(), hat) for hat in hats]


def ballots_of(poll, number=3, picks=(1, 2), **kw):
    return [ground.cast(poll, picks, number=f"199000000{n:02d}", **kw) for n in range(number)]


def previewed(desk, poll, **asked):
    """The address of a preview: it ends at a second that has passed."""
    answer = desk.get(url("set_aside", poll.edition_id), asked)
    return answer.url if answer.status_code == 302 else answer.request["PATH_INFO"]


def test_chosen_previewed_proposed_decided_undone(at):
    poll = ground.poll()
    one, other = desks(poll)
    ballots_of(poll, address="10.0.0.1")
    address = url("set_aside", poll.edition_id)
    assert "请至少填写一个条件" in text(one.get(address, {"since": "", "network": ""}))
    assert "until=2026-06-02T11" in previewed(one, poll, since="2026-06-02T10:00")
    at(ground.DURING + timedelta(minutes=1))
    preview = previewed(one, poll, since="2026-06-02T10:00")
    at(ground.DURING + timedelta(minutes=5))
    late = ground.cast(poll, number="19900000099", at=ground.DURING + timedelta(minutes=4))
    page = text(one.get(preview))
    assert "有 3 张有效选票" in page and "提出隔离这 3 张选票" in page
    assert str(ground.second(poll.edition).user) in page
    assert one.post(preview, {"reason": "", "grounds": "address", "seen": "3"}).status_code == 200
    assert not Case.objects.exists()
    answer = one.post(preview, {"reason": "同一网段", "grounds": "address", "seen": "3"}, follow=True)
    case = Case.objects.get()
    assert answer.redirect_chain == [(url("case", case.pk), 302)]
    assert "等待办公室另一人决定" in text(answer) and "请您决定" not in text(answer)
    assert late not in case.ballots.all() and case.ballots.count() == 3
    # Nobody decides what one proposed, however one asks.
    answer = one.post(url("case", case.pk), {"approved": "yes"})
    assert "换一个身份也不能决定" in text(answer) and not Quarantine.objects.exists()
    page = text(other.get(url("case", case.pk)))
    assert "同意，隔离这 3 张选票" in page and "同一网段" in page and "按条件挑选" in page
    assert "请写明理由" in text(other.post(url("case", case.pk), {"approved": "no", "note": ""}))
    answer = other.post(url("case", case.pk), {"approved": "yes", "note": ""}, follow=True)
    assert "实际隔离" in text(answer) and "撤销这一案" in text(answer)
    assert "提出恢复这 3 张选票" in text(other.get(url("undo_case", case.pk)))
    answer = other.post(url("undo_case", case.pk), {"reason": "核实"}, follow=True)
    undo = Case.objects.get(undoes=case)
    assert "撤销的是第 1 号案" in text(answer)
    assert url("undo_case", case.pk) not in text(one.get(url("case", case.pk)))
    one.post(url("case", undo.pk), {"approved": "yes"})
    assert Quarantine.objects.get(kind="restore").ballots.count() == 3
    page = text(one.get(url("cases", poll.edition_id)))
    assert "第 1 号" in page and "第 2 号" in page and "撤销第 1 号" in page


def test_a_preview_that_is_out_of_date_is_said_and_nothing_is_proposed(at):
    poll = ground.poll()
    one, _other = desks(poll)
    ballots = ballots_of(poll)
    at(ground.DURING + timedelta(minutes=1))
    preview = previewed(one, poll, since="2026-06-02T10:00")
    ground.set_aside(poll, ballots[:1])
    answer = one.post(preview, {"reason": "演示", "grounds": "other", "seen": "3"})
    assert "预览时 3 张，现在 2 张" in text(answer)
    assert Case.objects.count() == 1


def test_what_was_set_aside_is_chosen_to_be_restored(at):
    poll = ground.poll()
    one, _other = desks(poll)
    ground.set_aside(poll, ballots_of(poll)[:2])
    at(ground.DURING + timedelta(minutes=1))
    preview = previewed(one, poll, kind="restore", since="2026-06-02T10:00")
    page = text(one.get(preview))
    assert "有 2 张已隔离的选票" in page and "提出恢复这 2 张选票" in page
    one.post(preview, {"reason": "核实", "grounds": "other", "seen": "2"})
    assert Case.objects.get(number=2).kind == "restore"


def test_somebody_alone_is_told_before_typing(at):
    poll = ground.poll()
    one = factories.sign_in(Client(), ground.office(poll.edition))
    ballots_of(poll)
    at(ground.DURING + timedelta(minutes=1))
    page = text(one.get(previewed(one, poll, since="2026-06-02T10:00")))
    assert "现在本办公室只有您一人" in page and 'name="reason"' not in page


def test_by_candidate_only_where_totals_are_seen(at):
    hidden, shown = ground.poll(), ground.poll(totals="shown")
    for poll in (hidden, shown):
        ballots_of(poll)
    at(ground.DURING + timedelta(minutes=1))
    one = factories.sign_in(Client(), ground.office(hidden.edition))
    ground.second(hidden.edition)
    page = text(one.get(url("set_aside", hidden.edition_id)))
    assert 'name="candidate"' not in page and 'name="picks"' not in page and "不能按所选企业挑选" in page
    # Typed into the address it is no condition at all.
    asked = {"candidate": "1", "until": "2026-06-02T11:00:30"}
    assert "请至少填写一个条件" in text(one.get(url("set_aside", hidden.edition_id), {"candidate": "1"}))
    assert "有 3 张" in text(one.get(url("set_aside", hidden.edition_id), asked | {"candidate": "4"}))
    page = text(one.get(url("set_aside", shown.edition_id)))
    assert 'name="candidate"' in page and 'name="picks"' in page
    assert "有 3 张" in text(one.get(url("set_aside", shown.edition_id), asked))
    assert "有 0 张" in text(one.get(url("set_aside", shown.edition_id), asked | {"candidate": "4"}))
    assert "有 3 张" in text(
        one.get(url("set_aside", shown.edition_id), {"picks": ["1", "2"], "until": "2026-06-02T11:00:30"})
    )


@pytest.mark.parametrize(
    "asked, words",
    [
        ({"since": "2026-06-02T11:00", "until": "2026-06-02T10:00"}, "应晚于"),
        ({"since": "x"}, "since"),
        ({"dwell": "-1"}, "dwell"),
        ({"dwell": "99999"}, "dwell"),
        ({"home": "moon"}, "home"),
        ({"network": "a" * 65}, "network"),
    ],
)
def test_nonsense_is_refused_at_its_field(at, asked, words):
    poll = ground.poll()
    one, _other = desks(poll)
    page = text(one.get(url("set_aside", poll.edition_id), asked))
    assert "请先改正以下内容" in page and words in page
    assert "提出隔离这" not in page


def test_an_unknown_network_finds_nothing(at):
    poll = ground.poll()
    one, _other = desks(poll)
    ballots_of(poll)
    page = text(
        one.get(url("set_aside", poll.edition_id), {"network": "f" * 64, "until": "2026-06-02T10:30"})
    )
    assert "有 0 张" in page


def test_an_alarm_is_proposed_from_its_page(at):
    poll = ground.poll()
    one, _other = desks(poll)
    ballots = ballots_of(poll)
    alarm = Alarm.objects.create(
        poll=poll,
        rule="device",
        since=ground.OPENS,
        until=ground.DURING,
        raised_at=ground.DURING,
        seen_at=ground.DURING,
    )
    alarm.ballots.set(ballot.pk for ballot in ballots[:2])
    page = text(one.get(url("propose_alarm", alarm.pk)))
    assert "提出隔离这 2 张选票" in page and "同一设备反复投票" in page
    answer = one.post(url("propose_alarm", alarm.pk), {"reason": "查实"})
    case = Case.objects.get()
    assert answer.url == url("case", case.pk) and case.alarms.get() == alarm
    assert "由预警提出：设备重复使用" in text(one.get(url("case", case.pk)))
    assert "已经处理过" in text(one.post(url("propose_alarm", alarm.pk), {"reason": "再来"}))
    assert one.get(url("propose_alarm", alarm.pk)).url == url("alarm", alarm.pk)


def test_after_the_count_cases_are_read_only(at):
    poll = ground.poll()
    one, other = desks(poll)
    case = ground.set_aside(poll, ballots_of(poll)[:1]).case
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    page = text(one.get(url("case", case.pk)))
    assert "撤销这一案" not in page
    assert one.get(url("undo_case", case.pk)).url == url("case", case.pk)
    assert "已冻结" in text(one.post(url("undo_case", case.pk), {"reason": "演示"}))
    assert "挑选选票，提出一案" not in text(other.get(url("cases", poll.edition_id)))


def test_cases_are_for_the_office_of_the_host_and_the_auditor_reads(at):
    poll = ground.poll()
    ballots = ballots_of(poll)
    case = ground.set_aside(poll, ballots[:1]).case
    waiting = ground.propose(poll, ballots[1:])
    reading = [url("cases", poll.edition_id), url("case", case.pk), url("case", waiting.pk)]
    acting = [url("set_aside", poll.edition_id), url("undo_case", case.pk)]

    def answers(client, addresses):
        return {client.get(address).status_code for address in addresses}

    auditor = factories.sign_in(Client(), factories.hat("auditor"))
    assert answers(auditor, reading) == {200} and answers(auditor, acting) == {403}
    assert not any("请您决定" in text(auditor.get(address)) for address in reading)
    assert auditor.post(reading[2], {"approved": "yes"}).status_code == 403
    for role in ("recommender", "department", "expert", "inspector", "admin"):
        client = factories.sign_in(Client(), factories.hat(role))
        assert answers(client, reading + acting) == {403}, role
        assert client.post(reading[2], {"approved": "yes"}).status_code == 403
    neighbour = factories.sign_in(Client(), factories.hat("office", factories.district("市北区")))
    assert answers(neighbour, reading + acting) == {404}
    assert neighbour.post(reading[2], {"approved": "yes"}).status_code == 404
    assert answers(Client(), reading + acting) == {302}
    waiting.refresh_from_db()
    assert not waiting.decision


def test_the_city_may_not_touch_the_cases_of_a_district(at):
    poll = ground.poll(host="市北区")
    case = ground.propose(poll, ballots_of(poll))
    city = factories.sign_in(Client(), factories.hat("office"))
    assert city.post(url("case", case.pk), {"approved": "yes"}).status_code == 403
    assert city.get(url("set_aside", poll.edition_id)).status_code == 403


def test_the_list_costs_the_same_for_few_and_for_many(at):
    poll = ground.poll()
    one, _other = desks(poll)
    ballots = ballots_of(poll, 12)

    def cost():
        one.get(url("cases", poll.edition_id))
        with CaptureQueriesContext(connection) as asked:
            page = text(one.get(url("cases", poll.edition_id)))
        return len(asked), len(re.findall(r"/vote/case/\d+/", page))

    for ballot in ballots[:2]:
        ground.set_aside(poll, [ballot])
    few, shown = cost()
    assert shown == 2
    for ballot in ballots[2:9]:
        ground.set_aside(poll, [ballot])
    ground.propose(poll, ballots[9:])
    assert cost() == (few, 10)


def test_old_acts_without_a_case_are_listed(at):
    poll = ground.poll()
    one, _other = desks(poll)
    (ballot,) = ballots_of(poll, 1)
    act = Quarantine.objects.create(
        poll=poll,
        kind="set_aside",
        reason="旧记录",
        done_at=ground.DURING,
        done_by=ground.office(poll.edition),
    )
    act.ballots.add(ballot.pk)
    page = text(one.get(url("cases", poll.edition_id)))
    assert "实行两人办理以前的记录" in page and "旧记录" in page


def test_what_changed_meanwhile_is_said_to_the_one_who_decides(at):
    poll = ground.poll()
    _one, other = desks(poll)
    ballots = ballots_of(poll)
    first = ground.propose(poll, ballots[:2])
    later = ground.propose(poll, ballots)
    quarantine.decide(first, approved=True, by=ground.second(poll.edition), now=ground.DURING)
    page = text(other.get(url("case", later.pk)))
    assert "其中 2 张在提出以后已由别的案改变" in page and "同意，隔离这 1 张选票" in page
