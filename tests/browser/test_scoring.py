"""Scoring in a real browser: by keys alone, on a phone, in two windows, offline, and with the server gone."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from nominations.models import Dimension
from portal.devstack.database import named
from portal.figures import decimal_text
from review import services
from review.models import Assignment, Expert, PanelMember, ScoreSheet
from tests import factories
from tests.browser.window import PHONE, Window

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "围绕一线难题开展小发明小改造，职工提出合理化建议，经评审采纳并落实奖励。" * 60


@pytest.fixture
def panel():
    """Two enterprises under review, one expert who has declared for both."""
    now = timezone.now()
    edition = factories.edition(now=now, comment_below=60, comment_above=Decimal("95"))
    Dimension.objects.filter(edition=edition).update(
        guidance="看制度是否成文、是否覆盖一线职工。",
        subpoints=["组织领导和制度", "经费和激励", "一线职工参与面"],
    )
    office, expert = factories.hat("office"), factories.hat("expert")
    nominations = [factories.nomination(edition, n, state="review", deeds=LONG, now=now) for n in (1, 2)]
    seat = services.Seat("E01", expert.user.full_name, expert.user)
    services.seat_panel(edition, [seat], by=office, now=now)
    services.assign_all(edition, by=office, now=now)
    tasks = list(Assignment.objects.order_by("nomination__subject_key"))
    services.declare_clear(tasks, signature=expert.user.full_name, by=expert, now=now)
    return SimpleNamespace(
        edition=edition, office=office, expert=expert, nominations=nominations, tasks=tasks
    )


def opened(chromium, base, hat, **more):
    window = Window(chromium, base, **more)
    window.go("/accounts/login/")
    window.page.locator("input[name=login]").fill(hat.user.username)
    window.page.locator("input[name=password]").fill(factories.PASSWORD)
    window.page.locator("input[name=password]").press("Enter")
    expect(window.page.locator("#main")).to_contain_text("等您办理")
    return window


@pytest.fixture
def window(chromium, live_server, panel):
    found = opened(chromium, live_server.url, panel.expert)
    yield found
    found.close()


def address(panel, place=0):
    return reverse("review:sheet", args=[panel.tasks[place].pk])


def saved(page, words="已保存"):
    expect(page.locator("[data-saved]")).to_contain_text(words, timeout=20_000)


def points(page, code):
    return page.locator(f"#id_points_{code}")


def stored(panel, place=0):
    sheet = ScoreSheet.objects.get(assignment=panel.tasks[place])
    return {score.dimension.code: decimal_text(score.points) for score in sheet.scores.all()}


def test_by_keyboard_alone(window, panel, album):
    page, keys = window.page, window.page.keyboard
    window.go(address(panel))
    assert not window.unreachable()
    expect(points(page, "mechanism")).to_be_focused()
    keys.type("90")
    keys.press("ArrowRight")
    expect(points(page, "mechanism")).to_have_value("90.5")
    keys.press("Enter")
    keys.type("81")
    keys.press("ArrowLeft")
    keys.press("ArrowDown")
    keys.type("96")
    keys.press("ArrowUp")
    expect(points(page, "platform")).to_be_focused()
    keys.press("ArrowDown")
    # 90.5·35 + 80.5·30 + 96·35 = 8942.5, over 100.
    expect(page.locator("[data-total]")).to_have_text("89.43")
    # Past the limit the next place is the remark that is asked for.
    keys.press("Enter")
    expect(page.locator("#id_remark_effect")).to_be_focused()
    saved(page)
    album.take(window, "scoring")
    page.locator("#id_remark_effect").focus()
    keys.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("提交“")
    keys.press("Enter")
    expect(page.locator("#main")).to_contain_text("“全员创新效果”得 96 分，高于 95 分")
    page.go_back()
    page.go_back()
    page.reload()
    page.locator("#id_remark_effect").focus()
    keys.type("获省级奖项，全员参与。")
    keys.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("提交“")
    expect(page.locator("#main")).to_contain_text("89.43")
    page.get_by_role("button", name="提交并评下一家").focus()
    keys.press("Enter")
    # The next of mine is open, and its first field has the cursor.
    expect(page.locator("h1")).to_contain_text(panel.tasks[1].nomination.subject_name)
    expect(points(page, "mechanism")).to_be_focused()
    sheet = ScoreSheet.objects.get(assignment=panel.tasks[0])
    assert sheet.submitted_at and sheet.remarks == {"effect": "获省级奖项，全员参与。"}
    assert stored(panel) == {"mechanism": "90.5", "platform": "80.5", "effect": "96"}
    assert not window.faults, window.faults


def test_on_a_phone(chromium, live_server, panel, album):
    window = opened(chromium, live_server.url, panel.expert, size=PHONE)
    page = window.page
    window.go(reverse("review:sheets"))
    page.get_by_role("link", name="评下一家").click()
    expect(page.locator("[data-bar]")).to_be_in_viewport()
    expect(page.locator("[data-total]")).to_be_in_viewport()
    onward = page.locator("[data-onward]")
    expect(onward).to_have_text("去评分")
    onward.click()
    for code, value in (("mechanism", "80"), ("platform", "70"), ("effect", "75.5")):
        expect(points(page, code)).to_be_focused()
        expect(points(page, code)).to_be_in_viewport()
        page.keyboard.type(value)
        if code != "effect":
            expect(onward).to_have_text("下一步")
            onward.click()
    expect(onward).to_have_text("提交…")
    expect(page.locator("[data-total]")).to_have_text("75.43")
    saved(page)
    assert not window.overflow() and not window.unreachable()
    # To what supports a dimension, and back to where one was.
    page.locator(".support a").first.click()
    expect(page.locator("#dim-mechanism h2")).to_be_in_viewport()
    expect(page.locator("[data-bar]")).to_be_in_viewport()
    expect(onward).to_have_text("去评分")
    onward.click()
    expect(points(page, "effect")).to_be_in_viewport()
    onward.click()
    page.get_by_role("button", name="提交并评下一家").click()
    expect(page.locator("#main")).to_contain_text("的评分表已提交")
    assert stored(panel) == {"mechanism": "80", "platform": "70", "effect": "75.5"}
    # Large letters fit as well.
    page.locator("form[action*=letters] button").first.click()
    window.go(address(panel, 1))
    assert page.locator("html.large").count() == 1 and not window.overflow()
    album.take(window, "large-letters")
    assert not window.faults, window.faults
    window.close()


def test_two_windows_choose_field_by_field(window, panel, album):
    first, second = window.page, window.context.new_page()
    window.go(address(panel))
    second.goto(address(panel))
    points(first, "mechanism").fill("80")
    first.locator("#id_comment").fill("第一个窗口写的")
    saved(first)
    points(second, "platform").fill("70")
    second.locator("#id_comment").fill("第二个窗口写的")
    saved(second, "没有保存")
    assert stored(panel) == {"mechanism": "80"}
    second.get_by_role("button", name="核对两份，逐项选定").click()
    window.page = second
    expect(second.locator("h1")).to_have_text("核对两份评分")
    assert second.locator("#theirs-points_mechanism").is_checked()
    assert second.locator("#mine-points_platform").is_checked()
    expect(second.locator("#differs-comment")).to_contain_text("两处都改了")
    assert not window.unreachable()
    album.take(window, "two-windows")
    second.get_by_role("button", name="按选定的保存").click()
    expect(second.locator("#main")).to_contain_text("还有没有选定的")
    assert ScoreSheet.objects.get().comment == "第一个窗口写的"
    second.locator("#mine-comment").check()
    second.get_by_role("button", name="按选定的保存").click()
    expect(second.locator("#main")).to_contain_text("已按选定的保存")
    expect(second.locator("[data-offer]")).to_be_hidden()
    assert stored(panel) == {"mechanism": "80", "platform": "70"}
    assert ScoreSheet.objects.get().comment == "第二个窗口写的"


def test_offline_and_on_again(window, panel):
    page = window.page
    window.go(address(panel))
    window.context.set_offline(True)
    points(page, "mechanism").fill("80")
    saved(page, "没有保存，正在重试")
    # Handing in waits for the network instead of losing the page.
    page.locator("[data-submit]").click()
    expect(page.locator("h1")).to_contain_text(panel.tasks[0].nomination.subject_name)
    assert not ScoreSheet.objects.exists()
    window.context.set_offline(False)
    saved(page)
    assert stored(panel) == {"mechanism": "80"}
    # The window is shut while nothing gets through: the next one offers what was typed.
    window.context.set_offline(True)
    points(page, "platform").fill("66.5")
    page.locator("#id_remark_platform").fill("平台不足")
    page.close(run_before_unload=False)
    window.context.set_offline(False)
    page = window.context.new_page()
    page.goto(address(panel))
    expect(page.locator("[data-offer]")).to_contain_text("没有送达的内容")
    expect(points(page, "platform")).to_have_value("")
    page.get_by_role("button", name="恢复到本页").click()
    saved(page)
    assert stored(panel) == {"mechanism": "80", "platform": "66.5"}
    assert ScoreSheet.objects.get().remarks == {"platform": "平台不足"}
    page.reload()
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_a_slip_keeps_the_rest_from_nothing(window, panel):
    page = window.page
    window.go(address(panel))
    points(page, "mechanism").fill("八十")
    points(page, "platform").fill("70")
    saved(page, "标出的得分填写有误")
    assert stored(panel) == {"platform": "70"}
    points(page, "mechanism").fill("80")
    saved(page)
    assert stored(panel) == {"mechanism": "80", "platform": "70"}
    assert not window.faults, window.faults


def test_an_answer_lost_on_the_way_is_nobody_elses_save(window, panel):
    page = window.page
    window.go(address(panel))
    lost = []

    def swallow(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            points(page, "platform").fill("71")
            route.abort()
        else:
            route.continue_()

    page.route("**/review/sheet/*/", swallow)
    points(page, "mechanism").fill("80")
    with window.expecting(409):
        saved(page)
        expect(page.locator("[data-moved]")).to_be_hidden()
    assert lost == [200]
    assert stored(panel) == {"mechanism": "80", "platform": "71"}


class Portal:
    """A web process of its own over the tests' database, to be killed."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        database = named(os.environ.get("DATABASE_URL", "postgresql:///"), connection.settings_dict["NAME"])
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", f"127.0.0.1:{self.port}", "--noreload"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "XUANSHU_ENV": "development", "DATABASE_URL": database},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        raise AssertionError("the portal never answered")

    def kill(self):
        self.process.kill()
        self.process.wait(30)


def test_the_web_process_is_killed_and_comes_back(chromium, panel):
    portal = Portal()
    try:
        window = opened(chromium, portal.url, panel.expert)
        page = window.page
        window.go(address(panel))
        points(page, "mechanism").fill("80")
        saved(page)
        points(page, "platform").fill("70.5")
        portal.kill()
        page.locator("#id_comment").fill("写到一半")
        saved(page, "没有保存，正在重试")
        page.locator("#id_comment").fill("写到一半，又写完了")
        assert stored(panel)["mechanism"] == "80"
        portal.start()
        saved(page)
        assert stored(panel) == {"mechanism": "80", "platform": "70.5"}
        assert ScoreSheet.objects.get().comment == "写到一半，又写完了"
        window.close()
    finally:
        portal.kill()


def test_reopened_by_the_office_and_told_to_the_expert(chromium, live_server, window, panel, album):
    task, now = panel.tasks[0], timezone.now()
    scores = dict.fromkeys(("mechanism", "platform", "effect"), "80")
    services.submit_sheet(task, scores=scores, comment="原来的评语", version=0, by=panel.expert, now=now)
    desk = opened(chromium, live_server.url, panel.office)
    desk.go(address(panel))
    desk.page.get_by_role("link", name="重开这份评分表").click()
    desk.page.get_by_label("理由").fill("第二项得分与评语不符")
    assert not desk.unreachable()
    album.take(desk, "reopen")
    desk.page.get_by_role("button", name="重开这份评分表").click()
    expect(desk.page.locator("#main")).to_contain_text("的评分表已重开")
    window.go(address(panel))
    page = window.page
    expect(page.locator("#main")).to_contain_text("第二项得分与评语不符")
    points(page, "platform").fill("70")
    saved(page)
    # What is written now the office does not read.
    desk.go(address(panel))
    expect(desk.page.locator("#main")).to_contain_text("提交前只有这位专家本人能看到")
    page.get_by_text("这份评分表的修改经过").click()
    expect(page.locator(".sheet-history")).to_contain_text("办公室重开")
    assert not window.faults and not desk.faults
    desk.close()


def test_an_invitation_is_answered(window, panel, album):
    now = timezone.now()
    edition = factories.edition(now=now)
    expert = Expert.objects.get(user=panel.expert.user)
    member = PanelMember.objects.create(
        edition=edition, expert=expert, code="E01", user=expert.user, standing="invited", invited_at=now
    )
    page = window.page
    window.go("/")
    page.get_by_role("link", name="答复邀请").click()
    page.get_by_label("谢绝邀请").check()
    page.get_by_role("button", name="答复").click()
    expect(page.locator("#main")).to_contain_text("谢绝邀请请写明理由")
    assert not window.unreachable()
    album.take(window, "invitation")
    page.get_by_label("接受邀请").check()
    page.get_by_role("button", name="答复").click()
    expect(page.locator("#main")).to_contain_text("已接受邀请")
    member.refresh_from_db()
    assert member.standing == PanelMember.Standing.SEATED
    assert not window.faults, window.faults
