"""Several documents on their way at once: each with its progress, its kind, and its own refusal."""

import io

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from awards.demonstration import papers
from tests import factories
from tests.browser.window import PHONE, SMALL, Window

pytestmark = pytest.mark.django_db(transaction=True)


#: Every small picture is there: the photograph's, and the first page of the PDF.
DRAWN = """() => Array.from(document.querySelectorAll(".thumb img"))
  .every((one) => one.complete && one.naturalWidth > 40)"""


def picture(colour="navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 800), colour).save(out, "JPEG")
    return out.getvalue()


FILES = [
    {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": b""},
    {"name": "安装程序.pdf", "mimeType": "application/pdf", "buffer": b"MZ" + bytes(64)},
    {"name": "车间.jpg", "mimeType": "image/jpeg", "buffer": b""},
]


@pytest.fixture
def draft():
    edition = factories.edition(now=timezone.now(), evidence_required=["licence", "union"])
    return factories.nomination(edition, 1, recognitions=["高新技术企业"])


@pytest.fixture
def window(chromium, live_server, draft):
    client = factories.sign_in(Client(), factories.hat("recommender"))
    found = Window(
        chromium,
        live_server.url,
        cookies={settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value},
    )
    yield found
    found.close()


def three():
    first, second, third = (dict(each) for each in FILES)
    first["buffer"] = papers.document("营业执照（演示）", ["演示"], more=2).read()
    third["buffer"] = picture()
    return [first, second, third]


def test_three_go_up_and_one_is_refused(window, draft):
    page = window.page
    window.go(reverse("nominations:attach", args=[draft.pk]))
    page.set_input_files("input[type=file]", three())
    rows = page.locator(".upload")
    assert rows.count() == 3
    send = page.locator("[data-send]")
    assert send.inner_text() == "上传这 3 份"
    # The name proposes a kind, and says nothing of the others.
    assert rows.nth(0).locator("[data-kind]").input_value() == "licence"
    send.click()
    assert "请选择类型" in rows.nth(1).inner_text()
    assert not draft.evidence.exists()
    rows.nth(1).locator("[data-kind]").select_option("union")
    rows.nth(2).locator("[data-kind]").select_option("recognition")
    rows.nth(2).locator("[data-about]").select_option("高新技术企业")
    assert not window.unreachable()
    with window.expecting(422):
        send.click()
        page.get_by_text("已上传 2 份。 1 份没有上传，原因写在文件旁。").wait_for()
    assert rows.count() == 1
    assert "“安装程序.pdf”是程序，不能上传。" in rows.first.inner_text()
    folder = page.locator("#folder")
    assert "证明：高新技术企业" in folder.inner_text()
    assert folder.get_by_text("还缺", exact=True).count() == 1
    page.wait_for_function(DRAWN)
    assert sorted(draft.evidence.values_list("kind", "title")) == [
        ("licence", "营业执照"),
        ("recognition", "车间"),
    ]
    assert not window.unreachable()
    for size in (PHONE, SMALL):
        window.resize(size)
        assert not window.overflow()
    rows.first.locator("[data-drop]").click()
    assert rows.count() == 0 and send.is_disabled()
    assert not window.faults


def test_too_large_is_said_before_it_is_sent(window, draft):
    window.go(reverse("nominations:attach", args=[draft.pk]))
    big = {"name": "大.pdf", "mimeType": "application/pdf", "buffer": bytes(20 * 2**20 + 1)}
    window.page.set_input_files("input[type=file]", [big])
    assert "“大.pdf”超过 20 MB，请压缩后再上传。" in window.page.locator(".upload").inner_text()
    assert window.page.locator("[data-send]").is_disabled()
    assert not window.faults


def test_the_viewer_goes_by_keyboard_and_loses_no_place(window, draft):
    page = window.page
    window.go(reverse("nominations:attach", args=[draft.pk]))
    first, _second, third = three()
    page.set_input_files("input[type=file]", [first, third])
    page.locator("[data-kind]").nth(1).select_option("photo")
    page.locator("[data-send]").click()
    page.get_by_text("已上传 2 份。").wait_for()
    page.get_by_role("link", name="营业执照", exact=True).first.click()
    page.get_by_text("第 1 页，共 3 页").wait_for()
    assert not window.unreachable()
    page.locator(".viewer-pane").focus()
    for words in ("第 2 页，共 3 页", "第 3 页，共 3 页", "第 2 份，共 2 份"):
        page.keyboard.press("ArrowRight")
        page.get_by_text(words).wait_for()
    assert "doc=" in page.url and page.locator("[rel=next]").count() == 0
    page.keyboard.press("ArrowLeft")
    page.get_by_text("第 1 份，共 2 份").wait_for()
    page.keyboard.press("+")
    page.locator(".zoom-150").wait_for()
    for size in (PHONE, SMALL):
        window.resize(size)
        assert not window.overflow()
    assert not window.faults
