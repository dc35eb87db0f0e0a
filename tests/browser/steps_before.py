"""The walk from the founding of an edition to its nominees."""

import re

from playwright.sync_api import expect

from tests.browser.walk import (
    FIRMS,
    PEOPLE,
    TITLE,
    TYPED,
    Visitor,
    Walk,
    certificate,
    recommendation_workbook,
    text_moment,
)
from tests.factories import credit_code

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
QUOTA = 6
#: Those the recommender puts forward: five of the workbook's eight, and the one typed by hand.
PUT_FORWARD = "甲乙丙丁戊" + TYPED
REFUSED = "戊"
NOMINEES = "甲乙丙" + TYPED
#: What each expert gives: three dimensions, by enterprise.
POINTS = {"甲": (92, 90, 91), "乙": (88, 86, 87), "丙": (84, 85, 83), "丁": (70, 71, 69), TYPED: (80, 82, 81)}
EXPERTS = (("E01", "expert1"), ("E02", "expert2"), ("E03", "expert3"))


def found_edition(walk: Walk) -> None:
    """Office: the wizard, the quota, publishing."""
    with walk.visitor("office") as office:
        office.look("home-office-empty")
        office.rail("届次")
        office.follow("设立一届")
        office.sees("设立一届", "由委员会决定")
        office.fill(title=TITLE, seats="2", nominees="4", min_sheets="2", min_picks="1", max_picks="2")
        office.fill(contact_address="青岛市演示路1号", contact_phone="0532-00000000")
        # Most of this edition comes on a list alone; what must be attached is the committee's to say.
        for kind in ("营业执照", "工会法人资格证", "职代会记录", "单位公示件"):
            office.main.get_by_label(kind, exact=True).uncheck()
        for kind, opens, closes in (
            ("recommendation", (2026, 6, 1, 9, 0), (2026, 6, 5, 18, 0)),
            ("screening", (2026, 6, 8, 9, 0), (2026, 6, 12, 18, 0)),
            ("review", (2026, 6, 15, 9, 0), (2026, 6, 19, 18, 0)),
            ("voting", (2026, 6, 22, 8, 0), (2026, 6, 26, 18, 0)),
            ("inspection", (2026, 6, 29, 9, 0), (2026, 7, 3, 18, 0)),
            ("publicity", (2026, 7, 6, 9, 0), (2026, 7, 13, 23, 59)),
        ):
            office.fill(**{f"{kind}_opens": text_moment(*opens), f"{kind}_closes": text_moment(*closes)})
        office.look("edition-wizard")
        office.press("设立这一届")
        office.sees("已设立", TITLE, "未发布")
        office.rail("推荐名额")
        office.row("市南区总工会").locator("input[type=number]").first.fill(str(QUOTA))
        office.press("保存名额")
        office.sees("改动了 1 个单位的名额")
        office.look("quotas")
        office.rail("本届概况")
        office.follow("发布")
        office.press("发布这一届")
        office.sees("已发布")
        office.look("edition")


def recommend(walk: Walk) -> None:
    """Recommender: a workbook with an error, the right one, one by hand, the order, the quota."""
    with walk.visitor("union") as union:
        union.look("home-recommender")
        union.follow(TITLE)
        union.step("组织推荐")
        _import(union)
        _type_one(union)
        _send_back(union)
        _rank(union)
        _within_quota(union)


def _import(union: Visitor) -> None:
    union.follow("导入汇总表")
    union.hand_in("file", "推荐汇总表.xlsx", recommendation_workbook(wrong_code=True), XLSX)
    union.press("上传并预览")
    union.sees("导入预览", "改好后重新上传", FIRMS["甲"])
    wrong = union.main.get_by_role("row", name=re.compile("统一社会信用代码")).filter(has_text="5")
    expect(wrong.first).to_be_visible()
    union.look("import-preview-error")
    union.follow("改好后重新上传")
    union.hand_in("file", "推荐汇总表.xlsx", recommendation_workbook(), XLSX)
    union.press("上传并预览")
    union.sees("将导入 8 家企业")
    union.look("import-preview")
    union.press("导入这 8 家")
    union.sees("已导入 8 家", "0 / 6，还可推荐 6 家", "共 8 家")


def _type_one(union: Visitor) -> None:
    union.follow("新建（代企业填报）")
    union.fill(credit_code=credit_code(9), name=FIRMS[TYPED])
    union.look("nomination_new")
    union.press("建立草稿，填写申报表")
    union.sees("草稿已建立", FIRMS[TYPED])
    union.fill(division_name="市南区", industry="软件和信息服务")
    union.main.locator("#id_nature").select_option("民营")
    union.main.locator("#id_independent_0").check()
    union.fill(employees="260", union_founded_on="2011-09-01", union_members="245")
    union.fill(deeds="设职工创新基金，一线职工揭榜攻关，全年落地改进 312 项（演示）。")
    union.fill(contact_name="演示联系人", contact_phone="19900000009")
    union.look("declaration")
    union.press("保存")
    union.sees("已保存（第", FIRMS[TYPED])
    union.follow("上传佐证")
    union.hand_in("file", "证书.pdf", certificate(), "application/pdf")
    union.main.locator("[data-kind]").select_option("union")
    union.main.locator("[data-title]").fill("工会法人资格证书（演示）")
    union.look("attach")
    union.press("上传这 1 份")
    union.sees("已上传 1 份", "工会法人资格证书（演示）")
    union.follow("返回这一家")
    union.follow("提交")
    union.press("提交这一家")
    union.sees("已提交", "审核推荐")
    union.look("nomination")


def _send_back(union: Visitor) -> None:
    """Back once, with a note at the field; mended, and what changed is shown."""
    union.follow("审核")
    line = union.main.locator(".examined > div", has_text="职工人数").first
    line.locator("summary").click()
    line.locator("textarea").fill("与社保参保人数不符")
    union.main.get_by_label("填写有误").check()
    union.fill(reason="请按 5 月社保缴纳人数填写（演示）。")
    union.look("examine")
    union.press("退回这一家")
    union.sees("已退回", "填写有误")
    union.follow("填写申报表")
    union.sees("与社保参保人数不符")
    union.fill(employees="268")
    union.press("保存")
    union.sees("已保存（第")
    union.follow("提交")
    union.press("提交这一家")
    union.sees("已提交", "260", "268")


def _rank(union: Visitor) -> None:
    union.step("组织推荐")
    union.follow("排序")
    union.press(f"上移 {FIRMS[TYPED]}")
    expect(union.row(FIRMS[TYPED]).locator("td.num")).to_have_text("8")
    union.look("rank")
    union.press("按此次序保存")
    union.follow("返回列表")
    union.look("recommender-desk")


def _within_quota(union: Visitor) -> None:
    union.main.get_by_label("全选").check()
    union.press("推荐所选")
    union.sees("推荐 9 家企业", "名额 6 家")
    expect(union.main.get_by_role("button", name="推荐这 9 家")).to_have_count(0)
    union.look("recommend-over-quota")
    union.follow("返回")
    for name in PUT_FORWARD:
        union.main.get_by_label(FIRMS[name], exact=True).check()
    expect(union.main.locator("#desk-bulk")).to_contain_text("已选 6 家")
    union.press("推荐所选")
    union.sees("推荐 6 家企业")
    union.look("recommend")
    union.press("推荐这 6 家")
    union.sees("已推荐 6 家", "6 / 6，还可推荐 0 家")


def close_recommendation(walk: Walk) -> None:
    walk.clock.move_to(2026, 6, 5, 18, 30)
    with walk.visitor("office") as office:
        office.look("home-office")
        office.follow("关闭组织推荐", exact=False)
        office.sees(
            "6 家已推荐的企业进入资格审查", "3 家还没有完成推荐", *(FIRMS[each] for each in PUT_FORWARD)
        )
        office.look("close-recommendation")
        office.press("关闭", exact=False)
        office.sees("组织推荐已关闭，6 家进入资格审查")


def screen(walk: Walk) -> None:
    """Two departments are asked; one has something to say."""
    walk.clock.move_to(2026, 6, 8, 9, 30)
    with walk.visitor("office") as office:
        office.rail("资格审查")
        office.follow("确定征求意见部门")
        wanted = ("市科技局：科研严重失信行为", "市市场监管局：经营异常名录和严重违法失信企业名单")
        for box in office.main.locator("input[name=questions]").all():
            box.set_checked(box.get_attribute("aria-label") in wanted)
        expect(office.main.locator("input[name=questions]:checked")).to_have_count(2)
        office.look("consult")
        office.press("确定")
        office.sees("征求意见的部门和核查项已确定", "将送 2 个部门", *(FIRMS[each] for each in PUT_FORWARD))
        office.look("send-batch")
        office.press("把这 6 家送 2 个部门")
        office.sees("第 1 批已送出：6 家企业", "0/6")
    with walk.visitor("kjj") as department:
        department.look("home-department")
        department.follow("答复", exact=False)
        with department.window.expecting(422):
            for name in PUT_FORWARD:
                answer = "有问题" if name == REFUSED else "无异议"
                department.row(FIRMS[name]).get_by_label(answer, exact=True).check()
                department.row_shows(FIRMS[name], "请写明情况后保存" if name == REFUSED else "已保存")
            department.press("保存答复")
            expect(department.main.get_by_role("alert")).to_contain_text("请写明情况")
        department.row(FIRMS[REFUSED]).get_by_label("说明", exact=False).fill("科研诚信案件正在查处（演示）")
        department.look("department-list")
        department.press("保存答复")
        department.row_shows(FIRMS[REFUSED], "已保存")
        department.sees("6 / 6")
    with walk.visitor("scj") as department:
        department.follow("答复", exact=False)
        department.follow("其余 6 项答复“无异议”")
        department.sees(*(FIRMS[each] for each in PUT_FORWARD))
        department.press("对这 6 家答复“无异议”")
        department.sees("已对 6 项答复“无异议”")


def close_screening(walk: Walk) -> None:
    with walk.visitor("office") as office:
        office.rail("资格审查")
        office.sees("均无异议 5 家，有问题 1 家")
        office.look("screening")
        office.follow("关闭资格审查")
        office.sees("5 家资格合格", "1 家不合格", FIRMS[REFUSED], "科研诚信案件正在查处")
        office.look("close-screening")
        office.press("关闭资格审查，5 家进入专家评审")
        office.sees("资格审查已关闭：5 家进入专家评审，1 家不予通过")


def review(walk: Walk) -> None:
    walk.clock.move_to(2026, 6, 15, 9, 30)
    with walk.visitor("office") as office:
        office.rail("专家组")
        for code, username in EXPERTS:
            office.fill(code=code, name=_name(username), employer="演示大学")
            office.main.locator("#id_user").select_option(label=_name(username))
            office.press("加入专家组")
            office.sees("专家组已更新")
        office.look("panel")
        office.follow("分配评审任务")
        office.fill(each="0", seed="演示种子 2026")
        office.press("预览")
        office.look("assign")
        office.press("分配这 15 份评审任务")
        office.sees("已分配 15 份评审任务")
    for place, (_code, username) in enumerate(EXPERTS):
        with walk.visitor(username) as expert:
            expert.follow("评分", exact=False) if place else expert.look("home-expert")
            _score(expert, _name(username), first=not place)
    with walk.visitor("office") as office:
        office.rail("专家评审")
        office.sees("每家的有效评分表都已够数")
        office.look("review-progress")
        office.follow("关闭专家评审")
        office.sees("提名 4 家进入公众投票", *(FIRMS[each] for each in NOMINEES))
        office.look("close-review")
        office.press("关闭专家评审，提名这 4 家")
        office.sees("专家评审已关闭，成绩已冻结")


def _name(username: str) -> str:
    return PEOPLE[username][2]


def _score(expert: Visitor, signature: str, *, first: bool) -> None:
    """The first expert steps aside from 丁 and is looked at while scoring; the others only score."""
    left = [name for name in POINTS if not (first and name == "丁")]
    if first:
        expert.page.locator("a", has_text=TITLE).first.click()
        expert.look("sheets")
        expert.follow(FIRMS["丁"])
        expert.main.locator("input[name=recuse-kind]").first.check()
        expert.look("recuse")
        expert.press("回避这一家")
        expert.sees("已回避")
    expert.follow("一并声明")
    expert.main.get_by_label("全选").check()
    expert.fill(signature=signature)
    if first:
        expert.look("declare")
    expert.press("我与所勾选的企业均无回避情形")
    expert.sees(f"已声明与 {len(left)} 家企业无回避情形")
    for number, name in enumerate(left):
        if not number:
            expert.follow(FIRMS[name])
        else:
            expert.step("专家评审")
            expert.follow(FIRMS[name])
        _fill_sheet(expert, name, closely=first and not number)


def _fill_sheet(expert: Visitor, name: str, *, closely: bool) -> None:
    """By keyboard: the first field has the focus, Enter goes on, Ctrl+Enter hands in."""
    keys = expert.page.keyboard
    first = expert.main.locator("[data-points]").first
    expect(first).to_be_focused()
    for points in POINTS[name]:
        keys.type(str(points))
        keys.press("Enter")
    mechanism, platform, effect = POINTS[name]
    total = (35 * mechanism + 30 * platform + 35 * effect) / 100
    expect(expert.main.locator("[data-total]")).to_have_text(f"{total:.2f}")
    if closely:
        first.focus()
        keys.press("ArrowRight")
        expect(first).to_have_value(f"{mechanism}.5")
        keys.press("ArrowLeft")
        expect(first).to_have_value(str(mechanism))
        expect(expert.main.locator("[data-saved]")).to_contain_text("已保存", timeout=10_000)
        expert.look("expert-sheet")
        first.focus()
    keys.press("Control+Enter")
    expert.sees("提交后锁定，不能再修改", f"{total:.2f}")
    if closely:
        expert.look("submit-sheet")
    expert.main.get_by_role("button", name=re.compile("^提交(并评下一家|这份评分表)$")).click()
    expert.sees("的评分表已提交")
