"""The pages of quotas, board and near-same names: what is typed, sent, shown and kept."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from nominations.models import NotSame
from nominations.services.quotas import set_quota
from portal.models import AuditEntry, Notification
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return factories.edition(now=timezone.now())


@pytest.fixture
def office(client):
    hat = factories.hat("office")
    factories.sign_in(client, hat)
    return hat


def page(name, edition, *more):
    return reverse(f"nominations:{name}", args=[edition.pk, *more])


def book(*rows):
    made = Workbook()
    for row in (("推荐单位", "推荐名额", "备注"), *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return SimpleUploadedFile("名额.xlsx", out.getvalue())


def numbers(edition):
    return dict(edition.quotas.values_list("organisation__division_name", "number"))


def shown_on(answer):
    """What a browser sends back of the page when nothing is touched."""
    form = answer.context["form"]
    return {
        **{field.html_name: "" if line.number is None else line.number for line, field, _s in form.rows},
        **{shown: "" if line.number is None else line.number for line, _f, shown in form.rows},
        "reason": "",
    }


def test_two_offices_at_two_pages_lose_nothing(client, edition, office):
    unit = factories.district()
    set_quota(edition, unit, 3, by=office, now=timezone.now())
    first = shown_on(client.get(page("quotas", edition)))
    second = dict(first)
    name = f"number_{unit.pk}"
    assert client.post(page("quotas", edition), first | {name: 5, "reason": "甲"}).status_code == 302
    answer = client.post(page("quotas", edition), second | {name: 4, "reason": "乙"})
    words = answer.content.decode()
    assert "的名额刚刚改为 5" in words
    assert "现为 5" in words
    assert numbers(edition) == {"市南区": 5}
    # The page now carries the number of today: saved once more, it is meant.
    assert f'name="shown_{unit.pk}" value="5"' in words
    again = second | {name: 4, f"shown_{unit.pk}": 5, "reason": "乙"}
    assert client.post(page("quotas", edition), again).status_code == 302
    history = client.get(page("quotas", edition)).content.decode()
    assert history.index("乙") < history.index("甲")
    assert numbers(edition) == {"市南区": 4}


def test_what_is_not_touched_stays_and_what_is_emptied_needs_a_reason(client, edition, office):
    unit = factories.district()
    set_quota(edition, unit, 3, by=office, now=timezone.now())
    sent = shown_on(client.get(page("quotas", edition)))
    client.post(page("quotas", edition), sent)
    assert AuditEntry.objects.filter(act="nominations.set_quota").count() == 1
    empty = sent | {f"number_{unit.pk}": ""}
    assert "需要写明理由" in client.post(page("quotas", edition), empty).content.decode()
    client.post(page("quotas", edition), empty | {"reason": "不再限额"})
    assert numbers(edition) == {}


def test_a_workbook_is_shown_as_changes_and_then_saved(client, edition, office):
    shinan, shibei = factories.district("市南区"), factories.district("市北区")
    set_quota(edition, shinan, 3, by=office, now=timezone.now())
    answer = client.post(
        page("quotas_import", edition), {"file": book((shinan.name, 4, ""), (shibei.name, 2, ""))}
    )
    words = answer.content.decode()
    assert "将改动 2 个单位的名额" in words
    assert numbers(edition) == {"市南区": 3}
    sent = {
        "apply": "1",
        "unit": [shinan.pk, shibei.pk],
        f"number_{shinan.pk}": 4,
        f"shown_{shinan.pk}": 3,
        f"number_{shibei.pk}": 2,
        f"shown_{shibei.pk}": "",
    }
    refused = client.post(page("quotas_import", edition), sent | {"reason": ""}).content.decode()
    assert "需要写明理由" in refused
    assert numbers(edition) == {"市南区": 3}
    assert client.post(page("quotas_import", edition), sent | {"reason": "第二次会议"}).status_code == 302
    assert numbers(edition) == {"市南区": 4, "市北区": 2}


def test_a_remark_is_the_reason_of_its_row(client, edition, office):
    shinan = factories.district("市南区")
    set_quota(edition, shinan, 3, by=office, now=timezone.now())
    answer = client.post(page("quotas_import", edition), {"file": book((shinan.name, 4, "会议纪要5号"))})
    assert not answer.context["asks_reason"]
    sent = {f"number_{shinan.pk}": 4, f"shown_{shinan.pk}": 3, f"remark_{shinan.pk}": "会议纪要5号"}
    client.post(page("quotas_import", edition), sent | {"apply": "1", "unit": shinan.pk})
    assert (
        AuditEntry.objects.filter(act="nominations.set_quota").latest("pk").detail["reason"] == "会议纪要5号"
    )


def test_a_preview_that_has_grown_old_is_refused_and_shown_anew(client, edition, office):
    shinan = factories.district("市南区")
    sent = {"apply": "1", "unit": shinan.pk, f"number_{shinan.pk}": 4, f"shown_{shinan.pk}": ""}
    set_quota(edition, shinan, 6, by=office, now=timezone.now())
    words = client.post(page("quotas_import", edition), sent | {"reason": "x"}).content.decode()
    assert "的名额刚刚改为 6" in words
    assert f'name="shown_{shinan.pk}" value="6"' in words
    assert numbers(edition) == {"市南区": 6}


def test_a_wrong_cell_is_named_and_a_file_without_changes_says_so(client, edition, office):
    words = client.post(page("quotas_import", edition), {"file": book(("没有这家", 4, ""))}).content.decode()
    assert "有 1 处需要改正" in words
    shinan = factories.district()
    set_quota(edition, shinan, 4, by=office, now=timezone.now())
    answer = client.post(page("quotas_import", edition), {"file": book((shinan.name, 4, ""))}, follow=True)
    assert "没有需要改的" in answer.content.decode()
    form = client.get(page("quotas_form", edition))
    assert load_workbook(io.BytesIO(form.content)).active["A1"].value.endswith("推荐名额分配表")


def units_of(answer):
    return [line.organisation.division_name for line, _act, _urged in answer.context["lines"]]


def test_chips_and_heads_of_the_board(client, edition, office):
    now = timezone.now()
    set_quota(edition, factories.district("市南区"), 2, by=office, now=now)
    set_quota(edition, factories.district("市北区"), 0, by=office, now=now)
    factories.nomination(edition, 1)
    every = units_of(client.get(page("board", edition)))
    assert every[:2] == ["市南区", "市北区"]
    assert units_of(client.get(page("board", edition), {"show": "left"})) == ["市南区"]
    assert units_of(client.get(page("board", edition), {"show": "overdue"})) == []
    assert "市北区" not in units_of(client.get(page("board", edition), {"show": "none"}))
    assert units_of(client.get(page("board", edition), {"sort": "left"}))[:2] == ["市南区", "市北区"]
    assert units_of(client.get(page("board", edition), {"show": "x", "sort": "x"})) == every
    sheet = load_workbook(io.BytesIO(client.get(page("board_export", edition), {"show": "left"}).content))
    names = [row[0].value for row in sheet.active.iter_rows(min_row=3) if row[0].value]
    assert names[:3] == ["推荐单位", "市南区总工会", "合计"]


@pytest.mark.parametrize("count", [1, 12])
def test_the_board_page_asks_as_often_for_many_as_for_few(
    client, edition, office, count, django_assert_max_num_queries
):
    units = ["市南区", "市北区", "崂山区", "李沧区"]
    for n in range(count):
        factories.nomination(edition, n + 1, recommender=units[n % 4])
    client.get(page("board", edition))
    with django_assert_max_num_queries(22):
        client.get(page("board", edition))


def test_urging_names_them_first_and_reaches_exactly_those(client, edition, office):
    own, other = factories.hat("recommender"), factories.hat("recommender", "市北区")
    for n, unit in ((1, "市南区"), (2, "市北区")):
        factories.nomination(edition, n, recommender=unit)
    set_quota(edition, own.organisation, 3, by=office, now=timezone.now())
    answer = client.get(page("board_remind", edition), {"show": "left"})
    assert answer.context["moves"] == ["市南区总工会（起草 1）"]
    assert answer.context["form"].initial["units"] == [own.organisation_id]
    assert not Notification.objects.exists()
    sent = client.post(page("board_remind", edition) + "?show=left", {"units": [own.organisation_id]})
    assert sent.url.endswith("?show=left")
    assert list(Notification.objects.values_list("recipient", flat=True)) == [own.user_id]
    again = client.post(page("board_remind", edition), {"units": [own.organisation_id]}).content.decode()
    assert "今天已经催办过" in again
    stranger = client.post(page("board_remind", edition), {"units": [10**6]})
    assert stranger.status_code == 200
    assert Notification.objects.filter(recipient=other.user).count() == 0


def test_a_pair_is_told_apart_on_a_page_and_comes_back(client, edition, office):
    one = factories.nomination(edition, factories.enterprise(1, name="青岛海晏电子科技有限公司"))
    two = factories.nomination(
        edition, factories.enterprise(2, name="海晏电子科技股份有限公司"), recommender="市北区"
    )
    words = client.get(page("duplicates", edition)).content.decode()
    assert "待核对 1 对" in words
    asked = {"one": one.enterprise_id, "other": two.enterprise_id}
    assert client.get(page("tell_apart", edition), asked).status_code == 200
    assert client.get(page("tell_apart", edition), asked | {"other": 10**6}).status_code == 404
    assert client.get(page("tell_apart", edition), asked | {"other": "x"}).status_code == 404
    assert client.post(page("tell_apart", edition), asked | {"reason": ""}).status_code == 200
    client.post(page("tell_apart", edition), asked | {"reason": "法定代表人不同"})
    words = client.get(page("duplicates", edition)).content.decode()
    assert "没有待核对的疑似重复" in words
    assert "法定代表人不同" in words
    mark = NotSame.objects.get()
    assert client.post(page("look_again", edition, mark.pk)).status_code == 302
    assert not NotSame.objects.exists()
    assert client.post(page("look_again", edition, mark.pk)).status_code == 404


def test_others_press_nothing(client, edition):
    factories.nomination(edition, 1)
    posts = (("quotas_import", {"apply": "1"}), ("board_remind", {"units": [1]}), ("tell_apart", {}))
    for role, place, code in (
        ("recommender", None, 403),
        ("auditor", None, 403),
        ("office", "市北区", 404),
    ):
        factories.sign_in(client, factories.hat(role, place))
        for name, sent in posts:
            assert client.post(page(name, edition), sent).status_code == code, (role, name)


def test_at_entry_a_recommender_sees_of_others_no_more_than_name_and_code(client, edition):
    factories.nomination(
        edition,
        factories.enterprise(1, name="青岛海晏电子科技有限公司"),
        recommender="市北区",
        contact_name="演示甲乙",
    )
    factories.sign_in(client, factories.hat("recommender"))
    new = {"credit_code": factories.credit_code(2), "name": "海晏电子科技股份有限公司"}
    words = client.post(reverse("nominations:nomination_new", args=[edition.pk]), new, follow=True)
    words = words.content.decode()
    assert "青岛海晏电子科技有限公司" in words
    assert factories.credit_code(1) in words
    assert "演示甲乙" not in words
    assert "市北区总工会" not in words
