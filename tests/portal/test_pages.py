"""The portal's own pages: the front door, home, the bell, large letters, the record, the working days."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from portal.calendar import confirm_year, published, set_year
from portal.errors import Refused
from portal.home import home_of
from portal.models import AuditEntry, CalendarYear, Notification
from portal.notify import notify
from portal.todo import Todo
from tests import factories as make

pytestmark = pytest.mark.django_db

LINES = []


def some_todos(hat, *, now):
    return list(LINES)


@pytest.fixture
def work(settings):
    """What the floors above would say, said by hand."""
    settings.TODO_SOURCES = [f"{__name__}.some_todos"]
    LINES.clear()
    yield LINES
    LINES.clear()


def queries(client, path, django_assert_max_num_queries=None):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def open_poll(edition, now, **fields):
    fields = {"opens": now - timedelta(days=1), "closes": now + timedelta(days=6)} | fields
    return apps.get_model("voting", "Poll").objects.create(edition=edition, **fields)


def notice(edition, now, ends_on, title):
    return apps.get_model("awards", "Notice").objects.create(
        edition=edition,
        title=title,
        text="演示",
        published_at=now - timedelta(days=3),
        published_by=make.hat("office", edition.host),
        workdays=5,
        ends_on=ends_on,
    )


# --- the front door


def test_anybody_reads_the_front_page_without_a_session(client):
    make.city()
    response = client.get("/")
    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    page = response.content.decode()
    for word in ("组织推荐", "资格审查", "专家评审", "公众投票", "差额考察", "提名公示", "工作人员登录"):
        assert word in page
    assert "现在没有正在进行的投票。" in page and "现在没有在公示期内的名单。" in page


def test_the_front_page_shows_what_runs_and_nothing_else(client):
    now = timezone.now()
    today = timezone.localdate(now)
    running, hidden, over = (make.edition(title=title) for title in ("正投票届", "未发布届", "已截止届"))
    type(hidden).objects.filter(pk=hidden.pk).update(published=False)
    open_poll(running, now, opened_at=now - timedelta(days=1))
    open_poll(hidden, now, opened_at=now - timedelta(days=1))
    open_poll(over, now, opened_at=now - timedelta(days=9), opens=now - timedelta(days=9), closes=now)
    notice(running, now, today, "今天截止的公示")
    notice(over, now, today - timedelta(days=1), "昨天截止的公示")
    notice(hidden, now, today, "未发布届的公示")
    page = client.get("/").content.decode()
    assert "正投票届" in page and "今天截止的公示" in page
    for absent in ("未发布届", "已截止届", "昨天截止的公示"):
        assert absent not in page


def test_a_poll_to_come_and_a_paused_one_say_so(client):
    now = timezone.now()
    open_poll(make.edition(title="将投票届"), now, opened_at=now, opens=now + timedelta(days=2))
    page = client.get("/").content.decode()
    assert "将投票届的投票将于" in page
    paused = make.edition(title="暂停届")
    open_poll(paused, now, opened_at=now - timedelta(days=1), paused_at=now)
    page = client.get("/").content.decode()
    assert "投票暂停" in page and "看候选名单并投票" not in page


def test_the_front_page_costs_the_same_however_much_runs(client):
    now = timezone.now()
    open_poll(make.edition(), now, opened_at=now)
    few = queries(client, "/")
    for n in range(4):
        edition = make.edition()
        open_poll(edition, now, opened_at=now)
        notice(edition, now, timezone.localdate(now), f"公示{n}")
    assert queries(client, "/") == few == 2


# --- home


def test_what_is_due_what_is_to_do_and_what_waits(work, now):
    today = timezone.localdate(now)
    work += [
        Todo("审查", "逾期的", "/a/", today - timedelta(days=1)),
        Todo("评分", "今天的", "/b/", today, count=3),
        Todo("核对", "以后的", "/c/", today + timedelta(days=9)),
        Todo("填写", "不限期的", "/d/"),
        Todo("答复", "别人的", "/e/", today, waiting=True),
    ]
    home = home_of(make.hat("office"), now=now)
    shown = {
        group.key: [(line.object, line.urgency, line.note) for line in group.lines] for group in home.groups
    }
    assert shown == {
        "today": [("逾期的", "late", ""), ("今天的", "today", "共 3 项")],
        "todo": [("以后的", "", ""), ("不限期的", "", "")],
        "waiting": [("别人的", "today", "")],
    }
    assert (home.late, home.today, home.todo) == (1, 3, 6)


def test_an_empty_group_says_what_comes_next_and_when(work, now):
    make.edition(
        title="演示届",
        dates={
            "recommendation": (now - timedelta(days=2), now + timedelta(days=3)),
            "screening": (now + timedelta(days=4), now + timedelta(days=9)),
        },
    )
    today, todo, waiting = home_of(make.hat("office"), now=now).groups
    assert today.next == "演示届的组织推荐，2026年6月4日 (周四) 截止。"
    assert todo.next == "演示届的资格审查，2026年6月5日 (周五) 开始。"
    assert waiting.so and waiting.next
    work.append(Todo("核对", "投票异常", "/c/", date(2026, 6, 8)))
    today = home_of(make.hat("office"), now=now).groups[0]
    assert today.next == "最近的一项：核对 投票异常，2026年6月8日 (周一) 到期。"


def test_home_costs_the_same_however_much_there_is(client, work):
    office = make.sign_in(client, make.hat("office"))
    make.nomination(make.edition(), 1)
    few = queries(office, "/")
    for _each in range(3):
        edition = make.edition()
        for _other in range(3):
            make.nomination(edition, state="recommendation")
        work.append(Todo("审查", "演示企业", "/"))
    assert queries(office, "/") == few


def test_the_rail_is_of_the_edition_at_hand(client):
    office = make.sign_in(client, make.hat("office"))
    make.edition(title="先设的届")
    newest = make.edition(title="后设的届")
    page = office.get("/").content.decode()
    rail = page[page.index('class="rail"') : page.index("</nav>", page.index('class="rail"'))]
    assert newest.title in rail and "先设的届" not in rail
    assert "留痕记录" in rail


# --- the bell


def test_looking_at_the_bell_is_reading_it(client, now):
    worn, other = make.hat("office"), make.hat("auditor")
    notify("test", [worn], subject="给办公室的", now=now)
    notify("test", [other], subject="给别人的", now=now)
    make.sign_in(client, worn)
    page = client.get("/notices/").content.decode()
    assert "给办公室的" in page and "未读" in page and "给别人的" not in page
    assert "bi-dot" in page and "bi-dot" not in client.get("/notices/").content.decode()
    assert Notification.objects.unread(other.user).count() == 1


# --- large letters


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/notices/?page=2", "/notices/?page=2"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\elsewhere.example", "/"),
        ("", "/"),
    ],
)
def test_letters_come_back_to_this_site_only(client, back, to):
    response = client.post("/letters/", {"next": back, "letters": "large"})
    assert response.status_code == 302 and response.url == to
    assert response.cookies["letters"].value == "large"


def test_a_foreign_referer_is_not_followed(client):
    response = client.post("/letters/", HTTP_REFERER="https://elsewhere.example/x")
    assert response.url == "/"
    assert client.post("/letters/", HTTP_REFERER="http://testserver/front/").url == "http://testserver/front/"
    assert client.get("/letters/").status_code == 405


# --- the record


def test_the_record_is_narrowed_by_each_field(client):
    edition = make.edition(title="查一查届")
    made = make.nomination(edition, 1, state="screening")
    make.nomination(make.edition(), 2, state="recommendation")
    make.sign_in(client, make.hat("auditor"))

    def total(**given):
        return client.get("/record/", given).context["page"].paginator.count

    everything = AuditEntry.objects.count()
    assert total() == everything
    assert total(edition=edition.pk) == AuditEntry.objects.filter(edition_id=edition.pk).count() == 4
    assert total(act="nominations.recommend") == 1
    assert total(nomination=made.subject_name) == total(nomination=made.enterprise.credit_code) == 2
    assert total(person="recommender") == 3
    assert total(since="2026-06-01", until="2026-06-01") == everything
    assert total(since="2026-06-02") == total(until="2026-05-31") == 0
    assert total(since="不是日期", act="没有这一项") == everything


def test_the_office_of_a_district_reads_its_own_lines_only(client):
    make.nomination(make.edition(title="市级届"), 1)
    make.edition(host="市南区", title="市南届")
    make.edition(host="市北区", title="市北届")
    make.sign_in(client, make.hat("office", "市南区"))
    page = client.get("/record/").content.decode()
    assert "市南届" in page and "市级届" not in page and "市北届" not in page


def test_the_record_is_paged_at_constant_cost(client):
    make.sign_in(client, make.hat("auditor"))
    make.nomination(make.edition(), 1)
    few = queries(client, "/record/")
    for n in range(2, 12):
        make.nomination(make.edition(), n, state="named")
    assert queries(client, "/record/") == few
    first, second = (client.get("/record/", {"page": n}).context["lines"] for n in (1, 2))
    assert len(first) == 50 and len(first) + len(second) == AuditEntry.objects.count()


# --- working days


def year_2031(**changes):
    return {
        "year": 2031,
        "source": "演示放假通知",
        "provisional": True,
        "holidays": [date(2031, 1, 1)],
        "workdays": [date(2031, 1, 4)],
    } | changes


def test_a_year_is_entered_corrected_and_confirmed_on_the_record(now):
    office = make.hat("office")
    set_year(**year_2031(), by=office, now=now)
    assert published().provisional(date(2031, 1, 1), date(2031, 1, 31))
    set_year(**year_2031(holidays=[date(2031, 1, 1), date(2031, 1, 2)]), by=office, now=now)
    assert not published().is_workday(date(2031, 1, 2)) and published().is_workday(date(2031, 1, 4))
    confirm_year(2031, by=office, now=now)
    assert not published().provisional(date(2031, 1, 1), date(2031, 1, 31))
    acts = AuditEntry.objects.filter(act="portal.manage_calendar")
    assert [entry.detail["changed"].keys() for entry in acts] == [
        {"year", "source", "provisional", "holidays", "workdays"},
        {"holidays"},
        {"provisional"},
    ]


def test_confirming_twice_and_a_workday_on_a_weekday_are_refused(now):
    office = make.hat("office")
    set_year(**year_2031(provisional=False), by=office, now=now)
    with pytest.raises(Refused):
        confirm_year(2031, by=office, now=now)
    with pytest.raises(Refused):
        set_year(**year_2031(workdays=[date(2031, 1, 6)]), by=office, now=now)
    with pytest.raises(Refused):
        set_year(**year_2031(source=" "), by=office, now=now)


def test_the_page_reads_runs_of_days_and_keeps_what_was_typed(client):
    make.sign_in(client, make.hat("office"))
    given = {"year": 2031, "source": "演示放假通知", "holidays": "2031-10-01 至 2031-10-03\n2031-01-01"}
    assert client.post("/calendar/new/", given).status_code == 302
    assert CalendarYear.objects.get(pk=2031).holidays == [
        "2031-01-01",
        "2031-10-01",
        "2031-10-02",
        "2031-10-03",
    ]
    page = client.get("/calendar/2031/").content.decode()
    assert "2031-10-01 至 2031-10-03" in page
    wrong = client.post("/calendar/2031/", {**given, "holidays": "十月一日"})
    assert wrong.status_code == 200
    assert "“十月一日”不是日期" in wrong.content.decode() and ">\n十月一日" in wrong.content.decode()
    other = client.post("/calendar/2031/", {**given, "workdays": "2031-01-06"})
    assert "不是周末" in other.content.decode()
    assert CalendarYear.objects.get(pk=2031).workdays == []


def test_a_provisional_year_is_confirmed_on_a_page_of_its_own(client):
    make.sign_in(client, make.hat("office"))
    CalendarYear.objects.filter(pk=2026).update(provisional=True)
    assert "确认 2026 年" in client.get("/calendar/2026/confirm/").content.decode()
    assert CalendarYear.objects.get(pk=2026).provisional
    assert client.post("/calendar/2026/confirm/").status_code == 302
    assert not CalendarYear.objects.get(pk=2026).provisional
    assert "已经确认过" in client.post("/calendar/2026/confirm/").content.decode()
    assert client.get("/calendar/2099/confirm/").status_code == 404


# --- health


def test_the_watchman_needs_no_sign_in(client):
    assert client.get("/healthz").content == b"ok"
    assert client.get("/readyz").json() == {"database": "ok"}


@pytest.mark.parametrize(
    ("role", "words", "never"),
    [
        ("auditor", ("届次", "留痕记录"), ("工作日历", "通知发送", "推荐名额")),
        ("admin", ("工作日历", "留痕记录", "通知发送"), ("推荐名额",)),
    ],
)
def test_auditor_and_admin_find_the_pages_of_the_house(client, role, words, never):
    make.edition()
    make.sign_in(client, make.hat(role))
    page = client.get("/").content.decode()
    rail = page[page.index('class="rail"') : page.index("</nav>", page.index('class="rail"'))]
    assert all(word in rail for word in words)
    assert not any(word in rail for word in never)
