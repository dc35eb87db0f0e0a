"""The pages of an objection without a browser: who gets which, and how many questions a list asks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Objection
from awards.services import extending, roster
from tests import factories as make
from tests.awards.objections import DURING, accepted, lodge, pdf
from tests.awards.stage import office_of, published
from tests.awards.test_hearing import enterprise_hat, put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _during(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: DURING)


def page(client, name, *args, data=None):
    address = reverse(f"awards:{name}", args=args)
    return client.get(address) if data is None else client.post(address, data)


def test_the_list_asks_as_much_for_many_as_for_few(client):
    notice = published()
    office = office_of(notice.edition)
    make.sign_in(client, office)

    def questions():
        with CaptureQueriesContext(connection) as asked:
            page(client, "objections", notice.edition_id)
        return len(asked)

    lodge(notice)
    accepted(notice)
    questions()
    few = questions()
    for _time in range(4):
        accepted(notice, rank=2)
    assert questions() == few


def test_home_asks_as_much_for_many_as_for_few(client):
    notice = published()
    make.sign_in(client, office_of(notice.edition))

    def questions():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("portal:home"))
        return len(asked)

    accepted(notice)
    questions()
    few = questions()
    for _time in range(4):
        accepted(notice, rank=2)
    assert questions() == few


def test_what_is_asked_of_a_handler_and_what_another_waits_for(client):
    notice = published()
    one, office = accepted(notice)
    second = make.hat("office", username="office-2")
    home = make.sign_in(client, office).get(reverse("portal:home")).content.decode()
    assert "核查异议" in home and one.number in home
    extending.ask_extension(one, reason="演示", by=office, now=DURING)
    home = make.sign_in(client, second).get(reverse("portal:home")).content.decode()
    assert "决定异议延期" in home


def test_the_enterprise_finds_what_is_put_to_it_and_nothing_before(client):
    notice = published()
    hat = enterprise_hat(notice)
    one, office = accepted(notice)
    make.sign_in(client, hat)
    assert page(client, "my_objection", one.pk).status_code == 404
    put(one, office)
    assert "请说明建议采纳数量" in page(client, "my_objection", one.pk).content.decode()
    assert "答复公示期间的异议" in client.get(reverse("portal:home")).content.decode()
    record = client.get(reverse("nominations:nomination", args=[one.nomination_id])).content.decode()
    assert reverse("awards:my_objection", args=[one.pk]) in record
    assert page(client, "my_objection", one.pk, data={"words": "以台账为准"}).status_code == 302
    assert "答复公示期间的异议" not in client.get(reverse("portal:home")).content.decode()
    assert page(client, "objection", one.pk).status_code == 404


def test_a_paper_is_handed_out_under_its_own_name_as_a_download(client):
    one, office = accepted(papers=[pdf("台账照片.pdf", b"the content")])
    make.sign_in(client, office)
    answer = page(client, "objection_paper", one.papers.get().pk, data={})
    assert b"the content" in answer.content
    assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_office_that_does_not_handle_it_sees_the_clock_and_no_matter(client):
    one, _office = accepted()
    second = make.hat("office", username="office-2")
    text = page(make.sign_in(client, second), "objection", one.pk).content.decode()
    assert "2026年10月15日" in text and "演示事实和理由" not in text and "查看异议人信息" not in text
    for name in ("objection_hear", "objection_ask", "objection_extend"):
        assert page(client, name, one.pk).status_code == 403
    assert page(client, "objection_assign", one.pk).status_code == 200


def test_a_year_without_a_calendar_reads_as_not_yet_settled(client):
    one, office = accepted()
    Objection.objects.filter(pk=one.pk).update(decide_due=None)
    make.sign_in(client, office)
    assert "待定" in page(client, "objection", one.pk).content.decode()
    assert "待定" in page(client, "objections", one.notice.edition_id).content.decode()


def test_taking_up_and_the_roster_from_their_pages(client):
    notice = published()
    office = office_of(notice.edition)
    make.sign_in(client, office)
    one = lodge(notice).objection
    assert "由我经办" in page(client, "objection", one.pk).content.decode()
    page(client, "objection_take", one.pk, data={})
    assert one.handlers.get().user == office.user
    turn = {"user": office.user_id, "starts_on": "2026-09-28", "ends_on": "2026-09-30"}
    assert page(client, "roster", data=turn).status_code == 302
    [found] = roster.turns_of(office.organisation, DURING.date())
    assert "不能重叠" in page(client, "roster", data=turn).content.decode()
    page(client, "roster_end", found.pk, data={})
    assert roster.turns_of(office.organisation, DURING.date()) == []


@pytest.mark.parametrize(
    "given, field, sentence",
    [
        ({"contact": "演示路9号"}, "contact", "能打通的电话"),
        ({"of_unit": "unit", "unit": ""}, "unit", "单位联系人"),
        ({"of_unit": "unit", "unit": "演示联系人"}, "seal_letter", "加盖公章"),
        ({"of_unit": ""}, "of_unit", "必填"),
    ],
)
def test_the_form_says_in_its_place_what_is_missing(client, given, field, sentence):
    notice = published()
    answers = {
        "nomination": notice.rows.first().nomination_id,
        "of_unit": "person",
        "name": "演示反映人甲",
        "contact": "19911112222",
        "grounds": "演示事实",
        "agreed": "on",
    }
    form = page(client, "object", notice.pk, data=answers | given).context["form"]
    assert sentence in str(form.errors[field])
    assert not Objection.objects.exists()
