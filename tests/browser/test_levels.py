"""The board of the three levels by clicking: categories and years, a figure and its list, on a phone too."""

from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from nominations.models import Category
from tests import factories
from tests.browser.window import PHONE, Window
from tests.indicators.test_levels import named

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(chromium, live_server):
    opened = []

    def of(hat, **size):
        client = factories.sign_in(Client(), hat)
        cookie = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        opened.append(Window(chromium, live_server.url, cookies=cookie, **size))
        return opened[-1]

    yield of
    for each in opened:
        with closing(each):
            assert each.faults == []


@pytest.fixture
def year():
    """The year it is: 21 named by one district and one of them by the city; a result by another district."""
    factories.city()
    now = timezone.localdate().year
    for n in range(1, 22):
        named(n, year=now - 1)
    named(30, "city", "city", now, firm=factories.enterprise(1), number="演示市1")
    named(31, host="市北区", year=now)
    result = Category.objects.get(code="cxcg")
    named(32, host="市北区", year=now, category=result, subject_key="k", subject_name="演示降耗成果")
    return now


def test_from_a_figure_to_its_list(window, year, tmp_path, album):
    office = window(factories.hat("office"))
    page = office.page
    office.go(reverse("indicators:levels"))
    years = page.get_by_role("region", name="各年命名数")
    south = years.get_by_role("row").filter(has=page.get_by_role("rowheader", name="市南区"))
    expect(south).to_contain_text("21 / 10")
    expect(south.locator("svg.years rect")).to_have_count(1)
    album.take(office, "levels")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出").click()
    kept = tmp_path / "levels.xlsx"
    download.value.save_as(kept)
    assert load_workbook(kept).sheetnames == ["各年命名", "各区市情况"]
    south.get_by_role("link", name="21", exact=True).click()
    page.get_by_text("共 21 家次").wait_for()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody > tr")).to_have_count(1)
    office.go(reverse("indicators:levels"))
    page.get_by_role("row").filter(has_text="市南区总工会").get_by_role("link", name="1", exact=True).click()
    page.locator("tbody summary").click()
    expect(page.locator(".path > li")).to_have_count(2)
    expect(page.locator(".path > li").last).to_contain_text("市级")
    album.take(office, "level-path")
    assert office.unreachable() == []


def test_on_a_phone_by_category(window, year, album):
    union = window(factories.hat("recommender", "市北区"), size=PHONE)
    page = union.page
    union.go(reverse("indicators:levels"))
    years = page.get_by_role("region", name="各年命名数")
    north = years.get_by_role("row").filter(has=page.get_by_role("rowheader", name="市北区"))
    expect(north).to_contain_text("1 / 10")
    expect(years.get_by_role("columnheader", name=str(year - 5))).to_be_hidden()
    page.get_by_role("link", name="职工优秀创新成果").click()
    # A category without a target shows figures alone.
    expect(north.get_by_role("link", name="1", exact=True)).to_be_visible()
    expect(north).not_to_contain_text("/ 10")
    album.take(union, "levels-category")
    north.get_by_role("link", name="1", exact=True).click()
    page.get_by_text("演示降耗成果").first.wait_for()
    assert union.unreachable() == []
