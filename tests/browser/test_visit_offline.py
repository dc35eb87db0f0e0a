"""A visit in a cellar: no net, the tab killed, opened again, two phones; nothing lost, nothing twice."""

import io

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Error, expect

from awards.models import CheckedDocument, Inspection, InspectionPhoto, Interview, VisitSync
from tests.awards.visiting import TODAY, given
from tests.browser.window import PHONE, Window
from tests.moments import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(live_server):
    return given()


@pytest.fixture
def phones(chromium, live_server):
    """A phone for each who signs in on one; what went wrong on it is asked at the end."""
    opened = []

    def phone(user):
        window = Window(chromium, live_server.url, size=PHONE)
        # What fails for want of a net is what these tests are about.
        opened.append(window)
        sign_in(window, user)
        return window

    yield phone
    for window in opened:
        scripts = [fault for fault in window.faults if fault.startswith("script")]
        window.context.close()
        assert not scripts, scripts


def sign_in(window, user):
    window.page.goto(f"{window.base}{reverse('account_login')}")
    window.page.locator("input[name=login]").fill(user)
    window.page.locator("input[name=password]").fill("demo-visit-2026")
    window.page.get_by_role("button", name="登录", exact=True).click()
    expect(window.page.locator("#main")).to_contain_text("等您办理")


def open_visit(window, visit):
    window.page.goto(window.base + reverse("awards:inspection", args=[visit.pk]))
    expect(bar(window)).to_contain_text("已全部保存")


def bar(window):
    return window.page.locator("[data-bar-words]")


def line(window, key):
    return window.page.locator(f"[data-line={key}]")


def write(window, key, found, agrees="相符"):
    line(window, key).get_by_label(agrees, exact=True).check()
    line(window, key).locator("textarea").fill(found)


def take_along(window):
    window.page.get_by_role("button", name="离线使用").click()
    expect(window.page.locator("[data-offline-on]")).to_be_visible()


def kill_the_tab(window, visit):
    """As a phone does with what stands in the background; then the same address once more."""
    window.page.close(run_before_unload=False)
    window.page = window.context.new_page()
    window.page.goto(window.base + reverse("awards:inspection", args=[visit.pk]))


def photograph(window, color, caption):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "JPEG")
    window.page.locator("#id_caption").fill(caption)
    window.page.locator("#id_photos").set_input_files(
        {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )


def note(window, kind, **fields):
    section = window.page.locator(f"[data-note={kind}]")
    window.page.locator(f"details:has([data-note={kind}]) summary").click()
    for name, text in fields.items():
        section.locator(f"[name={name}]").fill(text)
    section.get_by_role("button").click()


def found(visit, key):
    return visit.lines.get(key=key).found


ON_DISK = """() => new Promise((resolve) => {
    indexedDB.open("xuanshu-visits").onsuccess = ({ target: { result } }) => {
        result.transaction("things").objectStore("things").getAll().onsuccess = ({ target }) => {
            result.close();
            const things = target.result.filter((thing) => thing.kind !== "known");
            resolve(things.map((thing) => Object.values(thing.said)).flat());
        };
    };
})"""


def until(window, script, argument, holds):
    for _each in range(50):
        if holds(window.page.evaluate(script, argument)):
            return
        window.page.wait_for_timeout(100)
    raise AssertionError(script)


def test_a_visit_in_a_cellar(phones, place, album):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    take_along(window)
    window.context.set_offline(True)
    write(window, "employees", "花名册 268 人", "不符")
    line(window, "employees").locator("[name^=difference_]").fill("少 32 人")
    line(window, "employees").locator("select").select_option("minor")
    write(window, "nature", "营业执照已看")
    note(window, "document", title="花名册", number="演示 2026-1")
    note(window, "interview", name="演示职工", words="培训每月都有")
    photograph(window, "navy", "车间")
    window.page.get_by_label("合格", exact=True).check()
    expect(bar(window)).to_contain_text("没有网络。6 处留在手机上")
    assert VisitSync.objects.count() == 0
    kill_the_tab(window, visit)
    expect(bar(window)).to_contain_text("没有网络。6 处留在手机上")
    assert line(window, "employees").locator("textarea").input_value() == "花名册 268 人"
    assert line(window, "employees").get_by_label("不符", exact=True).is_checked()
    expect(window.page.locator("[data-notes=document]")).to_contain_text("花名册")
    expect(window.page.locator("[data-photo-queue] figure")).to_have_count(1)
    assert not window.overflow()
    album.take(window, "visit-offline")
    write(window, "nature", "营业执照正本已看")
    window.context.set_offline(False)
    window.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bar(window)).to_contain_text("已全部保存")
    employees = visit.lines.get(key="employees")
    assert (employees.found, employees.agrees, employees.difference, employees.weight) == (
        "花名册 268 人", False, "少 32 人", "minor",
    )  # fmt: skip
    assert found(visit, "nature") == "营业执照正本已看"
    assert (CheckedDocument.objects.get().number, Interview.objects.get().words) == (
        "演示 2026-1",
        "培训每月都有",
    )
    photo = InspectionPhoto.objects.get()
    assert (photo.caption, photo.time_from) == ("车间", "phone")
    kept = Inspection.objects.get(pk=visit.pk)
    assert (kept.proposed, kept.visited_on is not None) == ("passed", True)
    # Once more from the beginning: nothing is left on the phone, nothing was there twice.
    kill_the_tab(window, visit)
    expect(bar(window)).to_contain_text("已全部保存")
    assert (CheckedDocument.objects.count(), InspectionPhoto.objects.count()) == (1, 1)


def test_killed_while_the_answer_was_on_its_way(phones, place):
    """The portal has taken it, the phone never heard: the same parcel goes again and is done once."""
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    address = f"**{reverse('awards:sync_visit', args=[visit.pk])}"

    def lose_the_answer(route):
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    # Both whole in one parcel, else half a line goes with the document.
    window.context.set_offline(True)
    note(window, "document", title="花名册")
    write(window, "employees", "300 人")
    until(window, ON_DISK, None, lambda words: {"花名册", "300 人"} <= set(words))
    window.page.route(address, lose_the_answer)
    window.context.set_offline(False)
    window.page.get_by_role("button", name="现在发送").click()
    until(window, "1", None, lambda _one: CheckedDocument.objects.count() == 1)
    expect(bar(window)).to_contain_text("没有网络。2 处留在手机上")
    assert found(visit, "employees") == "300 人"
    kill_the_tab(window, visit)
    expect(bar(window)).to_contain_text("已全部保存")
    assert (CheckedDocument.objects.count(), found(visit, "employees")) == (1, "300 人")
    assert visit.lines.get(key="employees").version == 2


def test_changed_back_while_it_was_on_its_way(phones, place):
    """The portal has what was typed first; what is typed last is what counts, of a line and of the head."""
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    write(window, "employees", "300 人")
    window.page.get_by_label("合格", exact=True).check()
    window.page.locator("[name=problem]").fill("没有问题")
    expect(bar(window)).to_contain_text("已全部保存")
    address = f"**{reverse('awards:sync_visit', args=[visit.pk])}"

    def lose_the_answer(route):
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    window.page.route(address, lose_the_answer)
    write(window, "employees", "268 人")
    window.page.locator("[name=problem]").fill("有问题")
    expect(bar(window)).to_contain_text("没有网络。2 处留在手机上")
    assert found(visit, "employees") == "268 人"
    write(window, "employees", "300 人")
    window.page.locator("[name=problem]").fill("没有问题")
    window.page.wait_for_timeout(400)
    expect(bar(window)).to_contain_text("2 处留在手机上")
    window.page.unroute(address)
    window.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bar(window)).to_contain_text("已全部保存")
    assert line(window, "employees").locator("textarea").input_value() == "300 人"
    assert found(visit, "employees") == "300 人"
    assert window.page.locator("[name=problem]").input_value() == "没有问题"
    assert Inspection.objects.get(pk=visit.pk).problem == "没有问题"


def test_two_tabs(phones, place):
    """One tab hears that the older text has arrived; the newer one of the other tab is not gone with it."""
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    window.context.route("**/sync/", lambda route: route.abort())
    write(window, "employees", "300 人")
    until(window, ON_DISK, None, lambda words: "300 人" in words)
    first, window.page = window.page, window.context.new_page()
    window.page.goto(window.base + reverse("awards:inspection", args=[visit.pk]))
    expect(bar(window)).to_contain_text("1 处留在手机上")
    first.locator("[data-line=employees] textarea").fill("268 人")
    until(window, ON_DISK, None, lambda words: "268 人" in words)
    first.close(run_before_unload=False)
    window.context.unroute("**/sync/")
    window.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bar(window)).to_contain_text("已全部保存")
    assert found(visit, "employees") == "300 人"
    window.page.reload()
    expect(line(window, "employees").locator("textarea")).to_have_value("268 人")


def test_two_phones(phones, place, album):
    visit, _leader, _member = place
    one, two = phones("leader"), phones("member")
    open_visit(one, visit)
    open_visit(two, visit)
    two.context.set_offline(True)
    write(two, "employees", "花名册 267 人", "不符")
    write(two, "nature", "执照已看")
    write(one, "employees", "花名册 268 人", "不符")
    write(one, "deeds", "属实")
    expect(bar(one)).to_contain_text("已全部保存")
    two.context.set_offline(False)
    two.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bar(two)).to_contain_text("1 处与同组的人填的不一样")
    expect(line(two, "employees").locator("[data-clash]")).to_contain_text("演示组长")
    expect(line(two, "employees").locator("[data-clash]")).to_contain_text("花名册 268 人")
    assert line(two, "employees").locator("textarea").input_value() == "花名册 267 人"
    assert (found(visit, "employees"), found(visit, "nature")) == ("花名册 268 人", "执照已看")
    assert line(two, "deeds").locator("textarea").input_value() == "属实"
    assert not two.overflow()
    album.take(two, "visit-clash")
    kill_the_tab(two, visit)
    expect(bar(two)).to_contain_text("1 处与同组的人填的不一样")
    line(two, "employees").get_by_role("button", name="用我填的").click()
    expect(bar(two)).to_contain_text("已全部保存")
    assert found(visit, "employees") == "花名册 267 人"
    write(one, "employees", "花名册 266 人", "不符")
    expect(bar(one)).to_contain_text("1 处与同组的人填的不一样")
    line(one, "employees").get_by_role("button", name="用已保存的").click()
    expect(bar(one)).to_contain_text("已全部保存")
    assert line(one, "employees").locator("textarea").input_value() == "花名册 267 人"
    assert found(visit, "employees") == "花名册 267 人"


KEPT = """async (address) => {
    for (const name of await caches.keys()) {
        const kept = await (await caches.open(name)).match(address);
        if (kept) return kept.headers.get("Date");
    }
    return null;
}"""
AGED = """async (pages) => {
    const cache = await caches.open((await caches.keys())[0]);
    const [page] = pages;
    const body = await (await cache.match(page)).text();
    const headers = { "Content-Type": "text/html; charset=utf-8", Date: "Thu, 01 Jan 2026 00:00:00 GMT" };
    for (const each of pages) await cache.put(each, new Response(body, { headers }));
}"""


def test_a_kept_page_is_renewed_with_all_it_needs(phones, place):
    """After a deployment, and after a week: with a net it is renewed, without one only the old page goes."""
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    take_along(window)
    page = reverse("awards:inspection", args=[visit.pk])
    other = page.replace(str(visit.pk), "999999")
    script = window.page.evaluate(
        """async () => {
            const cache = await caches.open((await caches.keys())[0]);
            const kept = (await cache.keys()).map((each) => each.url);
            const script = kept.find((each) => each.includes("js/visit-words"));
            await cache.delete(script);
            return script;
        }"""
    )
    window.page.evaluate(AGED, [page, other])
    window.page.reload()
    until(window, KEPT, script, bool)
    until(window, KEPT, page, lambda day: day and "Jan 2026" not in day)
    assert window.page.evaluate(KEPT, other)
    window.page.evaluate(AGED, [page, other])
    window.context.set_offline(True)
    with pytest.raises(Error):
        window.page.reload()
    window.context.set_offline(False)
    window.page.goto(window.base + reverse("account_login"))
    assert window.page.evaluate(KEPT, page) is None
    assert window.page.evaluate(KEPT, other)


def test_signed_out_meanwhile(phones, place):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    window.context.clear_cookies(name="sessionid")
    write(window, "employees", "300 人")
    expect(bar(window)).to_contain_text("登录已过期，内容都还在这部手机上")
    assert found(visit, "employees") == ""
    bar(window).get_by_role("link", name="重新登录").click()
    window.page.locator("input[name=login]").fill("leader")
    window.page.locator("input[name=password]").fill("demo-visit-2026")
    window.page.get_by_role("button", name="登录", exact=True).click()
    expect(bar(window)).to_contain_text("已全部保存")
    assert found(visit, "employees") == "300 人"


def test_signing_out_leaves_nothing_and_says_so_before(phones, place):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    take_along(window)
    window.context.set_offline(True)
    write(window, "employees", "300 人")
    expect(bar(window)).to_contain_text("1 处留在手机上")
    window.context.set_offline(False)
    window.page.route("**/sync/", lambda route: route.abort())
    window.page.locator("details.menu", has_text="演示组长").locator("summary").click()
    leave = window.page.get_by_role("button", name="退出登录")
    with window.page.expect_event("dialog") as asked:
        leave.click(no_wait_after=True)
    assert "还有 1 处没有发送" in asked.value.message
    asked.value.dismiss()
    expect(bar(window)).to_contain_text("1 处留在手机上")
    with window.page.expect_event("dialog") as asked:
        leave.click(no_wait_after=True)
    asked.value.accept()
    window.page.wait_for_url(lambda address: "inspections" not in address)
    assert window.page.evaluate("caches.keys()") == []
    assert window.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))") == []


def leave(window, name):
    window.page.locator("details.menu", has_text=name).locator("summary").click()
    window.page.get_by_role("button", name="退出登录").click(no_wait_after=True)
    window.page.wait_for_url(lambda address: "inspections" not in address)


def test_one_who_signs_out_takes_nothing_of_another_along(phones, place):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    window.context.set_offline(True)
    write(window, "employees", "300 人")
    expect(bar(window)).to_contain_text("1 处留在手机上")
    until(window, ON_DISK, None, lambda words: "300 人" in words)
    window.context.clear_cookies(name="sessionid")
    window.page.goto("about:blank")
    window.context.set_offline(False)
    sign_in(window, "member")
    open_visit(window, visit)
    assert line(window, "employees").locator("textarea").input_value() == ""
    leave(window, "演示成员")
    assert found(visit, "employees") == ""
    sign_in(window, "leader")
    open_visit(window, visit)
    assert found(visit, "employees") == "300 人"


def test_what_was_never_sent_is_read_after_the_verdict(phones, place, album):
    visit, leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    item = line(window, "employees").locator("legend").inner_text()
    window.context.set_offline(True)
    write(window, "employees", "花名册 268 人")
    note(window, "interview", name="演示职工", words="培训每月都有")
    photograph(window, "navy", "车间")
    expect(bar(window)).to_contain_text("3 处留在手机上")
    until(window, ON_DISK, None, lambda words: {"花名册 268 人", "培训每月都有", "车间"} <= set(words))
    window.page.goto("about:blank")
    Inspection.objects.filter(pk=visit.pk).update(
        verdict="passed", visited_on=TODAY, recorded_at=NOW, recorded_by=leader
    )
    window.context.set_offline(False)
    window.page.goto(window.base + reverse("awards:inspection", args=[visit.pk]))
    expect(bar(window)).to_contain_text("考察结论已经登记")
    left = window.page.locator("[data-leftover] li")
    expect(left).to_have_count(3)
    expect(left.filter(has_text=item)).to_contain_text("花名册 268 人")
    expect(left.filter(has_text="访谈")).to_contain_text("培训每月都有")
    expect(left.get_by_role("link", name="下载 现场.jpg")).to_be_visible()
    assert not window.overflow()
    album.take(window, "visit-leftover")
    left.filter(has_text=item).get_by_role("button", name="删掉这一处").click()
    expect(left).to_have_count(2)
    window.page.reload()
    expect(left).to_have_count(2)


def test_no_room_is_said_and_nothing_typed_is_gone(phones, place):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    window.page.evaluate(
        """() => { IDBObjectStore.prototype.put = function () {
            this.transaction.abort(); throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    window.context.set_offline(True)
    photograph(window, "navy", "车间")
    expect(window.page.locator("[data-photo-queue]")).to_contain_text("手机存储空间不足")
    note(window, "document", title="花名册")
    expect(bar(window)).to_contain_text("手机存储空间不足")
    assert window.page.locator("#document_title").input_value() == "花名册"
    expect(window.page.locator("[data-bar]")).to_have_attribute("data-waiting", "0")
    expect(window.page.locator("[data-notes=document] li")).to_have_count(0)


def test_a_browser_that_keeps_nothing_says_so_and_the_plain_form_works(chromium, live_server, place):
    visit, _leader, _member = place
    window = Window(chromium, live_server.url, size=PHONE)
    window.context.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };"
    )
    sign_in(window, "leader")
    window.page.goto(window.base + reverse("awards:inspection", args=[visit.pk]))
    expect(window.page.locator("[data-no-store]")).to_be_visible()
    write(window, "employees", "300 人")
    window.page.get_by_role("button", name="存为草稿").click()
    expect(window.page.locator("#main")).to_contain_text("已存为草稿")
    assert found(visit, "employees") == "300 人"
    window.context.close()


def test_two_sign_on_one_phone(phones, place, album):
    visit, _leader, _member = place
    window = phones("leader")
    open_visit(window, visit)
    for row in visit.lines.all():
        line(window, row.key).get_by_label("相符", exact=True).check()
    window.page.get_by_label("合格", exact=True).check()
    assert not window.unreachable()
    window.page.get_by_role("link", name="去签名").click()
    window.page.get_by_role("button", name="我签名").click()
    expect(window.page.locator("#main")).to_contain_text("已签名，还差另一人签名")
    album.take(window, "visit-sign")
    assert not window.overflow()
    assert not window.unreachable()
    here = window.page.locator("#here")
    here.locator("select").select_option(label="演示成员")
    here.locator("input[type=password]").fill("demo-visit-2026")
    here.get_by_role("button", name="确认签名").click()
    expect(window.page.locator("#main")).to_contain_text("的考察结论已登记：合格")
    kept = Inspection.objects.get(pk=visit.pk)
    assert (kept.verdict, kept.leader_signature, kept.member_signature) == ("passed", "演示组长", "演示成员")
