"""The joint check by hand: a batch, answers by keyboard, the rest at once, a consultee by link on a phone."""

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from portal.models import Organisation
from review import services
from review.models import Opinion
from tests import factories
from tests.browser.walk import HERE, Clock, Walk
from tests.browser.window import PHONE
from tests.review.conftest import FOUNDED

FIRMS = ("演示企业1（演示）", "演示企业2（演示）", "演示企业3（演示）", "演示企业4（演示）")


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(datetime(2026, 6, 8, 9, 30, tzinfo=HERE))
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def walk(chromium, clock, live_server, album):
    edition = factories.edition(title="2026年度演示联审", now=clock())
    for username, role, place in (
        ("office", "office", None),
        ("kjj", "department", "dept-kjj"),
    ):
        factories.hat(role, place, username, full_name=f"演示{username}")
    factories.city()
    asked = [("dept-kjj", "misconduct"), ("dept-yjj", "accident")]
    services.consult(
        edition,
        [(Organisation.objects.get(code=code), item) for code, item in asked],
        by=factories.hat("office"),
        now=clock(),
    )
    for n in range(1, 5):
        factories.nomination(edition, n, state="screening", union_founded_on=FOUNDED, now=clock())
    return Walk(chromium, live_server.url, clock, album)


def opinions():
    rows = Opinion.objects.order_by("nomination").values_list("consultation__department__code", "answer")
    found = {}
    for code, answer in rows:
        found.setdefault(code, []).append(answer)
    return found


@pytest.mark.django_db(transaction=True)
def test_an_afternoon_of_the_joint_check(walk):
    with walk.visitor("office") as office:
        office.rail("资格审查")
        office.sees("有 4 家企业还没有送部门联审")
        office.follow("送出这 4 家")
        office.sees(*FIRMS, "送 2 个部门")
        office.fill(due_on="2026-06-12", note="请按期答复（演示）")
        office.look("batches")
        office.press("把这 4 家送 2 个部门")
        office.sees("第 1 批已送出：4 家企业", "0/4")
        office.look("board-sent")
        address = _issue(office)
    with walk.visitor("kjj") as department:
        department.look("home-department")
        department.follow("答复", exact=False)
        _by_keyboard(department)
        department.follow("其余 2 项答复“无异议”")
        department.sees(FIRMS[2], FIRMS[3])
        department.sees_not(FIRMS[0])
        department.look("rest")
        department.press("对这 2 家答复“无异议”")
        department.sees("已对 2 项答复“无异议”", "4 / 4")
    assert opinions() == {"dept-kjj": ["clear", "problem", "clear", "clear"]}
    _by_link(walk, address)
    assert opinions()["dept-yjj"] == ["unable", "clear", "clear", "clear"]
    with walk.visitor("office") as office:
        office.rail("资格审查")
        office.sees("缺有效答复 0 项", "4/4")
        office.row_shows(FIRMS[0], "无法核查")
        office.row_shows(FIRMS[1], "有问题")
        office.look("board-complete")
        office.follow("答复链接")
        office.sees("李演示", "已提交")
        office.look("links")


def _issue(office) -> str:
    office.follow("答复链接")
    office.main.locator("#id_organisation").select_option(label="市应急管理局")
    office.fill(name="李演示", position="科员")
    office.look("issue-link")
    office.press("签发链接")
    office.sees("只在这一页显示一次")
    office.look("link-issued")
    address = office.main.locator("#link-address").inner_text().strip()
    office.follow("已经发出，返回列表")
    office.sees("未打开")
    return address


def _by_keyboard(department) -> None:
    """The first row has the focus; 1 saves, 2 asks for words, Enter goes on."""
    keys = department.page.keyboard
    expect(department.row(FIRMS[0]).locator("input[value=clear]")).to_be_focused()
    keys.press("1")
    department.row_shows(FIRMS[0], "已保存")
    # 无异议 needs no words: Enter goes to the next row.
    keys.press("Enter")
    keys.press("2")
    department.row_shows(FIRMS[1], "请写明情况后保存")
    keys.press("Enter")
    keys.type("科研诚信案件正在查处（演示）")
    keys.press("Enter")
    department.row_shows(FIRMS[1], "已保存")
    expect(department.row(FIRMS[2]).locator("input[value=clear]")).to_be_focused()
    department.sees("2 / 4")
    department.look("department-list")
    department.page.reload()
    department.row_shows(FIRMS[1], "已答复")


def _by_link(walk, address: str) -> None:
    with walk.visitor(size=PHONE) as person:
        person.page.goto(address)
        person.sees("李演示", FIRMS[0])
        person.row(FIRMS[0]).get_by_label("无法核查", exact=True).check()
        person.row(FIRMS[0]).get_by_label("说明", exact=False).fill("系统检修，请另行核实（演示）")
        person.page.keyboard.press("Tab")
        person.row_shows(FIRMS[0], "已保存")
        person.look("by-link")
        person.follow("上传表格")
        person.look("by-link-workbook")
        person.follow("取消")
        person.follow("其余 3 项答复“无异议”")
        person.press("对这 3 家答复“无异议”")
        person.sees("4 / 4")
        person.follow("提交全部答复")
        person.look("by-link-finish")
        person.press("提交全部答复")
        person.sees("答复已提交")
        with person.window.expecting(404):
            person.page.goto(address)
            person.sees("链接不能用了")
            person.look("by-link-closed")
