"""The declaration in a real browser: it saves itself, offline and on again, and two windows lose nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from nominations.models import Declaration
from nominations.services.declaring import create_nomination
from tests import factories
from tests.browser.window import PHONE, Window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nomination():
    now = timezone.now()
    edition = factories.edition(now=now)
    return create_nomination(
        edition,
        by=factories.hat("recommender"),
        now=now,
        credit_code=factories.credit_code(1),
        name="云帆精密机械（演示）",
        deeds="原来写的事迹",
    )


@pytest.fixture
def window(chromium, live_server):
    worn = factories.hat("recommender")
    opened = Window(chromium, live_server.url)
    opened.go("/accounts/login/")
    opened.page.locator("input[name=login]").fill(worn.user.username)
    opened.page.locator("input[name=password]").fill(factories.PASSWORD)
    opened.page.locator("input[name=password]").press("Enter")
    expect(opened.page.locator("#main")).to_contain_text("等您办理")
    yield opened
    opened.close()


def saved(page, words):
    expect(page.locator("[data-saved]")).to_contain_text(words, timeout=20_000)


def stored(nomination):
    return Declaration.objects.get(nomination=nomination)


def test_it_saves_itself_and_names_what_it_could_not(window, nomination, album):
    page = window.page
    window.go(reverse("nominations:nomination_edit", args=[nomination.pk]))
    assert not window.unreachable()
    page.locator("#id_industry").fill("软件业")
    page.locator("#id_training_fund").fill("80万")
    page.get_by_role("group", name="成果获奖").get_by_role("button", name="增加一行").click()
    page.locator("[name=awards-1-name]").fill("揭榜攻关（演示）")
    with window.expecting(422):
        page.locator("#id_results").fill("许多")
        saved(page, "标出的 1 项填写有误")
    expect(page.locator("[data-line=results]")).to_contain_text("应填整数")
    kept = stored(nomination)
    assert (kept.industry, kept.answers["training_fund"]) == ("软件业", "800000")
    assert kept.answers["awards"] == [{"name": "揭榜攻关（演示）"}]
    assert "results" not in kept.answers
    page.locator("#id_results").fill("12")
    saved(page, "已保存")
    expect(page.locator("[data-line=results] .error")).to_have_count(0)
    expect(page.locator("[data-missing]")).not_to_contain_text("所属行业")
    assert stored(nomination).answers["results"] == 12
    album.take(window, "declaration")
    window.resize(PHONE)
    assert not window.overflow()
    assert not window.faults, window.faults


def test_offline_and_on_again(window, nomination):
    page = window.page
    address = reverse("nominations:nomination_edit", args=[nomination.pk])
    window.go(address)
    window.context.set_offline(True)
    page.locator("#id_industry").fill("软件业")
    saved(page, "没有保存，网络不通，正在重试")
    assert stored(nomination).industry == ""
    window.context.set_offline(False)
    saved(page, "已保存")
    assert stored(nomination).industry == "软件业"
    # The window is shut while nothing gets through: the next one offers what was typed.
    window.context.set_offline(True)
    page.locator("#id_industry").fill("建筑业")
    saved(page, "没有保存，网络不通")
    page.close(run_before_unload=False)
    window.context.set_offline(False)
    page = window.context.new_page()
    page.goto(address)
    expect(page.locator("[data-offer]")).to_contain_text("没有送达的填写内容")
    page.get_by_role("button", name="恢复到本页").click()
    saved(page, "已保存")
    assert stored(nomination).industry == "建筑业"
    page.reload()
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_two_windows_lose_nothing(window, nomination, album):
    address = reverse("nominations:nomination_edit", args=[nomination.pk])
    window.go(address)
    first, second = window.page, window.context.new_page()
    second.goto(address)
    first.locator("#id_industry").fill("软件业")
    first.locator("#id_deeds").fill("第一个窗口写的")
    saved(first, "已保存")
    second.locator("#id_employees").fill("300")
    second.locator("#id_deeds").fill("第二个窗口写的")
    saved(second, "没有保存")
    expect(second.locator("[data-moved]")).to_contain_text("与本页不同")
    second.locator("[data-moved-go]").click()
    window.page = second
    expect(second.locator("#main")).to_contain_text("双方都改了")
    assert second.locator("#mine-employees").is_checked()
    assert second.locator("#theirs-industry").is_checked()
    assert not window.unreachable()
    album.take(window, "conflict")
    # Undecided is not saved, and says so.
    second.get_by_role("button", name="按选定的保存").click()
    expect(second.locator("#main")).to_contain_text("请为“主要事迹”选定")
    second.locator("#mine-deeds").check()
    second.get_by_role("button", name="按选定的保存").click()
    expect(second.locator("#main")).to_contain_text("两份已合并保存")
    kept = stored(nomination)
    assert (kept.industry, kept.employees, kept.deeds) == ("软件业", 300, "第二个窗口写的")


def test_what_is_known_of_a_code_while_it_is_typed(window, nomination):
    page = window.page
    window.go(reverse("nominations:nomination_new", args=[nomination.edition_id]))
    page.locator("#id_credit_code").fill(factories.credit_code(1).lower())
    expect(page.locator("[data-known]")).to_contain_text("这一届已由“市南区总工会”推荐")
    expect(page.locator("#id_name")).to_have_value("云帆精密机械（演示）")
    page.locator("#id_credit_code").fill("91370202MA0000001X")
    expect(page.locator("[data-known]")).to_contain_text("校验码不符")
    assert not window.faults, window.faults
