"""The exhibition on a phone: an enterprise releases, the office lets through, the public sees it; it goes."""

from contextlib import closing

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from awards.models import Release
from tests import factories
from tests.awards import exhibits
from tests.browser.window import DESKTOP, PHONE, SMALL, Window

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = "() => [...document.querySelectorAll('main img')].every((one) => one.complete && one.naturalWidth)"


@pytest.fixture
def window(chromium, live_server):
    opened = []

    def of(hat=None, size=PHONE, **more):
        cookies = {}
        if hat is not None:
            client = factories.sign_in(Client(), hat)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        opened.append(Window(chromium, live_server.url, size=size, cookies=cookies, **more))
        return opened[-1]

    yield of
    for each in opened:
        with closing(each):
            assert each.faults == []


def test_from_the_declaration_to_the_public_and_back(window, album):
    company = exhibits.named(account=True)
    company.honours.update(named_on=timezone.localdate())
    mine, office = window(exhibits.speaker(company)), window(factories.hat("office"), DESKTOP)
    page = mine.page
    mine.go(reverse("portal:home"))
    page.get_by_role("link", name="选择展馆展示内容").first.click()
    page.get_by_label("海风焊接创新工作室").check()
    page.get_by_label("公开这张照片").check()
    page.get_by_role("button", name="提交办公室审核").click()
    page.get_by_role("link", name="图片说明").click()
    page.get_by_label("图片说明").fill("焊接工位上的两名职工")
    album.take(mine, "release")
    assert mine.unreachable() == []
    page.get_by_role("button", name="提交办公室审核").click()
    page.get_by_text("已提交 2 项").wait_for()

    public = window()
    public.go(reverse("awards:exhibit", args=[company.pk]))
    assert public.page.get_by_text("海风焊接创新工作室").count() == 0

    desk = office.page
    office.go(reverse("portal:home"))
    desk.get_by_role("link", name="审核展馆内容").first.click()
    for each in desk.get_by_role("checkbox").all():
        each.check()
    album.take(office, "waiting")
    assert office.unreachable() == []
    desk.get_by_role("button", name="同意公开选中的").click()
    desk.get_by_text("已同意公开 2 项").wait_for()

    public.go(reverse("awards:exhibition"))
    album.take(public, "hall")
    assert public.unreachable() == []
    public.page.get_by_role("link", name=company.name).click()
    public.page.get_by_role("heading", name="海风焊接创新工作室").wait_for()
    public.page.get_by_alt_text("焊接工位上的两名职工").scroll_into_view_if_needed()
    public.page.wait_for_function(SEEN)
    album.take(public, "exhibit")
    assert public.unreachable() == []
    plain = window(size=SMALL, scripts=False)
    plain.go(reverse("awards:exhibit", args=[company.pk]))
    assert plain.page.get_by_role("heading", name="海风焊接创新工作室").is_visible()
    picture = reverse("awards:exhibit_picture", args=[Release.objects.get(kind="picture").pk, "large"])

    mine.go(reverse("awards:releases", args=[company.pk]))
    for _each in range(2):
        page.get_by_role("link", name="撤回").first.click()
        page.get_by_label("撤回理由").fill("不再展示")
        page.get_by_role("button", name="撤回这一项").click()
        page.get_by_text("已撤回“").wait_for()
    public.page.reload()
    public.page.get_by_text("还没有授权公开展示内容").wait_for()
    with public.expecting(404):
        public.page.goto(picture + "?again")
