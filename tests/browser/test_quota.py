"""A workbook of quotas by clicking, then the board: who has recommended nobody, and 催办 by name."""

from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal.models import Notification
from tests import factories
from tests.browser.window import Window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def edition():
    return factories.edition(now=timezone.now())


@pytest.fixture
def window(chromium, live_server, edition):
    client = factories.sign_in(Client(), factories.hat("office"))
    cookie = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    with closing(Window(chromium, live_server.url, cookies=cookie)) as opened:
        yield opened
        assert opened.faults == []


def test_quotas_come_from_the_form_and_the_board_urges_by_name(window, edition, tmp_path, album):
    shinan, shibei = factories.hat("recommender", "市南区"), factories.hat("recommender", "市北区")
    factories.nomination(edition, 1)
    page = window.page
    window.go(reverse("nominations:quotas", args=[edition.pk]))
    page.get_by_role("link", name="从 Excel 导入").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载分配表").click()
    form = tmp_path / "form.xlsx"
    download.value.save_as(form)
    book = load_workbook(form)
    wanted = {"市南区总工会": 3, "市北区总工会": 2}
    for row in book.active.iter_rows(min_row=4):
        if row[0].value in wanted:
            row[1].value = wanted[row[0].value]
    book.save(form)
    page.get_by_label("推荐名额分配表").set_input_files(form)
    page.get_by_role("button", name="上传并预览").click()
    album.take(window, "quota-preview")
    page.get_by_role("button", name="保存这 2 个单位的名额").click()
    page.get_by_text("已保存，改动了 2 个单位的名额。").wait_for()
    assert dict(edition.quotas.values_list("organisation__name", "number")) == wanted
    assert window.unreachable() == []
    album.take(window, "quotas")
    page.get_by_role("main").get_by_role("link", name="推荐进度").click()
    album.take(window, "board")
    assert window.unreachable() == []
    page.get_by_role("link", name="有剩余名额").click()
    page.get_by_role("main").get_by_role("link", name="催办", exact=True).click()
    page.get_by_text("市南区总工会（起草 1）").wait_for()
    page.get_by_text("市北区总工会（一家未报）").wait_for()
    album.take(window, "urge")
    page.get_by_role("button", name="催办这 2 个单位").click()
    page.get_by_text("已催办 2 个单位。").wait_for()
    assert page.get_by_text("今天已催办").count() == 2
    told = set(Notification.objects.values_list("recipient", flat=True))
    assert told == {shinan.user_id, shibei.user_id}
