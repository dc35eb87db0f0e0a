"""The 名录 on a phone: somebody looks for a name, narrows, opens, goes back, and finds nothing."""

from contextlib import closing

import pytest
from django.urls import reverse

from tests.awards.listed import listed, one
from tests.browser.window import PHONE, Window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(chromium, live_server):
    opened = Window(chromium, live_server.url, size=PHONE)
    with closing(opened):
        yield opened
        assert opened.faults == []


def test_a_search_on_a_phone(window, album):
    listed()
    for n in range(50):
        one(n, number=f"演示编号{n:03}", year=2019)
    page = window.page
    window.go(reverse("portal:front"))
    page.get_by_role("link", name="名录", exact=True).click()
    page.get_by_role("heading", name="名录", exact=True).wait_for()
    album.take(window, "registry-phone")
    page.get_by_role("link", name="下一页").click()
    page.get_by_text("第 2 页，共 2 页（55 条）").wait_for()
    page.get_by_label("名称或命名编号").fill("海风 机械")
    page.keyboard.press("Enter")
    page.get_by_text("共 2 项命名").wait_for()
    # a card says its own columns
    card = page.get_by_role("row").filter(has_text="演市2025-1")
    assert card.locator("td[data-label='所属行业']").inner_text() == "装备制造"
    page.get_by_label("类别").select_option(label="全员创新企业")
    page.get_by_role("button", name="查找").click()
    page.get_by_text("共 1 家次").wait_for()
    page.get_by_role("link", name="打印").click()
    page.get_by_text("“海风 机械”").wait_for()
    page.get_by_role("link", name="回到名录").click()
    assert page.get_by_label("名称或命名编号").input_value() == "海风 机械"
    page.get_by_label("年度").select_option("2019")
    page.get_by_role("button", name="查找").click()
    page.get_by_text("没有找到符合条件的命名。").wait_for()
    page.get_by_role("link", name="清除条件").click()
    page.get_by_text("其中已撤销 1").wait_for()
    # large letters, off the same shelf, and the way they are remembered
    page.get_by_role("button", name="关怀版").click()
    page.locator("html.large").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_no_data_block_is_run_or_complained_of(window):
    one("x", name='</script><script>document.title="演示改写"</script>', number="演示特别")
    window.go(reverse("awards:registry"))
    page = window.page
    assert page.title() == "名录 · 选树"
    block = page.locator('script[type="application/ld+json"]').text_content()
    assert page.evaluate("text => JSON.parse(text).numberOfItems", block) == 1
