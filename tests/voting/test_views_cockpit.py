"""The cockpit: what it shows in each phase and to whom, what it costs, and that it stands without Redis."""

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests import factories
from tests.voting import ground
from voting.models import Alarm, Case, PhoneCode, Poll
from voting.services import polls, watching

pytestmark = pytest.mark.django_db
GONE = "unix:///nowhere/valkey.sock?db=0"


@pytest.fixture(autouse=True)
def anew():
    watching._full_minutes.cache_clear()
    watching._full_hours.cache_clear()


@pytest.fixture
def at(monkeypatch):
    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(ground.DURING)
    return move


@pytest.fixture
def office(at):
    return factories.sign_in(Client(), factories.hat("office"))


def url(name, pk, query=""):
    return reverse(f"voting:{name}", args=[pk]) + query


def text(response) -> str:
    return response.content.decode()


def alarm(poll, n=0, **fields):
    moments = dict.fromkeys(("since", "until", "raised_at", "seen_at"), ground.DURING)
    return Alarm.objects.create(**{"poll": poll, "rule": "network", "key": f"key{n}"} | moments | fields)


def case(poll, n=1):
    return Case.objects.create(
        poll=poll,
        number=n,
        kind="set_aside",
        grounds="address",
        reason="演示",
        proposed_at=ground.DURING,
        proposed_by=ground.office(poll.edition),
    )


def fill(poll, number, now):
    for n in range(number):
        ground.cast(poll, number=f"199{n:08d}", at=now - timedelta(minutes=n % 50, seconds=1))
        PhoneCode.objects.create(poll=poll, voter=str(n), code_hash="h", sent_at=now, expires_at=now)
        alarm(poll, n)
        case(poll, n + 1)


@pytest.mark.parametrize("query", ["", "&still=1", "&table=1"])
def test_it_costs_the_same_for_few_and_for_many(office, at, query):
    now = ground.DURING + timedelta(hours=2)
    few, many = ground.poll(), ground.poll()
    fill(few, 1, now)
    fill(many, 30, now)
    at(now)
    factories.sign_in(office, factories.hat("office"))

    def cost(name, poll, query):
        watching._full_minutes.cache_clear()
        watching._full_hours.cache_clear()
        with CaptureQueriesContext(connection) as asked:
            assert office.get(url(name, poll.edition_id, query)).status_code == 200
        return len(asked)

    assert cost("live", few, f"?phase=open{query}") == cost("live", many, f"?phase=open{query}")
    assert cost("poll", few, f"?{query}") == cost("poll", many, f"?{query}")


def test_without_redis_it_stands_and_says_so(office, settings):
    poll = ground.poll()
    ground.cast(poll, at=ground.DURING - timedelta(seconds=70))
    settings.REDIS_URL = GONE
    for answer in (
        office.get(url("poll", poll.edition_id)),
        office.get(url("live", poll.edition_id, "?phase=open")),
    ):
        page = text(answer)
        assert answer.status_code == 200
        assert "收票不受影响" in page and "未知" in page and "故障" in page
        assert re.search(r"收到选票</dt><dd class=\"num\">1<", page)
        assert re.search(r"上一分钟</dt><dd class=\"num\">0<", page)


def test_each_role(at):
    poll = ground.poll()
    addresses = [url(name, poll.edition_id, "?phase=open") for name in ("poll", "live", "effort", "pause")]
    wanted = {
        "office": [200, 200, 200, 200],
        "auditor": [200, 200, 403, 403],
        "recommender": [403] * 4,
        "department": [403] * 4,
        "expert": [403] * 4,
        "admin": [403] * 4,
    }
    for role, expected in wanted.items():
        client = factories.sign_in(Client(), factories.hat(role))
        assert [client.get(address).status_code for address in addresses] == expected, role
    assert [Client().get(address).status_code for address in addresses] == [302] * 4
    other = factories.sign_in(Client(), factories.hat("office", "市北区"))
    assert [other.get(address).status_code for address in addresses] == [404] * 4


@pytest.mark.parametrize(
    "moment, phase, words",
    [
        (ground.OPENS - timedelta(hours=2), "waiting", "距开始 2 小时 0 分"),
        (ground.DURING, "open", "距截止 2 天 23 小时"),
        (ground.CLOSES - timedelta(seconds=75), "open", "距截止 1 分 15 秒"),
        (ground.CLOSES + timedelta(minutes=5), "over", "已截止 5 分 0 秒"),
    ],
)
def test_each_phase_by_the_servers_clock(at, moment, phase, words):
    poll = ground.poll(closes_itself=False)
    at(moment)
    office = factories.sign_in(Client(), factories.hat("office"))
    page = text(office.get(url("poll", poll.edition_id)))
    assert words in page and f"phase={phase}" in page and "hx-trigger" in page
    assert words in text(office.get(url("live", poll.edition_id, f"?phase={phase}")))


def test_before_the_opening_and_after_the_count_nothing_is_live(at):
    poll = ground.poll(opened=False)
    at(ground.OPENS - timedelta(hours=1))
    office = factories.sign_in(Client(), factories.hat("office"))
    assert 'id="live"' not in text(office.get(url("poll", poll.edition_id)))
    by = ground.office(poll.edition)
    polls.close_poll(
        polls.open_poll(poll, by=by, now=ground.OPENS - timedelta(hours=1)), by=by, now=ground.CLOSES
    )
    at(ground.CLOSES)
    office = factories.sign_in(Client(), factories.hat("office"))
    assert 'id="live"' not in text(office.get(url("poll", poll.edition_id)))


def test_another_phase_asks_for_the_whole_page(office):
    poll = ground.poll()
    answer = office.get(url("live", poll.edition_id, "?phase=waiting"))
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_refreshing_can_be_stopped_and_the_table_shown(office):
    poll = ground.poll()
    page = text(office.get(url("poll", poll.edition_id, "?still=1")))
    assert "hx-trigger" not in page and "接着刷新" in page
    page = text(office.get(url("poll", poll.edition_id, "?table=1")))
    assert page.count('<tr><th scope="row">1') >= 60 and "table=1" in page and "停止刷新" in page


def test_who_listens_hears_only_what_is_new(office):
    poll = ground.poll()
    page = text(office.get(url("live", poll.edition_id, "?phase=open")))
    said = re.search(r'id="live-said"[^>]*>([^<]+)<', page).group(1)
    again = re.search(r'hx-get="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert "live-said" not in text(office.get(again))
    alarm(poll)
    assert "异常预警" in text(office.get(again)) and "异常预警" not in said


def test_what_waits_for_a_person_is_named_without_a_candidate(office):
    poll = ground.poll()
    alarm(poll, candidate=poll.candidates.first(), rule="velocity")
    case(poll, 7)
    page = text(office.get(url("live", poll.edition_id, "?phase=open")))
    assert "得票速度突增" in page and "第 7 号案" in page and "1 条待处理" in page
    assert not any(each.nomination.subject_name in page for each in polls.candidates_of(poll))


def test_a_pause_is_previewed_and_its_note_kept_or_cleared(office):
    poll = ground.poll()
    auditor = factories.hat("auditor")
    address = url("pause", poll.edition_id)
    page = text(office.get(address))
    assert str(auditor.user) in page and "暂停不延长投票时间" in page
    assert page.count("此前收到的选票有效，恢复时间在本页公布") == 3  # two to choose from, one as it looks
    page = text(office.post(address, {"usual": "1", "note": "", "look": "1"}))
    assert "核查情况另行公布" in page.split('id="seen"')[1] and not Poll.objects.get().paused_at
    page = text(office.post(address, {"usual": "", "note": ""}))
    assert "请选一条常用说明" in page and not Poll.objects.get().paused_at
    office.post(address, {"usual": "1", "note": "自己写的说明"})
    paused = Poll.objects.get()
    assert paused.paused_at and paused.public_note == "自己写的说明"
    assert "自己写的说明" in text(Client().get(reverse("voting:booth", args=[poll.pk])))
    assert "自己写的说明</textarea>" in text(office.get(url("resume", poll.edition_id)))
    office.post(url("resume", poll.edition_id), {"note": ""})
    assert not Poll.objects.get().paused_at and not Poll.objects.get().public_note
    page = text(office.get(url("poll", poll.edition_id)))
    history = page.split("开启、暂停和调整")[1]
    assert history.index("恢复投票") < history.index("暂停投票") < history.index("开启投票")
    assert "自己写的说明" in history


def test_a_usual_note_is_enough(office):
    poll = ground.poll()
    office.post(url("pause", poll.edition_id), {"usual": "2", "note": ""})
    assert "短信验证码发送有故障" in Poll.objects.get().public_note


def test_effort_says_what_it_means_and_is_changed_with_a_reason(office):
    poll = ground.poll()
    page = text(office.get(url("effort", poll.edition_id)))
    assert "不到 1 秒" in page and "约算 2 秒" in page and "约算 8 秒" in page
    office.post(url("effort", poll.edition_id), {"effort": "raised", "note": ""})
    assert Poll.objects.get().effort == "normal"
    office.post(url("effort", poll.edition_id), {"effort": "raised", "note": "验证码请求突增"})
    assert Poll.objects.get().effort == "raised"
    assert "防刷强度改为“加强”" in text(office.get(url("poll", poll.edition_id)))


def test_setting_up_asks_for_area_appeal_and_effort_and_opening_repeats_them(at):
    at(factories.NOW)
    office = factories.sign_in(Client(), factories.hat("office"))
    edition = ground.voting_edition()
    address = url("set_up", edition.pk)
    page = text(office.get(address))
    assert "参评地区" in page and "查询期（天）" in page and 'value="30"' in page
    asked = {"opens": "2026-06-02T10:00", "closes": "2026-06-05T10:00", "area": "青岛市", "effort": "raised"}
    assert office.post(address, asked | {"appeal_days": "0"}).status_code == 200
    assert office.post(address, asked | {"appeal_days": "45"}).status_code == 302
    page = text(office.get(address))
    assert 'value="45"' in page and 'value="青岛市"' in page
    page = text(office.get(url("open_poll", edition.pk)))
    assert "参评地区：青岛市" in page and "截止后 45 天" in page and "防刷强度：加强" in page


def test_closing_shows_what_is_left_to_do(at):
    poll = ground.poll(closes_itself=False)
    ground.cast(poll)
    at(ground.CLOSES)
    office = factories.sign_in(Client(), factories.hat("office"))
    address = url("close_poll", poll.edition_id)
    page = text(office.get(address))
    assert "收到选票 1 张，隔离 0 张，有效 1 张" in page and "1 张选票没有进入公开记录" in page
    alarm(poll)
    case(poll)
    page = text(office.get(address))
    assert "1 件异常票处置案没有决定" in page and "1 条预警没有处理" in page and "公开记录" in page


def test_the_workbook_of_the_result(office, at):
    poll = ground.poll()
    for n in range(3):
        ground.cast(poll, (1, 2) if n else (1,), number=f"199{n:08d}")
    address = url("export", poll.edition_id)
    assert office.get(address).status_code == 404
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    book = load_workbook(io.BytesIO(office.get(address).content))
    assert book.sheetnames == ["结果", "数字", "处置案"]
    rows = [[cell.value for cell in row] for row in book["结果"].iter_rows(min_row=3, max_row=7)]
    assert rows[0][:5] == ["名次", "编号", "企业名称", "得票", "投票得分"]
    first, second = rows[1], rows[2]
    assert (first[0], first[1], first[3], float(first[4])) == (1, 1, 3, 100.0)
    assert (second[0], second[1], second[3]) == (2, 2, 2)
    figures = {row[0].value: row[1].value for row in book["数字"].iter_rows(min_row=4)}
    assert (figures["收到选票"], figures["隔离选票"], figures["有效选票"]) == ("3", "0", "3")
    said = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "19900000" not in said and not any(each.voter in said for each in poll.ballots.all())


def test_the_public_reads_the_rules_it_votes_under(at):
    poll = ground.poll(opened=False)
    address = reverse("voting:terms", args=[poll.pk])
    assert Client().get(address).status_code == 404
    Poll.objects.update(area="青岛市", appeal_days=45, effort="raised")
    polls.open_poll(poll, by=ground.office(poll.edition), now=factories.NOW)
    at(ground.DURING + timedelta(minutes=1))  # past what the shelf keeps
    answer = Client().get(address)
    page = text(answer)
    assert answer.status_code == 200 and not answer.cookies and "public" in answer.headers["Cache-Control"]
    for words in ("1 至 2 家", "面向青岛市", "截止后 45 天", "“加强”", "以服务器时间为准", "委员会决定"):
        assert words in page, words
    booth = text(Client().get(reverse("voting:booth", args=[poll.pk])))
    assert address in booth
