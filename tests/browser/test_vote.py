"""A vote on a telephone: to the receipt, by keyboard, twice, at the closing second, with lost answers."""

import json
import re
from base64 import urlsafe_b64encode

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.walk import Clock
from tests.browser.window import PHONE, SMALL, Window
from tests.voting import ground
from voting import sms
from voting.models import Ballot
from voting.services import polls, publishing, receipts, sequencing
from voting.views.booth import SHELVES

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, ANOTHER = "19900000011", "19900000012"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """An hour after the opening; it goes on ticking."""
    for shelf in SHELVES:
        shelf.clear()
    moved = Clock(ground.DURING)
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def poll():
    return ground.poll(5, nominees=5, min_picks=2, max_picks=3)


@pytest.fixture
def telephone(chromium, live_server):
    """Opens browsers of their own, each with what `Window` takes; none may have complained."""
    opened = []

    def another(**kwargs) -> Window:
        opened.append(Window(chromium, live_server.url, size=PHONE, **kwargs))
        return opened[-1]

    yield another
    for each in opened:
        assert not each.faults, each.faults
        each.close()


def tick(window, *numbers):
    for number in numbers:
        window.page.locator(f"[data-number='{number}'] strong").click()


def code_of(number: str) -> str:
    (text,) = [each["text"] for each in sms.development_inbox().messages() if each["phone"].endswith(number)][
        :1
    ]
    return re.search(r"(?<!\d)\d{6}(?!\d)", text)[0]


def heading(window):
    return window.page.locator("[data-step]:visible [data-heading]")


def to_summary(window, poll, *numbers):
    window.go(f"/vote/{poll.pk}/")
    tick(window, *numbers)
    window.page.get_by_role("button", name="下一步", exact=True).click()
    expect(heading(window)).to_have_text(f"您选了这 {len(numbers)} 家")


def to_code(window, number=NUMBER):
    window.page.get_by_role("button", name="下一步，核对手机号码").click()
    window.page.get_by_label("手机号码").fill(number)
    window.page.get_by_role("button", name="获取验证码").click()
    expect(heading(window)).to_have_text("填写验证码，投出选票")
    window.page.get_by_label("验证码", exact=True).fill(code_of(number))


def cast(window):
    window.page.get_by_role("button", name="核对并投出").click()


def on_receipt(window) -> dict:
    """The whole receipt, once the receipt page shows it."""
    window.page.wait_for_url("**/vote/receipt/**")
    expect(window.page.locator("[data-whole]")).to_be_visible()
    return json.loads(window.page.locator("textarea.whole").input_value())


def looked_at(window):
    """Nothing sticks out and nobody is shut out, at 390 and 320 pixels and in large letters."""
    window.page.locator("html").evaluate("(root) => root.classList.remove('large')")
    for large in (False, True):
        window.page.locator("html").evaluate("(root, on) => root.classList.toggle('large', on)", large)
        for size in (SMALL, PHONE):
            window.resize(size)
            assert not window.overflow(), (window.page.url, size, large)
        assert not window.unreachable(), window.page.url
    window.page.locator("html").evaluate("(root) => root.classList.remove('large')")


def test_from_the_candidates_to_the_receipt(telephone, poll):
    window = telephone()
    window.go(f"/vote/{poll.pk}/")
    order = window.page.locator("[data-candidates] > li").evaluate_all(
        "(rows) => rows.map((one) => one.dataset.number)"
    )
    looked_at(window)
    tick(window, 1)
    bar = window.page.locator(".bottombar")
    expect(bar).to_contain_text("已选 1 家，至少选 2 家")
    window.page.get_by_role("button", name="下一步", exact=True).click()
    expect(bar).to_contain_text("您选了 1 家，每张选票至少选 2 家")
    tick(window, 2, 4, 5)
    expect(bar).to_contain_text("每张选票最多选 3 家")
    expect(bar).to_contain_text("已选 3 家，已选满")
    # A look at a candidate's page loses nothing, and the order stays this voter's.
    window.page.locator("[data-number='2'] a").click()
    expect(window.page.locator("main")).to_contain_text("主要事迹")
    looked_at(window)
    window.page.get_by_role("link", name="返回候选企业").click()
    expect(bar).to_contain_text("已选 3 家")
    rows = window.page.locator("[data-candidates] > li")
    assert rows.evaluate_all("(rows) => rows.map((one) => one.dataset.number)") == order
    looked_at(window)

    window.page.get_by_role("button", name="下一步", exact=True).click()
    names = [each.nomination.subject_name for each in poll.candidates.filter(number__in=(1, 2, 4))]
    for name in names:
        expect(window.page.locator("[data-step=summary]")).to_contain_text(name)
    looked_at(window)
    # The telephone's own way back is the way back.
    window.page.go_back()
    expect(window.page.locator("[data-step=choose]")).to_be_visible()
    expect(heading(window)).to_be_focused()
    window.page.get_by_role("button", name="下一步", exact=True).click()
    to_code(window)
    looked_at(window)
    assert window.page.get_by_label("验证码", exact=True).get_attribute("autocomplete") == "one-time-code"
    cast(window)
    whole = on_receipt(window)
    looked_at(window)

    ballot = Ballot.objects.get()
    assert ballot.picks == [1, 2, 4] and ballot.dwell is not None and ballot.device
    assert whole == receipts.receipt_of(ballot)
    page = window.page
    expect(page.locator(".receipt")).to_contain_text(whole["code"])
    expect(page.locator(".receipt")).to_contain_text("已收到，截止后计入")
    expect(page.locator("[data-qr-place] canvas")).to_be_visible()
    assert "#" not in page.url  # whoever passes the address on passes no receipt on
    with page.expect_download() as kept:
        page.get_by_role("button", name="保存回执文件").click()
    assert json.loads(kept.value.path().read_text("utf-8")) == whole
    assert page.locator("[data-verify-link]").get_attribute("href").startswith("/vote/verify/#")
    # Opened again on the same telephone it is still whole; on another one it is the code and its status.
    page.reload()
    assert on_receipt(window) == whole
    other = telephone()
    other.go(f"/vote/receipt/{whole['code']}/")
    expect(other.page.locator("[data-whole]")).to_be_hidden()
    expect(other.page.locator("main")).to_contain_text("这里没有完整回执")


def test_by_keyboard_alone(telephone, poll):
    window = telephone()
    window.go(f"/vote/{poll.pk}/")
    keys = window.page.keyboard

    def tab_to(selector, most=40):
        for _press in range(most):
            keys.press("Tab")
            if window.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"no way to {selector} by Tab")

    for _n in range(2):
        tab_to("input.pick")
        keys.press("Space")
    expect(window.page.locator(".bottombar")).to_contain_text("已选 2 家")
    keys.press("Enter")
    expect(heading(window)).to_be_focused()  # what the new step is about is read out first
    tab_to("[data-go]")
    keys.press("Enter")
    expect(heading(window)).to_be_focused()
    tab_to("#phone")
    keys.press("Enter")
    expect(window.page.locator("#phone-problem")).to_have_text("请填写手机号码。")
    expect(window.page.locator("#phone")).to_be_focused()
    keys.type("123")
    with window.expecting(422):
        keys.press("Enter")
        expect(window.page.locator("#phone-problem")).to_contain_text("手机号码")
    keys.press("Control+a")
    keys.type(NUMBER)
    keys.press("Enter")
    expect(heading(window)).to_have_text("填写验证码，投出选票")
    expect(heading(window)).to_be_focused()
    tab_to("#code")
    right = code_of(NUMBER)
    keys.type("000000" if right != "000000" else "111111")
    with window.expecting(422):
        keys.press("Enter")
        expect(window.page.locator("#code-problem")).to_contain_text("还可再试")
    expect(window.page.locator("#code")).to_be_focused()
    keys.press("Control+a")
    keys.type(right)
    keys.press("Enter")
    assert len(on_receipt(window)["picks"]) == 2


def test_the_same_number_twice(telephone, poll, clock):
    first = telephone()
    to_summary(first, poll, 1, 2)
    to_code(first)
    cast(first)
    whole = on_receipt(first)
    clock.move_to(2026, 6, 2, 11, 30)
    second = telephone()
    to_summary(second, poll, 3, 4)
    to_code(second)
    cast(second)
    second.page.wait_for_url("**/vote/receipt/**")
    main = second.page.locator("main")
    expect(main).to_contain_text("这个号码已于 2026年6月2日 (周二) 11:0")
    expect(main).to_contain_text("刚才所选的没有计入")
    expect(main).to_contain_text(whole["code"])
    expect(second.page.locator("[data-whole]")).to_be_hidden()  # what was picked is the first one's to show
    looked_at(second)
    assert Ballot.objects.get().picks == [1, 2]


def test_at_the_closing_second(telephone, poll, clock):
    clock.move_to(2026, 6, 5, 9, 50)
    window = telephone()
    to_summary(window, poll, 1, 2)
    expect(window.page.locator("[data-countdown]")).to_contain_text("距截止还有 9 分")
    to_code(window)
    clock.move_to(2026, 6, 5, 10, 0)
    with window.expecting(422):
        cast(window)
        refused = window.page.locator("[data-refused]")
        expect(refused).to_contain_text("投票已经截止，不再受理。截止以服务器时间为准。")
    looked_at(window)
    assert not Ballot.objects.exists()


def test_a_page_left_open_shuts_at_the_closing_second(telephone, poll, clock):
    clock.move_to(2026, 6, 5, 9, 59, 55)
    window = telephone()
    window.go(f"/vote/{poll.pk}/")
    tick(window, 1, 2)
    shut = window.page.locator("[data-shut]")
    expect(shut).to_contain_text("投票已经截止，不再受理", timeout=20_000)
    expect(shut).to_be_focused()
    expect(window.page.locator("[data-step=choose]")).to_be_hidden()
    looked_at(window)


@pytest.mark.parametrize("lost", ["answer", "answer and page", "refused"])
def test_a_ballot_without_an_answer_is_sent_again_as_the_same_one(telephone, poll, lost):
    window = telephone()
    sent = []

    def once(route):
        sent.append(route.request.post_data_json)
        if len(sent) > 1:
            route.continue_()
        elif lost == "refused":
            body = json.dumps({"reason": "busy", "message": "系统繁忙"})
            route.fulfill(
                status=503, headers={"Retry-After": "3"}, content_type="application/json", body=body
            )
        else:
            route.fetch()  # it reached the server
            route.abort("connectionaborted")

    window.context.route(f"**/ballot/{poll.pk}/", once)
    to_summary(window, poll, 1, 2)
    to_code(window)
    with window.expecting(503):
        cast(window)
        expect(window.page.locator("[data-step=cast]")).to_contain_text("重复提交不会多计")
        if lost == "answer and page":
            window.page.reload()
        elif lost == "refused":
            looked_at(window)
            window.page.get_by_role("button", name="现在再提交").click()
        whole = on_receipt(window)
    window.faults[:] = [each for each in window.faults if "ERR_CONNECTION_ABORTED" not in each]
    assert whole == receipts.receipt_of(Ballot.objects.get())
    assert [each["ballot"] for each in sent] == [whole["ballot"]] * 2


@pytest.mark.parametrize("arrived", [True, False])
def test_a_ballot_whose_answer_was_lost_at_the_closing_second_is_settled_afterwards(
    telephone, poll, clock, arrived
):
    clock.move_to(2026, 6, 5, 9, 50)
    window = telephone()

    def lost(route):
        if arrived:
            route.fetch()
        route.abort("connectionaborted")

    window.context.route(f"**/ballot/{poll.pk}/", lost)
    to_summary(window, poll, 1, 2)
    to_code(window)
    cast(window)
    expect(window.page.locator("[data-left]")).to_contain_text("秒后再提交")
    window.context.unroute(f"**/ballot/{poll.pk}/")
    clock.move_to(2026, 6, 5, 10, 0, 1)
    for shelf in SHELVES:
        shelf.clear()
    with window.expecting(422):
        window.page.reload()
        if arrived:
            assert on_receipt(window) == receipts.receipt_of(Ballot.objects.get())
        else:
            expect(window.page.locator("[data-late]")).to_contain_text("投票已经截止，不再受理")
            looked_at(window)
            window.page.reload()
            expect(window.page.locator("[data-late]")).to_be_hidden()
    window.faults[:] = [each for each in window.faults if "ERR_CONNECTION_ABORTED" not in each]


def test_a_page_thrown_out_while_the_message_is_read_goes_on_with_the_code_it_asked_for(telephone, poll):
    window = telephone()
    to_summary(window, poll, 1, 2)
    to_code(window)
    window.page.reload()
    expect(heading(window)).to_have_text("填写验证码，投出选票")
    expect(window.page.locator("[data-sent]")).to_contain_text("验证码已发到 199****0011")
    # The link to the text of the page is no step back.
    window.page.evaluate("location.hash = 'main'")
    expect(heading(window)).to_have_text("填写验证码，投出选票")
    window.page.get_by_label("验证码", exact=True).fill(code_of(NUMBER))
    cast(window)
    on_receipt(window)
    assert window.page.evaluate("sessionStorage.length") == 0


def test_a_proof_that_takes_too_long_costs_no_other_code(telephone, poll):
    window = telephone()
    to_summary(window, poll, 1, 2)
    to_code(window)
    window.page.evaluate(
        "() => { window.kept = Worker; window.Worker = class { constructor() { throw new Error(); } }; }"
    )
    cast(window)
    expect(window.page.locator("#code-problem")).to_contain_text("没有算完")
    window.page.evaluate("() => { window.Worker = window.kept; }")
    cast(window)
    on_receipt(window)


def test_without_a_script(telephone, poll):
    window = telephone(scripts=False)
    window.go(f"/vote/{poll.pk}/")
    page = window.page
    expect(page.locator("main")).to_contain_text("您的浏览器没有运行脚本，一样可以投票")
    page.locator("#pick-1").check()
    with window.expecting(422):
        page.get_by_role("button", name="下一步").click()
        expect(page.locator("form .errors")).to_contain_text("至少选 2 家")
    page.locator("#pick-3").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("手机号码").fill(ANOTHER)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("验证码").fill(code_of(ANOTHER))
    page.get_by_role("button", name="核对").click()
    expect(page.locator("main")).to_contain_text("您选了这 2 家")
    page.get_by_role("button", name="投出这张选票").click()
    expect(page.locator("[data-qr-place] svg")).to_be_visible()
    ballot = Ballot.objects.get()
    assert json.loads(page.locator("textarea.whole").input_value()) == receipts.receipt_of(ballot)
    assert ballot.picks == [1, 3]


def test_the_receipt_in_a_qr_code_opens_on_another_telephone(telephone, poll):
    window = telephone()
    to_summary(window, poll, 1, 2)
    to_code(window)
    cast(window)
    whole = on_receipt(window)
    href = window.page.locator("[data-verify-link]").get_attribute("href")
    other = telephone()
    other.go(f"/vote/receipt/{whole['code']}/#{href.partition('#')[2]}")
    assert on_receipt(other) == whole
    # Lent telephones forget it at a press.
    other.page.get_by_role("button", name="从这部手机上删除完整回执").click()
    expect(other.page.locator("[data-whole]")).to_be_hidden()
    expect(other.page.locator("main")).to_contain_text("这里没有完整回执")


def test_a_receipt_is_kept_where_there_are_no_downloads_and_no_code_can_be_drawn(telephone, poll):
    window = telephone()
    window.context.add_init_script(
        "Object.defineProperty(navigator, 'userAgent', {value: 'MicroMessenger/8.0'});"
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject()}});"
    )
    to_summary(window, poll, 1, 2)
    to_code(window)
    cast(window)
    whole = on_receipt(window)
    page = window.page
    expect(page.get_by_role("button", name="保存回执文件")).to_be_hidden()
    expect(page.locator("[data-wechat]")).to_contain_text("截屏")
    looked_at(window)
    # Only the code is marked, for the hand to copy it.
    page.get_by_role("button", name="复制回执号").click()
    expect(page.locator("[data-code-said]")).to_contain_text("长按")
    assert page.evaluate("getSelection().toString().trim()") == whole["code"]
    # A link that says something else of this code changes nothing that was kept.
    forged = json.dumps(whole | {"picks": [3]}).encode()
    page.evaluate("(hash) => { location.hash = hash; }", urlsafe_b64encode(forged).decode().rstrip("="))
    page.reload()
    assert on_receipt(window) == whole
    window.context.route("**/lean-qr/**", lambda route: route.abort("aborted"))
    page.reload()
    assert on_receipt(window) == whole
    expect(page.locator("[data-qr-place]")).to_be_hidden()
    expect(page.locator("[data-qr-word]")).to_be_hidden()


def test_the_receipt_is_checked_with_the_published_page(telephone, poll, clock, settings, tmp_path):
    settings.PUBLIC_ROOT = tmp_path / "public"
    window = telephone()
    to_summary(window, poll, 1, 2)
    to_code(window)
    cast(window)
    code = on_receipt(window)["code"]
    main = window.page.locator("main")
    # While the vote runs: in the log, as the receipt promised.
    sequencing.sequence_waiting(now=timezone.now())
    window.page.get_by_role("link", name="查验这张选票").click()
    expect(main).to_contain_text("您的选票在已签名的记录中")
    assert "#" not in window.page.url
    looked_at(window)
    # Afterwards: counted, and found in the published record, which adds up.
    clock.move_to(2026, 6, 5, 10, 0)
    office = ground.office(poll.edition)
    polls.close_poll(poll, by=office, now=timezone.now())
    publishing.publish_record(poll, by=office, now=timezone.now())
    window.go(f"/vote/receipt/{code}/")
    expect(main).to_contain_text("已计入结果")
    window.page.get_by_role("link", name="查验这张选票").click()
    expect(main).to_contain_text("全部通过", timeout=30_000)
    looked_at(window)


def test_a_page_that_is_not_secure_says_that_it_computes_nothing(telephone, poll):
    window = telephone()
    window.context.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    to_summary(window, poll, 1, 2)
    window.page.get_by_role("button", name="下一步，核对手机号码").click()
    expect(window.page.locator("[data-insecure]")).to_contain_text("已跳过这一步")


def test_letters_and_language_are_one_tap_away(telephone, poll):
    window = telephone()
    window.go(f"/vote/{poll.pk}/")
    tick(window, 1, 2)
    window.page.get_by_role("button", name="关怀版").click()
    expect(window.page.locator("html.large")).to_be_attached()
    expect(window.page.locator(".bottombar")).to_contain_text("已选 2 家")
    window.page.get_by_role("button", name="English").click()
    expect(window.page.locator("html[lang=en].large")).to_be_attached()
    window.page.get_by_role("button", name="中文").click()
    expect(window.page.locator("html[lang=zh-Hans]")).to_be_attached()
