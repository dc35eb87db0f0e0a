"""From the lot to the work given anew, by clicking: drawn, accepted, assigned, one steps aside, topped up."""

from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from review.models import Assignment, Expert, PanelMember
from tests import factories
from tests.browser.window import PHONE, Window

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def edition():
    edition = factories.edition(now=timezone.now(), sheets_each=2)
    for n in (1, 2):
        factories.nomination(edition, n, state="review")
    for n in range(1, 4):
        hat = factories.hat("expert", username=f"expert{n}")
        Expert.objects.create(user=hat.user, name=hat.user.full_name, fields=["化工"])
    return edition


@pytest.fixture
def seen_as(chromium, live_server):
    @contextmanager
    def opened(hat, **size):
        client = factories.sign_in(Client(), hat)
        cookie = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        with closing(Window(chromium, live_server.url, cookies=cookie, **size)) as window:
            yield window
            assert window.faults == []

    return opened


def test_from_the_lot_to_the_work_given_anew(seen_as, edition, album):
    with seen_as(factories.hat("office")) as window:
        _draw(window, edition, album)
        _answer(window, edition)
        _assign(window, edition, album)
    left = _step_aside(seen_as, edition, album)
    with seen_as(factories.hat("office")) as window:
        window.go(reverse("review:assign", args=[edition.pk]))
        window.page.get_by_text("回避后补派").wait_for()
        window.page.get_by_text("现在每家都已派够").wait_for()
        album.take(window, "topped-up")
        window.page.get_by_role("link", name="第 2 次").click()
        window.page.get_by_role("link", name="重新计算并核对").click()
        window.page.get_by_text("结果和摘要都一致").wait_for()
        assert window.unreachable() == []
    holders = Assignment.objects.filter(nomination=left.nomination, recusal__isnull=True)
    assert holders.count() == 2
    assert left.member_id not in holders.values_list("member", flat=True)


def _draw(window, edition, album):
    page = window.page
    window.go(reverse("review:panel", args=[edition.pk]))
    page.get_by_role("link", name="抽取专家").click()
    page.get_by_label("抽取人数").fill("3")
    page.get_by_label("候补人数").fill("0")
    page.get_by_label("种子").fill("公开号码 517")
    album.take(window, "draw")
    page.get_by_role("button", name="看备选名单").click()
    page.get_by_text("备选 3 位，抽取 3 位").wait_for()
    album.take(window, "pool")
    assert window.unreachable() == []
    page.get_by_role("button", name="抽取 3 位专家并发出邀请").click()
    page.get_by_role("link", name="重新计算并核对").click()
    page.get_by_text("次序和摘要都一致").wait_for()
    album.take(window, "drawn")


def _answer(window, edition):
    """All three said yes on the phone."""
    page = window.page
    for left in (3, 2, 1):
        window.go(reverse("review:panel", args=[edition.pk]))
        assert page.get_by_role("link", name="登记答复").count() == left
        page.get_by_role("link", name="登记答复").first.click()
        page.get_by_label("接受").check()
        page.get_by_role("button", name="登记答复").click()
        page.get_by_text("的答复。").wait_for()
    assert edition.panel.filter(standing=PanelMember.Standing.SEATED).count() == 3


def _assign(window, edition, album):
    page = window.page
    page.get_by_role("link", name="分配评审任务").click()
    page.get_by_label("种子").fill("2026")
    page.get_by_role("button", name="预览").click()
    album.take(window, "preview")
    assert window.unreachable() == []
    page.get_by_role("button", name="分配这 4 份评审任务").click()
    page.get_by_text("已分配 4 份评审任务").wait_for()
    album.take(window, "assigned")


def _step_aside(seen_as, edition, album):
    """On a phone, with one choice and no signature."""
    task = Assignment.objects.filter(nomination__edition=edition).select_related("member__user").first()
    hat = factories.hat("expert", username=task.member.user.username)
    with seen_as(hat, size=PHONE) as window:
        window.go(reverse("review:recuse", args=[task.pk]))
        window.page.get_by_label("与负责人有亲属关系").check()
        album.take(window, "recuse")
        window.page.get_by_role("button", name="回避这一家").click()
        window.page.get_by_text("这一家的材料不再向您显示").wait_for()
    return task
