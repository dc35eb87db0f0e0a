"""A district's own edition by clicking: two steps left out, files in and out, then the city's board."""

import io
from datetime import datetime

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from portal.verification import verify
from tests.browser.steps_before import XLSX
from tests.browser.walk import FIRMS, HERE, TYPED, Clock, Walk, recommendation_workbook, text_moment
from tests.browser.window import PHONE
from tests.factories import credit_code, hat

TITLE = "2026年度市南区全员创新企业（演示）"
PEOPLE = {
    "office": ("office", None, "演示办公室"),
    "district": ("office", "市南区", "演示市南办公室"),
    "union": ("recommender", "市南区", "演示推荐人"),
    "kjj": ("department", "dept-kjj", "演示市科技局"),
    "expert1": ("expert", None, "演示专家甲"),
    "expert2": ("expert", None, "演示专家乙"),
    "expert3": ("expert", None, "演示专家丙"),
}
#: All of the workbook; the panel gives 丙 and 甲 most, the department has something against 戊.
PUT_FORWARD = [name for name in FIRMS if name != TYPED]
REFUSED = "戊"
POINTS = dict(zip("甲乙丙丁己庚辛", (90, 82, 94, 70, 76, 68, 64), strict=True))
NAMED = ("丙", "甲")
SCORES = (
    *("专家编号", "统一社会信用代码", "企业名称"),
    *("全员创新机制建设", "全员创新平台载体建设", "全员创新效果", "回避", "评语"),
)


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(datetime(2026, 6, 1, 9, 30, tzinfo=HERE))
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def walk(chromium, clock, live_server, album):
    for username, (role, place, name) in PEOPLE.items():
        hat(role, place, username, full_name=name)
    return Walk(chromium, live_server.url, clock, album)


@pytest.mark.django_db(transaction=True)
def test_a_district_edition_with_two_steps_left_out(walk):
    found(walk)
    recommend(walk)
    screen(walk)
    review(walk)
    order_and_publish(walk)
    name_them(walk)
    read_the_registry(walk)
    read_the_board(walk)
    assert not verify().broken


def found(walk):
    with walk.visitor("district") as office:
        office.rail("届次")
        office.follow("设立一届")
        office.main.get_by_label("公众投票", exact=True).uncheck()
        office.main.get_by_label("差额考察", exact=True).uncheck()
        expect(office.main.locator("#id_expert_weight")).to_have_value("100")
        office.fill(title=TITLE, seats="2", min_sheets="3")
        office.fill(contact_address="青岛市演示路2号", contact_phone="0532-00000000")
        for kind in ("营业执照", "工会法人资格证", "职代会记录", "单位公示件"):
            office.main.get_by_label(kind, exact=True).uncheck()
        for kind, opens, closes in (
            ("recommendation", (2026, 6, 1, 9, 0), (2026, 6, 3, 18, 0)),
            ("screening", (2026, 6, 4, 9, 0), (2026, 6, 5, 18, 0)),
            ("review", (2026, 6, 8, 9, 0), (2026, 6, 9, 18, 0)),
            ("publicity", (2026, 6, 10, 9, 0), (2026, 6, 18, 23, 59)),
        ):
            office.fill(**{f"{kind}_opens": text_moment(*opens), f"{kind}_closes": text_moment(*closes)})
        office.look("district-wizard")
        office.press("设立这一届")
        office.sees("已设立", TITLE)
        office.rail("本届概况")
        office.follow("发布")
        office.press("发布这一届")
        office.sees("已发布")
        for left_out in ("公众投票", "差额考察"):
            step = office.page.locator(".stepper li", has_text=left_out)
            expect(step).to_contain_text("本届不设")
            expect(step.get_by_role("link")).to_have_count(0)
        office.look("district-edition")


def recommend(walk):
    with walk.visitor("union") as union:
        union.follow(TITLE)
        union.step("组织推荐")
        union.follow("导入汇总表")
        union.hand_in("file", "推荐汇总表.xlsx", recommendation_workbook(), XLSX)
        union.press("上传并预览")
        union.sees("将导入 8 家企业")
        union.press("导入这 8 家")
        union.main.get_by_label("全选").check()
        union.press("推荐所选")
        union.press("推荐这 8 家")
        union.sees("已推荐 8 家")
    walk.clock.move_to(2026, 6, 3, 18, 30)
    with walk.visitor("district") as office:
        office.follow("关闭组织推荐", exact=False)
        office.press("关闭", exact=False)
        office.sees("组织推荐已关闭，8 家进入资格审查")


def screen(walk):
    walk.clock.move_to(2026, 6, 4, 9, 30)
    with walk.visitor("district") as office:
        office.rail("资格审查")
        office.follow("确定征求意见部门")
        for box in office.main.locator("input[name=questions]").all():
            box.set_checked(box.get_attribute("aria-label") == "市科技局：科研严重失信行为")
        office.press("确定")
        office.press("把这 8 家送 1 个部门")
        office.sees("第 1 批已送出：8 家企业")
    with walk.visitor("kjj") as department:
        department.follow("答复", exact=False)
        _name, form = department.download("下载表格")
        department.follow("上传表格")
        department.hand_in("file", "联审答复.xlsx", answered(form), XLSX)
        department.press("上传并预览")
        department.sees(FIRMS[REFUSED], "撤稿一篇（演示）")
        department.look("district-answers")
        department.press("导入", exact=False)
        department.sees("8 / 8")
    with walk.visitor("district") as office:
        office.rail("资格审查")
        office.follow("关闭资格审查")
        office.sees("7 家资格合格", "1 家不合格", FIRMS[REFUSED])
        office.press("关闭资格审查，7 家进入专家评审")
        office.sees("资格审查已关闭")


def answered(form: io.BytesIO) -> bytes:
    """The department's own form, filled in as Excel keeps it."""
    book = load_workbook(form)
    sheet = book.active
    heads = {}
    for row in sheet.iter_rows():
        texts = [cell.value for cell in row]
        if "结果" in texts:
            heads = {text: place for place, text in enumerate(texts)}
        elif heads and any(firm in texts for firm in FIRMS.values()):
            refused = FIRMS[REFUSED] in texts
            row[heads["结果"]].value = "有问题" if refused else "无异议"
            row[heads["说明"]].value = "撤稿一篇（演示）" if refused else None
            row[heads["查询日期"]].value = "2026-06-04"
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def review(walk):
    walk.clock.move_to(2026, 6, 8, 9, 30)
    with walk.visitor("district") as office:
        office.rail("专家组")
        for number in (1, 2, 3):
            name = PEOPLE[f"expert{number}"][2]
            office.fill(code=f"E0{number}", name=name, employer="演示大学")
            office.main.locator("#id_user").select_option(label=name)
            office.press("加入专家组")
            office.sees("专家组已更新")
        office.follow("分配评审任务")
        office.fill(each="0", seed="演示种子 2026")
        office.press("预览")
        office.press("分配这 21 份评审任务")
        office.sees("已分配 21 份评审任务")
        office.rail("专家组")
        office.follow("导入评分表")
        office.hand_in("file", "专家评分表.xlsx", score_sheets(), XLSX)
        office.press("上传并预览")
        office.sees("3 位专家，21 份评分表")
        office.look("district-scores")
        office.press("导入并提交这 21 行")
        office.rail("专家评审")
        office.follow("关闭专家评审")
        office.look("district-close-review")
        office.press("关闭专家评审", exact=False)
        office.sees("专家评审已关闭")


def score_sheets() -> bytes:
    book = Workbook()
    book.active.append(SCORES)
    codes = {name: credit_code(number) for number, name in enumerate(FIRMS, start=1)}
    for expert in (1, 2, 3):
        for name, points in POINTS.items():
            book.active.append(
                [f"E0{expert}", codes[name], FIRMS[name], points, points, points, None, "（演示）"]
            )
    return saved(book)


def order_and_publish(walk):
    walk.clock.move_to(2026, 6, 10, 9, 0)
    with walk.visitor("district") as office:
        office.rail("综合排序")
        office.sees("本届不设公众投票")
        office.press("计算综合排序")
        for name in NAMED:
            office.row_shows(FIRMS[name], "名额以内")
        office.row_shows(FIRMS["乙"], "候补")
        office.look("district-order")
        office.rail("公示")
        for name in NAMED:
            office.sees(FIRMS[name])
        office.press("下一步：核对公示内容")
        office.sees("公示期 5 个工作日", *(FIRMS[name] for name in NAMED))
        office.press("公示这 2 家")
        office.sees("已公示")
        office.look("district-publicity")


def name_them(walk):
    walk.clock.move_to(2026, 6, 19, 9, 0)
    with walk.visitor("district") as office:
        office.rail("公示")
        office.follow("办理命名")
        office.fill(decision="演示南工发7号")
        office.press("命名这 2 家")
        office.sees("已命名 2 家", *(FIRMS[name] for name in NAMED))
        office.look("district-honours")
        office.rail("本届概况")
        office.follow("办结这一届")
        office.press("办结", exact=False)
        office.sees("已办结")


def read_the_registry(walk):
    with walk.visitor(size=PHONE) as citizen:
        citizen.follow("名录")
        citizen.sees("区市级", *(FIRMS[name] for name in NAMED))
        citizen.sees_not(*(FIRMS[name] for name in PUT_FORWARD if name not in NAMED))
        citizen.look("district-registry")


def read_the_board(walk):
    with walk.visitor("office") as office:
        office.rail("三级命名")
        years = office.main.get_by_role("region", name="各年命名数")
        row = years.get_by_role("row").filter(has=office.page.get_by_role("rowheader", name="市南区"))
        expect(row).to_contain_text("2 / 10")
        office.sees("还差 98 家")
        office.row_shows("市南区总工会", "2 / 10", "8", TITLE, "已办结")
        row.get_by_role("link", name="2", exact=True).click()
        office.page.wait_for_load_state()
        office.sees("市南区总工会", "区市级", "共 2 家次", *(FIRMS[name] for name in NAMED))
        office.row(FIRMS["丙"]).locator("summary").click()
        expect(office.row(FIRMS["丙"]).locator(".path > li")).to_have_count(1)
        office.look("level-honours")
    with walk.visitor("office", size=PHONE) as office:
        office.window.go("/indicators/levels/")
        office.sees("市南区", "还差 98 家")
        office.look("levels")
