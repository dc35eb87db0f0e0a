"""The pages behind a link: public, told to nobody, and closed to whoever misuses one."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal.models import AuditEntry
from review import services
from review.models import AnswerLink, Opinion
from review.services import links
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org, page, text, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_knocked():
    cache.clear()


@pytest.fixture
def issued(screened):
    return links.issue_link(
        screened.edition,
        org("dept-kjj"),
        name="王演示",
        valid_until=timezone.localdate() + timedelta(days=3),
        by=screened.office,
        now=timezone.now(),
    )


def at(token, name="", *args):
    return reverse(f"review:by_link{name}", args=[token, *args])


def row(place, n=0, answer="clear", **more):
    return {
        "nomination": place.nominations[n].pk,
        "question": place.kjj.pk,
        "answer": answer,
        "explanation": "",
        "looked_up_on": timezone.localdate().isoformat(),
        "version": 0,
    } | more


def test_the_office_issues_it_and_sees_the_address_once(client, screened):
    factories.sign_in(client, screened.office)
    data = {
        "organisation": org("dept-kjj").pk,
        "name": "王演示",
        "position": "科长",
        "contact": "",
        "note": "",
        "valid_until": timezone.localdate().isoformat(),
    }
    shown = client.post(url("links", screened.edition), data)
    address = shown.context["address"]
    assert address in text(shown) and "<svg" in text(shown) and "style=" not in shown.context["picture"]
    assert shown.headers["Cache-Control"] == "no-store"
    listed = text(client.get(url("links", screened.edition)))
    token = address.rstrip("/").rpartition("/")[2]
    assert "王演示" in listed and "未打开" in listed and token not in listed
    assert Client().get(address).status_code == 200
    assert "已打开" in text(client.get(url("links", screened.edition)))


def test_it_needs_no_sign_in_and_tells_nobody(screened, issued):
    client = Client(enforce_csrf_checks=True)
    shown = client.get(at(issued.token))
    assert shown.status_code == 200
    assert "王演示" in text(shown) and screened.nominations[0].subject_name in text(shown)
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    assert "no-store" in shown.headers["Cache-Control"]
    # A browser that is told to send no referrer says `Origin: null`; the key is what counts.
    answer = client.post(at(issued.token, "_row"), row(screened), headers={"Origin": "null"})
    assert answer.status_code == 200
    opinion = Opinion.objects.get()
    assert str(opinion.answered_by.user) == "王演示"


def test_from_the_first_answer_to_the_last_page(screened, issued):
    client = Client()
    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4\n%%EOF")
    said = client.post(
        at(issued.token, "_row"), row(screened, answer="problem", explanation="撤稿", proof=paper)
    ).json()
    [proof] = said["papers"]
    assert client.get(proof["url"]).status_code == 200
    asked = client.get(at(issued.token, "_rest"))
    names = [each.subject_name for each in screened.nominations]
    assert names[0] not in text(asked) and names[1] in text(asked)
    refused = client.post(at(issued.token, "_finish"), {})
    assert "还有 2 项没有答复" in text(refused)
    form = asked.context["form"]
    data = {"looked_up_on": timezone.localdate().isoformat(), "named": form["named"].value()}
    assert client.post(at(issued.token, "_rest"), data).status_code == 302
    done = client.post(at(issued.token, "_finish"), {})
    assert "答复已提交" in text(done)
    assert client.get(at(issued.token)).status_code == 404
    assert AuditEntry.objects.filter(act="review.use_link").count() == 1


def test_the_workbook_goes_out_and_comes_back(screened, issued):
    client = Client()
    out = client.get(at(issued.token, "_template"))
    book = load_workbook(io.BytesIO(b"".join(out) if out.streaming else out.content))
    sheet = book.active
    heads = next(row for row in sheet.iter_rows() if any(cell.value == "结果" for cell in row))
    columns = {cell.value: cell.column for cell in heads}
    for line in range(heads[0].row + 1, heads[0].row + 4):
        sheet.cell(line, columns["结果"], "无异议")
        sheet.cell(line, columns["查询日期"], timezone.localdate())
    saved = io.BytesIO()
    book.save(saved)
    upload = SimpleUploadedFile("部门意见.xlsx", saved.getvalue())
    answer = client.post(at(issued.token, "_workbook"), {"file": upload})
    assert answer.status_code == 302
    preview = client.get(answer.url)
    assert "将导入 3 项答复" in text(preview) and not Opinion.objects.exists()
    assert client.post(answer.url, {"digest": preview.context["diff"].digest}).status_code == 302
    assert Opinion.objects.filter(answer="clear", answered_by=issued.link.hat).count() == 3


def test_revoked_between_preview_and_applying_nothing_is_entered(screened, issued):
    client = Client()
    asked = client.get(at(issued.token, "_rest"))
    links.revoke_link(issued.link, reason="发错了人", by=screened.office, now=timezone.now())
    data = {
        "looked_up_on": timezone.localdate().isoformat(),
        "named": asked.context["form"]["named"].value(),
    }
    for name, sent in (("_rest", data), ("_row", row(screened)), ("_finish", {"anyway": "on"}), ("", {})):
        answer = client.post(at(issued.token, name), sent)
        assert answer.status_code == 404 and "不能用了" in text(answer)
    assert not Opinion.objects.exists()


def test_whatever_is_wrong_reads_the_same(screened, issued):
    now = timezone.now()

    def another(**fields):
        made = links.issue_link(
            screened.edition,
            org("dept-kjj"),
            name="李演示",
            valid_until=timezone.localdate(),
            by=screened.office,
            now=now,
        )
        AnswerLink.objects.filter(pk=made.link.pk).update(**fields)
        return made.token

    tokens = [
        issued.token[:-2] + "xx",
        "x",
        another(expires_at=now - timedelta(minutes=1)),
        another(revoked_at=now, revoked_by=screened.office),
        another(used_at=now),
    ]
    answers = [Client().get(at(token)) for token in tokens]
    assert {answer.status_code for answer in answers} == {404}
    # Nothing but the sentence is the page's own.
    assert len({answer.context["words"] for answer in answers}) == 1
    assert {answer.templates[0].name for answer in answers} == {"review/link_closed.html"}


def test_guessing_is_stopped(screened, issued):
    client = Client()
    for n in range(32):
        client.get(at(f"guess-{n}"))
    assert client.get(at(issued.token)).status_code == 404
    assert Client(REMOTE_ADDR="10.0.0.9").get(at(issued.token)).status_code == 200


def test_not_another_departments_questions_papers_or_files(screened, issued):
    client = Client()
    answer = client.post(at(issued.token, "_row"), row(screened) | {"question": screened.yjj.pk})
    assert answer.status_code == 403
    opinion = services.answer(
        screened.nominations[0],
        screened.yjj,
        by=screened.safety,
        now=NOW,
        answer="problem",
        explanation="只有应急知道",
    )
    from review.services.opinions import attach_proof

    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4\n%%EOF")
    proof = attach_proof(opinion, file=paper, by=screened.safety, now=NOW)
    assert client.get(at(issued.token, "_proof", proof.pk)).status_code == 404
    assert "只有应急知道" not in text(client.get(at(issued.token)))
    assert client.get(reverse("review:screening", args=[screened.edition.pk])).status_code == 302


def test_revoking_asks_for_a_reason_and_other_offices_find_nothing(client, screened, issued):
    assert page(client, factories.hat("office", "市南区"), "revoke_link", issued.link).status_code == 404
    shown = page(client, screened.office, "revoke_link", issued.link)
    assert "撤销给王演示的答复链接" in text(shown)
    assert "请" in text(client.post(url("revoke_link", issued.link), {"reason": " "}))
    client.post(url("revoke_link", issued.link), {"reason": "发错了人"})
    assert "发错了人" in text(client.get(url("links", screened.edition)))
