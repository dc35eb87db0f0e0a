"""The verifying page on files from the disk: in a worker, under the strict policy, on a telephone."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.window import PHONE, Window
from tests.voting import records

pytestmark = pytest.mark.django_db(transaction=True)
KEY = records.Key().text


@pytest.fixture
def telephone(chromium, live_server):
    window = Window(chromium, live_server.url, size=PHONE)
    yield window
    assert not window.faults, window.faults
    window.close()


def choose(page, folder):
    page.get_by_label("公钥", exact=True).fill(KEY)
    page.get_by_label("下载的文件").set_input_files(sorted(map(str, folder.iterdir())))
    page.get_by_role("button", name="查验全部记录").click()


def test_files_from_the_disk_in_order_and_changed(telephone, tmp_path):
    record = records.small()
    good = records.write(tmp_path / "good", record.files())
    tally = {**record.tally(), "valid": 270}
    files = {**record.files(), "tally.json": records.canonical(tally).encode()}
    changed = records.write(tmp_path / "changed", record.sealed(files))
    page = telephone.page
    workers = []
    page.on("worker", lambda worker: workers.append(worker.url))
    telephone.go("/vote/verify/")
    choose(page, good)
    answer = page.locator("[data-answer]")
    expect(page.locator("[data-verdict]")).to_have_text("全部通过", timeout=30_000)
    expect(answer).to_contain_text("收到 300 张，隔离 31 张，有效 269 张")
    expect(answer.locator("[data-checks] > li")).to_have_count(10)
    expect(answer).not_to_contain_text("本网站自己说的公钥")
    choose(page, changed)
    expect(page.locator("[data-verdict]")).to_have_text("有不符之处", timeout=30_000)
    expect(answer).to_contain_text("tally.json 第 1 行：有效：公布 270，重计 269")
    expect(answer.locator(".tone-bad")).to_have_count(1)
    assert len(workers) == 2
    assert all("/verify/verify" in address for address in workers)


def test_what_is_no_receipt_and_what_is_no_record_is_said(telephone, tmp_path):
    page = telephone.page
    telephone.go("/vote/verify/")
    page.get_by_label("完整回执", exact=True).fill("7F3K-92QD-M4XA")
    page.get_by_role("button", name="查验我的选票").click()
    expect(page.locator("[data-verdict]")).to_contain_text("这不是一份完整回执")
    expect(page.locator("[data-no-script]")).to_be_hidden()
    page.get_by_role("button", name="查验全部记录").click()
    expect(page.locator("[data-verdict]")).to_contain_text("五个文件")
    page.get_by_label("公钥", exact=True).fill(KEY[:-4])
    (tmp_path / "tally.json").write_text(json.dumps({}), "utf-8")
    page.get_by_label("下载的文件").set_input_files(str(tmp_path / "tally.json"))
    page.get_by_role("button", name="查验全部记录").click()
    expect(page.locator("[data-verdict]")).to_contain_text("公钥抄错了")


def test_without_scripts_the_page_leads_to_the_script(chromium, live_server):
    window = Window(chromium, live_server.url, size=PHONE, scripts=False)
    window.go("/vote/verify/")
    expect(window.page.locator("[data-no-script]")).to_be_visible()
    main = window.page.locator("main")
    expect(main).to_contain_text("本页要用浏览器的脚本")
    expect(main.get_by_role("link", name="下载 verify_poll.py")).to_be_visible()
    expect(main.get_by_role("button")).to_have_count(0)
    assert not window.faults
    window.close()
