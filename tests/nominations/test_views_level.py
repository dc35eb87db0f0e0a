"""Level by level on its pages: the review with notes, the preview of several, the order, the desk."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from nominations.models import Nomination, Return
from nominations.services import declaring
from nominations.services.recommending import recommend
from nominations.services.returning import send_back
from tests import factories

pytestmark = pytest.mark.django_db

DAY = {"union_founded_on": "2010-05-01"}


@pytest.fixture
def edition():
    return factories.edition(now=timezone.now())


@pytest.fixture
def nomination(edition):
    subject = factories.enterprise(1, account=True)
    return factories.nomination(edition, subject, state="recommendation", **DAY)


def page(name, thing):
    return reverse(f"nominations:{name}", args=[thing.pk])


def signed_in(client, role, place=None):
    return factories.sign_in(client, factories.hat(role, place))


def tomorrow():
    return timezone.localdate(timezone.now()) + timedelta(days=1)


def words(answer):
    return answer.content.decode()


# --- the review and the return


def test_notes_at_the_fields_go_with_the_return(client, nomination):
    signed_in(client, "recommender")
    shown = words(client.get(page("send_back", nomination)))
    assert 'name="note.employees"' in shown
    assert 'name="note.evidence:congress"' in shown  # nothing of that kind: that may be what is wrong
    answer = client.post(
        page("send_back", nomination),
        {
            "codes": ["wrong", "mismatch"],
            "note.employees": "与社保人数不符",
            "note.deeds": "",
            "note.evidence:congress": "缺职代会记录",
            "deadline": tomorrow(),
        },
    )
    assert answer.status_code == 302
    back = Return.objects.get()
    assert back.codes == ["mismatch", "wrong"]
    assert back.notes == {"employees": "与社保人数不符", "evidence:congress": "缺职代会记录"}
    record = words(client.get(nomination.get_absolute_url()))
    assert "内容与佐证不符、填写有误" in record
    assert "与社保人数不符" in record


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"deadline": "2099-01-01"}, "退回理由"),
        ({"codes": ["other"], "deadline": "2099-01-01"}, "请写明退回理由"),
        ({"codes": ["wrong"], "deadline": "2020-01-01"}, "不能早于今天"),
        ({"codes": ["wrong"], "deadline": "明天"}, "补正期限"),
        ({"codes": ["nonsense"], "deadline": "2099-01-01"}, "退回理由"),
        ({"codes": ["wrong"], "note.deeds": "长" * 301, "deadline": "2099-01-01"}, "批注：主要事迹"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, nomination, sent, said):
    signed_in(client, "recommender")
    answer = client.post(page("send_back", nomination), {"note.employees": "留着这句", **sent})
    assert answer.status_code == 200
    assert "请先改正以下内容" in words(answer)
    assert said in words(answer)
    assert "留着这句" in words(answer)
    assert not Return.objects.exists()


def test_codes_and_notes_may_be_brought_along(client, nomination):
    signed_in(client, "recommender")
    answer = client.get(
        page("send_back", nomination),
        {"codes": ["excluded", "nonsense"], "note.union_founded_on": "工会成立时间待核", "note.nothing": "x"},
    )
    form = answer.context["form"]
    assert form["codes"].value() == ["excluded", "nonsense"]
    assert form.note("union_founded_on").value() == "工会成立时间待核"
    assert "工会成立时间待核" in words(answer)


def test_another_districts_recommender_finds_nothing(client, nomination):
    signed_in(client, "recommender", "市北区")
    assert client.get(page("send_back", nomination)).status_code == 404
    sent = {"codes": ["wrong"], "deadline": tomorrow()}
    assert client.post(page("send_back", nomination), sent).status_code == 404
    picked = client.get(page("recommend", nomination.edition), {"pick": nomination.pk})
    assert picked.status_code == 302
    order = client.post(page("rank", nomination.edition), {"order": [nomination.pk]})
    assert nomination.subject_name not in words(order)
    assert Nomination.objects.get(pk=nomination.pk).state == "recommendation"


def test_where_nothing_can_be_sent_back_the_page_only_shows(client, edition):
    row = factories.nomination(edition, 3, state="screening", **DAY)
    signed_in(client, "recommender")
    answer = client.get(page("send_back", row))
    assert "退回补正由办公室办理" in words(answer)
    assert "<textarea" not in words(answer)
    signed_in(client, "office")
    assert 'name="note.employees"' in words(client.get(page("send_back", row)))


def test_who_reads_what_was_asked_for(client, nomination):
    now = timezone.now()
    send_back(
        nomination,
        by=factories.hat("recommender"),
        now=now,
        codes=["wrong"],
        notes={"employees": "与社保人数不符"},
        deadline=tomorrow(),
    )
    seen = {}
    for role in ("office", "recommender", "applicant", "auditor"):
        signed_in(client, role)
        seen[role] = "与社保人数不符" in words(client.get(nomination.get_absolute_url()))
    assert seen == dict.fromkeys(seen, True)
    declaring.submit(nomination, by=factories.hat("applicant"), now=now)
    row = factories.bring(Nomination.objects.get(pk=nomination.pk), "inspection")
    inspector = factories.hat("inspector")
    from awards.models import Inspection

    visit, _made = Inspection.objects.get_or_create(nomination=row)
    visit.inspectors.add(inspector.user)
    factories.sign_in(client, inspector)
    answer = client.get(nomination.get_absolute_url())
    assert answer.status_code == 200
    assert "与社保人数不符" not in words(answer)


def test_the_review_shows_what_was_mended(client, nomination):
    now = timezone.now()
    send_back(nomination, by=factories.hat("recommender"), now=now, codes=["wrong"], deadline=tomorrow())
    applicant = factories.hat("applicant")
    declaring.save_declaration(nomination, by=applicant, now=now, version=1, employees=999)
    declaring.submit(nomination, by=applicant, now=now)
    signed_in(client, "recommender")
    shown = words(client.get(page("send_back", nomination)))
    assert "<del>300 人</del>" in shown
    assert "<ins>999 人</ins>" in shown


# --- recommending several


def test_one_proof_and_two_opinions(client, edition):
    rows = [factories.nomination(edition, n, state="recommendation", **DAY) for n in (1, 2)]
    signed_in(client, "recommender")
    url = page("recommend", edition)
    shown = words(client.get(url, {"pick": [row.pk for row in rows]}))
    assert all(row.subject_name in shown for row in rows)
    today = timezone.localdate(timezone.now())
    answer = client.post(
        url,
        {
            "pick": [row.pk for row in rows],
            "opinion": "同意推荐",
            f"opinion_{rows[1].pk}": "同意推荐，建议优先",
            "publicity_from": today - timedelta(days=7),
            "publicity_to": today,
            "proof": SimpleUploadedFile("公示.pdf", b"%PDF-1.4\n1\n%%EOF\n"),
        },
    )
    assert answer.status_code == 302, words(answer)
    said = [Nomination.objects.get(pk=row.pk).recommendation for row in rows]
    assert [each.opinion for each in said] == ["同意推荐", "同意推荐，建议优先"]
    assert {each.publicity.sha256 for each in said} == {said[0].publicity.sha256}


def test_a_refused_proof_refuses_all(client, edition):
    rows = [factories.nomination(edition, n, state="recommendation", **DAY) for n in (1, 2)]
    signed_in(client, "recommender")
    sent = {"pick": [row.pk for row in rows], "opinion": "同意推荐"}
    sent |= {"proof": SimpleUploadedFile("公示.pdf", b"MZ\x90not a paper"), "publicity_from": "2026-01-05"}
    answer = client.post(page("recommend", edition), sent)
    assert "请先改正以下内容" in words(answer)
    assert {row.state for row in Nomination.objects.filter(edition=edition)} == {"recommendation"}


def test_what_is_in_the_way_stands_under_each_name(client, edition):
    ready = factories.nomination(edition, 1, state="recommendation", **DAY)
    bare = factories.nomination(edition, 2, state="recommendation", **DAY | {"industry": ""})
    signed_in(client, "recommender")
    answer = client.get(page("recommend", edition), {"pick": [ready.pk, bare.pk]})
    assert "申报表还缺：所属行业" in words(answer)
    assert f'href="?pick={ready.pk}"' in words(answer)
    assert 'name="opinion"' not in words(answer)


# --- the order


def test_an_order_of_yesterday_is_kept_beside_what_is_new(client, edition):
    one, two = (factories.nomination(edition, n, rank=n) for n in (1, 2))
    signed_in(client, "recommender")
    new = factories.nomination(edition, 3, rank=3)
    answer = client.post(page("rank", edition), {"order": [two.pk, one.pk]})
    assert "刚刚有变动" in words(answer)
    assert [row.pk for row in answer.context["rows"]] == [two.pk, one.pk, new.pk]
    again = client.post(page("rank", edition), {"order": [row.pk for row in answer.context["rows"]]})
    assert again.status_code == 302
    assert list(edition.nominations.order_by("rank")) == [two, one, new]


# --- the desk


def test_the_desk_in_the_order_of_its_work(client, edition):
    hat = factories.hat("recommender")
    done = factories.nomination(edition, 1, state="screening", rank=1)
    draft = factories.nomination(edition, 2, rank=2, deeds="")
    waiting = factories.nomination(edition, 3, state="recommendation", rank=3, **DAY)
    late = factories.nomination(edition, 4, state="recommendation", rank=4, **DAY)
    back = send_back(late, by=hat, now=timezone.now(), codes=["wrong"], deadline=tomorrow())
    Return.objects.filter(pk=back.pk).update(deadline=tomorrow() - timedelta(days=9))
    factories.sign_in(client, hat)
    answer = client.get(page("desk", edition))
    assert [row.pk for row in answer.context["page"]] == [late.pk, waiting.pk, draft.pk, done.pk]
    assert [row.lacks for row in answer.context["page"]] == [[], [], ["工会成立时间", "主要事迹"], None]
    assert "逾期" in words(answer)
    assert "新建（代企业填报）" in words(answer)
    for state, found in (("returned", [late]), ("late", [late]), ("draft", [late, draft])):
        only = client.get(page("desk", edition), {"state": state}).context["page"]
        assert [row.pk for row in only] == [row.pk for row in found]


def test_the_office_reads_by_union(client, edition):
    far = factories.nomination(edition, 1, recommender="市北区", state="recommendation")
    near = [factories.nomination(edition, n, state=state) for n, state in ((2, "screening"), (3, "draft"))]
    signed_in(client, "office")
    answer = client.get(page("desk", edition))
    assert [row.pk for row in answer.context["page"]] == [near[1].pk, near[0].pk, far.pk]
    assert words(answer).count('scope="rowgroup"') == 2
    only = client.get(page("desk", edition), {"unit": far.recommender_id})
    assert [row.pk for row in only.context["page"]] == [far.pk]
    signed_in(client, "auditor")
    assert "data-pick=" not in words(client.get(page("desk", edition)))


def test_a_constant_number_of_queries(client, edition):
    hat = factories.hat("recommender")
    counts = {"recommender": [], "office": []}
    for size, start in ((20, 100), (180, 1000)):
        for n in range(start, start + size):
            row = factories.nomination(edition, n, state=("draft", "recommendation")[n % 2], **DAY)
            if n % 10 == 1:
                send_back(row, by=hat, now=timezone.now(), codes=["wrong"], deadline=tomorrow())
        for role, found in counts.items():
            signed_in(client, role)
            client.get(page("desk", edition))
            with CaptureQueriesContext(connection) as asked:
                client.get(page("desk", edition))
            found.append(len(asked))
    assert {role: few == many for role, (few, many) in counts.items()} == dict.fromkeys(counts, True), counts
    assert max(max(found) for found in counts.values()) < 40, counts


def test_the_record_says_how_long_the_list_was_shown(client, edition):
    row = factories.nomination(edition, 1, state="recommendation", **DAY)
    recommend(
        [row],
        by=factories.hat("recommender"),
        now=timezone.now(),
        opinion="同意推荐",
        publicity_from=date(2026, 5, 22),
        publicity_to=date(2026, 5, 29),
        proof=SimpleUploadedFile("公示.pdf", b"%PDF-1.4\n1\n%%EOF\n"),
    )
    signed_in(client, "office")
    shown = words(client.get(row.get_absolute_url()))
    assert "2026年5月22日 (周五) 至 2026年5月29日 (周五)，6 个工作日" in shown
    assert "公示证明" in shown
