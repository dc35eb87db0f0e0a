"""The walk from the public vote to the registry."""

import re
from zipfile import ZipFile

from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.steps_before import NOMINEES, PUT_FORWARD
from tests.browser.walk import (
    FIRMS,
    PEOPLE,
    TITLE,
    TYPED,
    Visitor,
    Walk,
    certificate,
    photograph,
    text_moment,
)
from tests.browser.window import PHONE
from tests.factories import PASSWORD

#: What each voter picks. 甲 3, 乙 2, 丙 2, the typed one 0.
BALLOTS = {"19900000011": "甲乙", "19900000012": "甲丙", "19900000013": "甲乙", "19900000014": "丙"}
LEADER, MEMBER = PEOPLE["leader"][2], PEOPLE["member"][2]
#: What the record says of a winner, in the order it came about.
LIFE = (
    *("建立推荐", "提交", "推荐", "反馈部门意见", "资格合格", "声明无须回避", "评分", "列为提名企业"),
    *("列入考察名单", "安排考察", "登记考察结果", "列入公示名单", "命名", "办理命名"),
)


def open_poll(walk: Walk) -> None:
    walk.clock.move_to(2026, 6, 22, 9, 0)
    with walk.visitor("office") as office:
        office.rail("公众投票")
        office.sees("提名企业 4 家")
        office.follow("设置投票")
        office.fill(opens=text_moment(2026, 6, 22, 8, 0), closes=text_moment(2026, 6, 26, 18, 0))
        office.main.get_by_label("到时自动关闭并计票").uncheck()
        office.look("poll-set-up")
        office.press("保存")
        office.follow("开启投票")
        office.sees("冻结本届评选规则", *(FIRMS[each] for each in NOMINEES))
        office.look("open-poll")
        office.press("开启投票，冻结规则")
        office.sees("收到选票")
        office.look("poll-open")


def vote(walk: Walk) -> None:
    receipts = {}
    for number, (phone, picks) in enumerate(BALLOTS.items()):
        with walk.visitor(size=PHONE) as citizen:
            way = _cast_by_pages if number == len(BALLOTS) - 1 else _cast
            receipts[phone] = way(citizen, phone, picks, closely=not number)
            if not number:
                _look_up(citizen, receipts[phone])
    assert len(set(receipts.values())) == len(BALLOTS)
    _vote_again(walk, next(iter(BALLOTS)))


def _cast(citizen: Visitor, phone: str, picks: str, *, closely: bool) -> str:
    """On the one page, whose script keeps the steps together."""
    if closely:
        citizen.look("home-public")
    citizen.follow("看候选名单并投票", exact=False)
    if closely:
        citizen.main.locator("li", has_text=FIRMS["甲"]).get_by_role("link").click()
        citizen.sees("主要事迹", "由企业申报", "制造业")
        citizen.sees_not("演示联系人", "19900000001")
        citizen.look("candidate")
        citizen.follow("返回候选企业")
    _tick(citizen, picks)
    if closely:
        citizen.look("vote-booth")
    citizen.press("下一步")
    citizen.sees(f"您选了这 {len(picks)} 家", "投出后不能更改", *(FIRMS[each] for each in picks))
    if closely:
        citizen.look("vote-look-over")
    citizen.press("下一步，核对手机号码")
    citizen.main.locator("#phone").fill(phone)
    citizen.press("获取验证码")
    citizen.sees("验证码已发到")
    citizen.main.locator("#code").fill(_code(citizen, phone))
    if closely:
        citizen.look("vote-code")
    citizen.press("核对并投出")
    citizen.sees("选票已收到", "完整回执")
    if closely:
        citizen.look("receipt")
    return citizen.main.locator(".receipt .number").inner_text()


def _cast_by_pages(citizen: Visitor, phone: str, picks: str, *, closely: bool) -> str:
    """As a browser goes whose script does not run: a page a step."""
    citizen.follow("看候选名单并投票", exact=False)
    _tick(citizen, picks)
    _send_as_it_is(citizen)
    citizen.look("vote-identity")
    _prove(citizen, phone)
    citizen.sees(f"您选了这 {len(picks)} 家", "投出后不能更改", *(FIRMS[each] for each in picks))
    citizen.look("vote-summary")
    citizen.press("投出这张选票")
    citizen.sees("选票已收到", "完整回执")
    return citizen.main.locator(".receipt .number").inner_text()


def _tick(citizen: Visitor, picks: str) -> None:
    for name in picks:
        citizen.main.locator("label.choice", has_text=FIRMS[name]).click(position={"x": 60, "y": 12})
    expect(citizen.main.locator(".bottombar")).to_contain_text(f"已选 {len(picks)} 家")


def _send_as_it_is(citizen: Visitor) -> None:
    """Past the script, which would have kept the form on its page."""
    with citizen.page.expect_navigation():
        citizen.main.locator("form[data-step=choose]").evaluate("(form) => form.submit()")


def _prove(citizen: Visitor, phone: str) -> None:
    """The number, then the code, which a demonstration shows in its inbox instead of on a telephone."""
    citizen.fill(phone=phone)
    citizen.press("获取验证码")
    citizen.sees("验证码已发到您的手机")
    citizen.fill(code=_code(citizen, phone))
    citizen.press("核对")


def _code(citizen: Visitor, phone: str) -> str:
    with citizen.window.context.expect_page() as opened:
        citizen.main.get_by_role("link", name="打开收件箱").click()
    inbox = opened.value
    inbox.wait_for_load_state()
    text = inbox.locator("tr", has_text=phone).first.inner_text()
    inbox.close()
    return re.search(r"(?<!\d)\d{6}(?!\d)", text)[0]


def _look_up(citizen: Visitor, receipt: str) -> None:
    citizen.page.locator("footer").get_by_role("link", name="查我的票").click()
    citizen.fill(code=receipt)
    citizen.press("查询")
    citizen.sees(receipt, "已收到，截止后计入")
    citizen.look("lookup")
    citizen.follow(TITLE)
    citizen.page.wait_for_load_state()


def _vote_again(walk: Walk, phone: str) -> None:
    """One number, one ballot: the second is refused and the first shown."""
    walk.clock.move_to(2026, 6, 22, 10, 0)
    with walk.visitor(size=PHONE) as citizen:
        citizen.follow("看候选名单并投票", exact=False)
        _tick(citizen, TYPED)
        _send_as_it_is(citizen)
        _prove(citizen, phone)
        citizen.sees("这个号码已经投过票，刚才所选的没有计入", "已收到，截止后计入")
        citizen.look("vote-again")


def close_poll(walk: Walk) -> None:
    walk.clock.move_to(2026, 6, 26, 18, 30)
    _set_aside(walk)
    _restore(walk)
    with walk.visitor("office") as office:
        office.rail("公众投票")
        office.follow("关闭投票并计票")
        office.sees("收到选票 4 张，隔离 0 张，有效 4 张")
        office.look("close-poll")
        office.press("关闭投票并计票")
        office.sees("结果", FIRMS["甲"])
        office.look("poll-result")


def _set_aside(walk: Walk) -> None:
    """One of the office chooses every ballot of the vote; nothing changes until the other agrees."""
    with walk.visitor("office") as office:
        office.rail("公众投票")
        office.follow("异常票处置案")
        office.follow("挑选选票，提出一案")
        office.fill(since=text_moment(2026, 6, 22, 8, 0), until=text_moment(2026, 6, 26, 18, 0))
        office.press("看看有多少张")
        office.sees("选定的范围内有 4 张有效选票")
        office.fill(reason="核查同一网段的选票（演示）")
        office.look("set-aside")
        office.press("提出隔离这 4 张选票")
        office.sees("等待办公室另一人决定", "待决定")
        office.look("case-proposed")


def _restore(walk: Walk) -> None:
    """The other agrees, finds nothing amiss and asks for them back, which the first one decides."""
    with walk.visitor("office2") as second:
        second.follow(re.compile("^决定异常票处置案"))
        second.sees("核查同一网段的选票（演示）")
        second.look("case-to-decide")
        second.press("同意，隔离这 4 张选票")
        second.sees("已隔离")
        second.follow("撤销这一案")
        second.fill(reason="核查无异常（演示）")
        second.look("undo-case")
        second.press("提出恢复这 4 张选票")
        second.sees("等待办公室另一人决定")
    with walk.visitor("office") as office:
        office.follow(re.compile("^决定异常票处置案"))
        office.press("同意，恢复这 4 张选票")
        office.sees("已恢复", "核查无异常（演示）")


def shortlist(walk: Walk) -> None:
    walk.clock.move_to(2026, 6, 29, 9, 0)
    with walk.visitor("office") as office:
        office.rail("考察名单")
        office.sees("按 1∶1.2 列入考察 3 家")
        office.look("shortlist-plan")
        office.press("计算考察名单")
        office.sees("为什么到这里为止", "名单已冻结")
        for name, picks, score in (("甲", "3", "100.00"), ("乙", "2", "66.67"), ("丙", "2", "66.67")):
            office.row_shows(FIRMS[name], "列入考察", picks, score)
        office.row_shows(FIRMS[TYPED], "候补", "0", "0.00")
        office.main.locator("summary", has_text="怎样得出").first.click()
        office.sees("专家 91.05 × 70% ＝ 63.74")
        office.look("shortlist")
        office.press("重新计算并比较")
        office.sees("一致")


def inspect(walk: Walk) -> None:
    with walk.visitor("office") as office:
        office.rail("差额考察")
        office.press("为这 3 家建立考察任务")
        office.follow("考察组")
        office.follow("设立考察组")
        office.main.locator("#id_leader").select_option(label=LEADER)
        office.main.get_by_label(MEMBER, exact=True).check()
        office.look("team-new")
        office.press("设立")
        office.sees("已设立“第1考察组”")
        office.rail("差额考察")
        office.main.get_by_label("全选").check()
        office.press("安排考察")
        office.main.locator("#id_team").select_option(label="第1考察组")
        for field in office.main.locator("input[name^=day_]").all():
            field.fill("2026-06-30")
        office.look("inspection-team")
        office.press("安排这些考察")
        office.sees("已安排 3 家的考察组")
        office.follow("考察通知")
        office.press("制发这 3 家的通知")
        office.sees("已制发 6 份考察通知")
        office.look("visit-letters")
        name, file = office.download("下载全部 6 份（zip）")
        assert name == "考察通知.zip"
        with ZipFile(file) as bundle:
            assert len(bundle.namelist()) == 6
    for who in ("member", "leader"):
        with walk.visitor(who, size=PHONE) as inspector:
            _declare(inspector)
    walk.clock.move_to(2026, 6, 30, 9, 0)
    with walk.visitor("leader", size=PHONE) as inspector:
        inspector.look("home-inspector")
        for number, name in enumerate("甲乙丙"):
            _visit(inspector, name, first=not number)
    with walk.visitor("office") as office:
        office.rail("差额考察")
        office.sees("3 / 3")
        office.look("inspections")
        office.follow("关闭差额考察")
        office.sees("合格的 3 家留在本环节")
        office.look("close-inspection")
        office.press("关闭差额考察")
        office.sees("差额考察已关闭")
        office.look("publicity-proposal")


def _declare(inspector: Visitor) -> None:
    inspector.follow("申报回避情形", exact=False)
    for none in inspector.main.get_by_label("无回避情形", exact=True).all():
        none.check()
    inspector.press("申报")
    inspector.sees("已申报 3 家")


def _visit(inspector: Visitor, name: str, *, first: bool) -> None:
    inspector.follow(FIRMS[name], exact=False)
    kept = inspector.main.locator("[data-bar-words]")
    for yes in inspector.main.get_by_label("相符", exact=True).all():
        yes.check()
    if first:
        inspector.fill(caption="职工创新工作室（演示）")
        inspector.hand_in("photos", "现场.jpg", photograph(), "image/jpeg")
        inspector.sees("职工创新工作室（演示）")
    inspector.main.locator("#id_visited_on").fill("2026-06-30")
    inspector.main.get_by_label("合格", exact=True).check()
    expect(kept).to_contain_text("已全部保存")
    if first:
        inspector.look("inspection")
    inspector.follow("去签名")
    inspector.press("我签名")
    inspector.sees("已签名，还差另一人签名")
    if first:
        inspector.look("sign-visit")
    second = inspector.main.locator("#here")
    second.locator("select[name=user]").select_option(label=MEMBER)
    second.locator("input[name=password]").fill(PASSWORD)
    inspector.press("确认签名")
    inspector.sees(f"“{FIRMS[name]}”的考察结论已登记：合格")


def publish(walk: Walk) -> None:
    walk.clock.move_to(2026, 7, 6, 9, 0)
    with walk.visitor("office") as office:
        office.rail("公示")
        office.press("下一步：核对公示内容")
        office.sees("公示期 5 个工作日", "2026年7月13日", FIRMS["甲"], FIRMS["乙"])
        office.look("publish")
        office.press("公示这 2 家")
        office.sees("已公示", "还有")
        office.look("publicity")
        name, file = office.download("公示名单.xlsx")
        assert name == "公示名单.xlsx"
        cells = {str(cell) for row in load_workbook(file).active.iter_rows(values_only=True) for cell in row}
        assert {FIRMS["甲"], FIRMS["乙"]} <= cells
        assert FIRMS["丙"] not in cells
        name, file = office.download("公示公告.docx")
        assert name == "公示公告.docx"
        notice = _words(Document(file))
        assert FIRMS["甲"] in notice
        assert FIRMS["乙"] in notice


def _words(document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def object_to(walk: Walk) -> None:
    """A citizen objects; the office accepts, finds it unfounded, answers; the citizen reads the answer."""
    walk.clock.move_to(2026, 7, 7, 10, 0)
    with walk.visitor(size=PHONE) as citizen:
        citizen.follow(f"{TITLE}", exact=False)
        citizen.sees("公示名单", FIRMS["甲"])
        citizen.look("notice")
        citizen.follow("提出异议")
        citizen.main.locator("#id_nomination").select_option(label=FIRMS["乙"])
        citizen.fill(
            name="演示市民", contact="19900000099 演示路2号", grounds="对申报的创新成果数量有疑问（演示）。"
        )
        citizen.main.get_by_label("以上内容属实", exact=False).check()
        citizen.look("object")
        citizen.press("提交异议")
        citizen.sees("异议已登记")
        number, code = citizen.main.locator(".receipt .number").all_inner_texts()
        citizen.look("objection-done")
    with walk.visitor("office") as office:
        office.rail("异议")
        office.sees("1 件没有办结")
        office.follow(number)
        office.sees_not("演示市民", "19900000099")
        office.main.get_by_label("受理", exact=True).check()
        office.press("保存")
        office.sees("核查结论")
        office.press("查看异议人信息")
        office.sees("演示市民")
        office.look("objection-person")
        office.page.go_back()
        office.main.get_by_label("异议不成立", exact=True).check()
        office.fill(
            decision="调阅台账并实地核对，成果数量属实（演示）。", public_outcome="经核实，异议不成立。"
        )
        office.look("objection-decide")
        office.press("保存")
        office.fill(answer="您反映的情况已核实，成果数量与台账一致（演示）。")
        office.press("保存")
        office.sees("您反映的情况已核实")
        office.look("objection")
    with walk.visitor(size=PHONE) as citizen:
        citizen.follow("查异议办理情况")
        citizen.fill(number=number, code=code)
        citizen.press("查询")
        citizen.sees("经核实，异议不成立。", "您反映的情况已核实")
        citizen.look("objection-status")


def name_winners(walk: Walk) -> None:
    walk.clock.move_to(2026, 7, 14, 9, 0)
    with walk.visitor("office") as office:
        office.look("home-office-naming")
        office.rail("公示")
        office.sees("公示期已满")
        office.follow("办理命名")
        office.fill(decision="演示文〔2026〕7号")  # noqa: RUF001
        office.look("name")
        office.press("命名这 2 家")
        office.sees("已命名 2 家", FIRMS["甲"], FIRMS["乙"])
        office.look("honours")
        name, file = office.download("命名名单.xlsx")
        assert name == "命名名单.xlsx"
        cells = {str(cell) for row in load_workbook(file).active.iter_rows(values_only=True) for cell in row}
        assert {FIRMS["甲"], FIRMS["乙"]} <= cells


def reward(walk: Walk) -> None:
    """The decision and a certificate as papers, what its code leads to, and the first payment of a grant."""
    with walk.visitor("office") as office:
        office.rail("命名")
        name, file = office.download("命名决定.docx")
        assert name == "命名决定.docx"
        assert FIRMS["甲"] in _words(Document(file))
        office.follow(FIRMS["甲"])
        office.look("honour")
        _name, file = office.download("证书.docx")
        assert FIRMS["甲"] in _words(Document(file))
        office.follow("查验页")
        office.sees("命名有效", FIRMS["甲"])
        office.look("verify-certificate")
    with walk.visitor("office") as office:
        office.rail("资助资金")
        office.sees("¥600,000.00", FIRMS["甲"], FIRMS["乙"])
        office.follow(FIRMS["甲"])
        office.follow("登记拨付")
        office.fill(amount="150000", paid_on="2026-07-14", receipt="演示回执001")
        office.hand_in("receipt_file", "回执.pdf", certificate(), "application/pdf")
        office.press("保存")
        office.sees("已登记", "¥150,000.00")
        office.look("grant")
        name, file = office.download("台账.xlsx")
        assert name == "台账.xlsx"
        book = load_workbook(file)
        assert [sheet.title for sheet in book] == ["台账", "按季度", "按用途"]
        assert FIRMS["甲"] in {row[1].value for row in book.active.iter_rows()}


def follow_one(walk: Walk) -> None:
    """The auditor reads one enterprise's life, in the order it happened, from the first line to the last."""
    with walk.visitor("auditor") as auditor:
        auditor.look("home-auditor")
        auditor.follow(TITLE, exact=False)
        auditor.step("组织推荐")
        auditor.follow(FIRMS["甲"])
        auditor.look("nomination-named")
        auditor.follow("这家企业的历年经过")
        auditor.sees("参加 1 届")
        life = auditor.main.locator("tbody th[scope=row]").all_inner_texts()
        auditor.look("auditor-life")
        places = [next(at for at, line in enumerate(life) if line.startswith(word)) for word in LIFE]
        assert places == sorted(places), life
        assert (places[0], life[-1].split()[0]) == (0, LIFE[-1])


def read_registry(walk: Walk) -> None:
    with walk.visitor(size=PHONE) as citizen:
        citizen.follow("名录")
        citizen.sees(FIRMS["甲"], FIRMS["乙"], "共 2 家次")
        citizen.sees_not(*(FIRMS[each] for each in PUT_FORWARD if each not in "甲乙"))
        citizen.look("registry")
        citizen.main.get_by_role("searchbox").fill("甲字")
        citizen.press("查找")
        citizen.sees("共 1 家次")
        citizen.sees_not(FIRMS["乙"])
