"""Level by level by clicking: returned with a note, mended, looked at again, put in order, recommended."""

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from nominations.models import Nomination
from tests import factories
from tests.browser.walk import HERE, Clock, Walk, certificate
from tests.moments import NOW

PDF = "application/pdf"
DAY = {"union_founded_on": "2010-05-01"}


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(datetime(2026, 6, 1, 10, 30, tzinfo=HERE))
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def walk(chromium, clock, live_server, album):
    return Walk(chromium, live_server.url, clock, album)


@pytest.fixture
def edition(walk):
    edition = factories.edition(title="2026年度演示届", now=NOW)
    edition.evidence_required = ["notice"]
    edition.save()
    factories.hat("recommender", None, "union")
    own = factories.enterprise(1, account=True, name="甲字制造（演示）有限公司")
    factories.hat("applicant", own.organisation, "firm")
    factories.nomination(edition, own, state="recommendation", rank=1, **DAY)
    for n, name in ((2, "乙"), (3, "丙")):
        subject = factories.enterprise(n, name=f"{name}字制造（演示）有限公司")
        factories.nomination(edition, subject, state="recommendation", rank=n, **DAY)
    return edition


@pytest.mark.django_db(transaction=True)
def test_level_by_level(walk, edition):
    _return(walk)
    _mend(walk)
    _look_again(walk)
    _rank(walk)
    _recommend(walk)


def _return(walk):
    with walk.visitor("union") as union:
        union.follow("审核", exact=False)
        union.sees("审核“甲字制造（演示）有限公司”", "职工人数")
        line = union.main.locator(".examined > div", has_text="职工人数").first
        line.locator("summary").click()
        line.locator("textarea").fill("与社保参保人数不符")
        union.press("退回这一家")
        expect(union.main.get_by_role("alert")).to_contain_text("退回理由")
        expect(
            union.main.locator(".examined > div", has_text="职工人数").first.locator("textarea")
        ).to_have_value("与社保参保人数不符")
        union.main.get_by_label("填写有误").check()
        union.fill(reason="请按 5 月社保缴纳人数填写（演示）。")
        union.look("examine")
        union.press("退回这一家")
        union.sees("已退回", "填写有误：请按 5 月社保缴纳人数填写", "还有 5 个工作日")


def _mend(walk):
    with walk.visitor("firm", size={"width": 390, "height": 844}) as firm:
        firm.follow("补正", exact=False)
        firm.sees("填写有误", "与社保参保人数不符")
        firm.look("returned")
        firm.follow("填写申报表")
        firm.fill(employees="288")
        firm.main.get_by_role("button", name="保存").first.click()
        firm.page.wait_for_load_state()
        # Where the form leads after saving is its own matter: the record page has the way on.
        firm.window.go(Nomination.objects.get(subject_key=factories.credit_code(1)).get_absolute_url())
        firm.follow("提交")
        firm.press("提交这一家")
        firm.sees("已提交")


def _look_again(walk):
    with walk.visitor("union") as union:
        union.follow("审核", exact=False)
        union.sees("退回后改了什么", "300 人", "288 人", "批注：与社保参保人数不符")
        union.look("mended")


def _rank(walk):
    with walk.visitor("union") as union:
        union.follow("2026年度演示届")
        union.step("组织推荐")
        union.follow("排序")
        grip = union.row("丙字制造").locator("[data-grip]")
        grip.focus()
        union.page.keyboard.press("ArrowUp")
        union.page.keyboard.press("ArrowUp")
        expect(union.main.locator("[data-told]")).to_contain_text(
            "丙字制造（演示）有限公司移到第 1 位，共 3 位"
        )
        _drag(union, "乙字制造", "甲字制造")
        expect(union.row("乙字制造").locator("[data-place]")).to_have_text("2")
        union.look("rank")
        union.press("按此次序保存")
        union.sees("3 家的推荐排序已保存")
    names = Nomination.objects.order_by("rank").values_list("subject_name", flat=True)
    assert [name[0] for name in names] == ["丙", "乙", "甲"]


def _drag(union, name, before):
    grip = union.row(name).locator("[data-grip]").bounding_box()
    there = union.row(before).bounding_box()
    mouse = union.page.mouse
    mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    mouse.down()
    mouse.move(grip["x"] + grip["width"] / 2, there["y"] + 4, steps=8)
    mouse.up()


def _recommend(walk):
    with walk.visitor("union") as union:
        union.follow("2026年度演示届")
        union.step("组织推荐")
        for name in ("丙", "乙"):
            union.main.get_by_label(f"{name}字制造（演示）有限公司", exact=True).check()
        expect(union.main.locator("#desk-bulk")).to_contain_text("已选 2 家")
        union.look("desk")
        union.press("推荐所选")
        union.sees("推荐 2 家企业", "第 1 位", "第 2 位", "本届要求推荐单位先行公示")
        union.press("推荐这 2 家")
        expect(union.main.get_by_role("alert")).to_contain_text("公示起")
        union.fill(publicity_from="2026-05-22", publicity_to="2026-05-29")
        union.hand_in("proof", "公示.pdf", certificate(), PDF)
        union.look("recommend")
        union.press("推荐这 2 家")
        union.sees("已推荐 2 家")
    done = Nomination.objects.filter(state="screening").select_related("recommendation__publicity")
    assert {row.recommendation.publicity.kind for row in done} == {"notice"}
    assert len(done) == 2
