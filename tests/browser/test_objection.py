"""An objection on a telephone, from lodging to answer: citizen, office, enterprise, and a second person."""

import io

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from awards.demonstration import papers
from awards.models import Objection
from tests import factories
from tests.awards.objections import DURING
from tests.awards.stage import at_rank, published
from tests.awards.test_hearing import enterprise_hat
from tests.browser.walk import Clock
from tests.browser.window import PHONE, Window

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"name": "演示市民", "contact": "19900000099 演示路2号"}


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(DURING)
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def notice(clock):
    with transaction.atomic():
        return published()


@pytest.fixture
def visit(chromium, live_server):
    """Opens a window on a telephone for a hat, or for the public; each is looked at when it is closed."""
    windows = []

    def opened(hat=None, **more):
        cookies = {}
        if hat:
            client = factories.sign_in(Client(), hat)
            cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        windows.append(Window(chromium, live_server.url, size=PHONE, cookies=cookies, **more))
        return windows[-1]

    yield opened
    faults = [fault for window in windows for fault in window.faults]
    for window in windows:
        window.close()
    assert faults == []


def press(window, words):
    window.page.locator("#main").get_by_role("button", name=words, exact=True).first.click()
    window.page.wait_for_load_state()


def follow(window, words):
    window.page.locator("#main").get_by_role("link", name=words, exact=True).first.click()
    window.page.wait_for_load_state()


def fill(window, **fields):
    for name, value in fields.items():
        window.page.locator(f"#id_{name}").fill(value)


def words(window) -> str:
    return window.page.locator("#main").inner_text()


def looked_at(window, album, name):
    assert window.overflow() == ""
    assert window.unreachable() == []
    album.take(window, name)
    window.resize(PHONE)


def two_papers():
    return [
        {
            "name": f"照片{n}.pdf",
            "mimeType": "application/pdf",
            "buffer": papers.document(f"照片{n}（演示）", ["演示"]).read(),
        }
        for n in (1, 2)
    ]


def lodge(window, notice, album):
    window.go(reverse("awards:notice", args=[notice.pk]))
    follow(window, "提出异议")
    window.page.locator("#id_nomination").select_option(label=at_rank(notice.edition, 1).subject_name)
    fill(window, **WHO, grounds="申报的建议数量与公示栏不一致（演示）。演示市民。")
    assert not window.page.locator("#id_seal_letter").is_visible()
    window.page.set_input_files("#id_papers", two_papers())
    window.page.get_by_label("以上内容属实", exact=False).check()
    press(window, "提交异议")
    # The grounds say who it is: refused, and what was typed is still there.
    assert "请删去" in words(window)
    assert window.page.locator("#id_name").input_value() == WHO["name"]
    assert "请重新选择" in words(window)
    window.page.set_input_files("#id_papers", two_papers())
    looked_at(window, album, "lodge-refused")
    fill(window, grounds="申报的建议数量与公示栏不一致（演示）。")
    window.page.get_by_label("以上内容属实", exact=False).check()
    press(window, "提交异议")
    assert "异议已登记" in words(window)
    looked_at(window, album, "lodged")
    return window.page.locator(".receipt .number").all_inner_texts()


def test_from_lodging_to_answer_on_a_telephone(visit, notice, clock, album):
    hat = enterprise_hat(notice)
    office, second = factories.hat("office"), factories.hat("office", username="office-2")
    citizen = visit()
    number, code = lodge(citizen, notice, album)
    one = Objection.objects.get()

    at_office = visit(office)
    at_office.go(reverse("awards:objections", args=[notice.edition_id]))
    looked_at(at_office, album, "list")
    follow(at_office, number)
    assert WHO["name"] not in words(at_office) and "查看异议人信息" not in words(at_office)
    at_office.page.get_by_label("受理", exact=True).check()
    press(at_office, "保存")
    assert "核查结论" in words(at_office) and "2026年10月15日" in words(at_office)
    press(at_office, "查看异议人信息")
    assert WHO["name"] in words(at_office)
    looked_at(at_office, album, "person")
    at_office.page.go_back()
    with at_office.page.expect_download() as kept:
        press(at_office, "下载材料 2")
    assert kept.value.suggested_filename == "照片2.pdf"

    follow(at_office, "记录听取的意见")
    at_office.page.get_by_label("异议人", exact=True).check()
    held = clock().astimezone(timezone.get_current_timezone())
    fill(at_office, way="电话", held_at=held.strftime("%Y-%m-%dT%H:%M"), words="照片摄于车间（演示）。")
    looked_at(at_office, album, "hear")
    press(at_office, "保存记录")
    follow(at_office, "请企业答复")
    fill(at_office, matter="请说明建议采纳数量（演示）。", reply_due="2026-09-30")
    press(at_office, "请企业答复")
    follow(at_office, "申请延期")
    fill(at_office, reason="需要调阅原始台账（演示）")
    press(at_office, "申请延期")

    at_second = visit(second)
    at_second.go(reverse("awards:objection", args=[one.pk]))
    assert "只有经办人能够查看" in words(at_second) and "照片" not in words(at_second)
    follow(at_second, "决定延期")
    at_second.page.get_by_label("同意", exact=True).check()
    press(at_second, "决定延期")
    assert "2026年10月22日" in words(at_second)
    looked_at(at_second, album, "second-person")

    at_work = visit(hat)
    at_work.go(reverse("portal:home"))
    assert "答复公示期间的异议" in words(at_work)
    at_work.go(reverse("awards:my_objection", args=[one.pk]))
    assert "请说明建议采纳数量" in words(at_work) and WHO["name"] not in words(at_work)
    fill(at_work, words="数量以台账为准，附说明（演示）。")
    looked_at(at_work, album, "enterprise")
    press(at_work, "提交答复")
    assert "答复已提交" in words(at_work)

    at_office.page.reload()
    assert "数量以台账为准" in words(at_office) and "还没有听取" not in words(at_office)
    looked_at(at_office, album, "heard")
    at_office.page.get_by_label("异议不成立", exact=True).check()
    fill(at_office, decision="调阅台账，数量属实（演示）。", public_outcome="经核实，异议不成立。")
    press(at_office, "保存")
    fill(at_office, answer="台账与申报一致（演示）。")
    press(at_office, "保存")
    assert "台账与申报一致" in words(at_office)
    looked_at(at_office, album, "answered")

    citizen.go(reverse("awards:objection_status"))
    fill(citizen, number=number, code=code)
    press(citizen, "查询")
    for part in ("经核实，异议不成立。", "台账与申报一致", "办理经过", "受理", "延长办结期限"):
        assert part in words(citizen)
    looked_at(citizen, album, "status")
    with citizen.page.expect_download() as kept:
        press(citizen, "下载答复函")
    letter = Document(io.BytesIO(kept.value.path().read_bytes()))
    assert any(WHO["name"] in line.text for line in letter.paragraphs)
    citizen.go(reverse("awards:notice", args=[notice.pk]))
    assert "经核实，异议不成立。" in words(citizen) and WHO["name"] not in words(citizen)


def test_the_form_works_without_a_script(visit, notice):
    window = visit(scripts=False)
    window.go(reverse("awards:object", args=[notice.pk]))
    window.page.get_by_label("单位", exact=True).check()
    window.page.locator("#id_nomination").select_option(label=at_rank(notice.edition, 1).subject_name)
    fill(window, name="青岛演示海潮机械有限公司", contact="19900000099", grounds="数量不一致（演示）。")
    window.page.get_by_label("以上内容属实", exact=False).check()
    press(window, "提交异议")
    assert "加盖公章" in words(window) and "单位联系人" in words(window)
    assert not Objection.objects.exists()


def test_the_roster_on_a_telephone(visit, notice, album):
    hat = factories.hat("office")
    window = visit(hat)
    window.go(reverse("awards:roster"))
    window.page.locator("#id_user").select_option(label=str(hat.user))
    fill(window, starts_on="2026-09-28", ends_on="2026-10-09")
    press(window, "排入值班表")
    assert "2026年9月28日" in words(window)
    looked_at(window, album, "roster")
    window.page.locator("#main").get_by_role("button", name="撤下").first.click()
    window.page.wait_for_load_state()
    assert "还没有排班" in words(window)
