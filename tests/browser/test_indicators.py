"""A round of indicators by clicking: the office asks, a unit reports in both ways, the chart shows it."""

from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from indicators.models import Value
from tests import factories
from tests.browser.window import Window
from tests.indicators import ground

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(chromium, live_server):
    opened = []

    def of(hat):
        client = factories.sign_in(Client(), hat)
        cookie = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        opened.append(Window(chromium, live_server.url, cookies=cookie))
        return opened[-1]

    yield of
    for each in opened:
        with closing(each):
            assert each.faults == []


def test_a_round_from_the_form_to_the_chart(window, tmp_path, album):
    system = ground.system()
    unit = factories.hat("recommender", "市南区")
    office = window(factories.hat("office"))
    page = office.page
    office.go(reverse("indicators:reporters", args=[system.pk]))
    for name in ("工作室", "参与比例"):
        page.get_by_role("link", name=name).click()
        page.get_by_label("市南区总工会").check()
        page.get_by_role("button", name="保存填报单位").click()
        page.get_by_text(f"已保存“{name}”的填报单位。").wait_for()
    office.go(system.get_absolute_url())
    page.get_by_role("link", name="发起填报").click()
    today = timezone.localdate()
    page.get_by_label("年度").fill("2026" if today.year >= 2026 else str(today.year))
    page.get_by_label("填报期限").fill(today.replace(year=today.year + 1, day=1).isoformat())
    page.get_by_role("button", name="发起填报").click()
    page.get_by_text("已发起，并通知各填报单位。").wait_for()

    theirs = window(unit)
    work = theirs.page
    theirs.go(reverse("portal:home"))
    work.get_by_role("link", name="演示指标").first.click()
    work.get_by_label("工作室", exact=True).fill("12.5")
    work.get_by_role("button", name="保存数据").click()
    work.get_by_label("工作室", exact=True).fill("12")
    work.get_by_role("button", name="保存数据").click()
    work.get_by_text("已保存 1 项。").wait_for()
    with work.expect_download() as download:
        work.get_by_role("link", name="下载填报表").click()
    form = tmp_path / "form.xlsx"
    download.value.save_as(form)
    book = load_workbook(form)
    for row in book.active.iter_rows():
        if row[0].value == 4:
            row[3].value = 66.5
    book.save(form)
    work.get_by_role("link", name="从 Excel 导入").click()
    work.get_by_label("填好的指标填报表").set_input_files(form)
    work.get_by_role("button", name="上传并核对").click()
    work.get_by_text("已从文件读出 2 项").wait_for()
    album.take(theirs, "indicator-report")
    work.get_by_role("button", name="保存数据").click()
    work.get_by_text("已保存 1 项。").wait_for()
    # A correction without its reason is refused, and what was typed is still there.
    work.get_by_label("工作室", exact=True).fill("13")
    work.get_by_role("button", name="保存数据").click()
    work.get_by_text("需要写明理由").first.wait_for()
    assert work.get_by_label("工作室", exact=True).input_value() == "13"
    work.get_by_label("更正理由").fill("漏报一个")
    work.get_by_role("button", name="保存数据").click()
    work.get_by_text("已保存 1 项。").wait_for()
    assert theirs.unreachable() == []

    office.go(system.get_absolute_url())
    row = page.get_by_role("row").filter(has_text="工作室")
    assert row.get_by_text("13", exact=True).count() == 1
    assert row.locator("svg.years rect").count() == 2
    album.take(office, "indicator-board")
    assert office.unreachable() == []
    page.get_by_role("link", name="工作室").click()
    page.get_by_text("漏报一个").wait_for()
    album.take(office, "indicator")
    assert office.unreachable() == []
    values = Value.objects.filter(indicator__number=1).values_list("version", "value", "reason")
    assert [(version, int(value), reason) for version, value, reason in values] == [
        (1, 12, ""),
        (2, 13, "漏报一个"),
    ]
