"""② from the other side: whose it is not finds, reads, downloads, exports and changes nothing.

The table is by hand; an address without a row fails. The two columns in front are those who are judged: the
enterprise, and the union that recommends it, learn nothing of the departments.
"""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal.models import AuditEntry
from review import services
from review.services import links
from review.services.opinions import attach_proof
from review.services.overrules import propose_overrule
from tests import factories
from tests.review.conftest import FOUNDED, org
from tests.strangers import clients, differences, names_in, unpacked, world

pytestmark = pytest.mark.django_db

COLUMNS = (
    *("own_union", "own_company", "recommender", "applicant", "department", "expert"),
    *("inspector", "office", "auditor", "admin", "anonymous"),
)
#: The modules of the screening; those of ③ are tested with it. `closing` closes both.
MODULES = {
    f"review.views.{each}"
    for each in ("office", "batches", "cases", "closing", "departments", "links", "opinions", "overrules")
}
OFFICE = "403 403 403 403 403 403 403 404 403 403 login"
AND_AUDITOR = "403 403 403 403 403 403 403 404 200 403 login"
ANSWERS = "403 403 403 403 404 403 403 404 403 403 login"
NOBODY = "404 404 404 404 404 404 404 404 404 404 login"
NEVER = "405 405 405 405 405 405 405 405 405 405 login"
#: Of one nomination: those who declare it may find it, and nothing of its screening.
READ = "403 403 404 404 404 404 404 404 200 404 login"
CHANGE = "403 403 404 404 404 404 404 404 403 404 login"
PAPER = "404 404 404 404 404 404 404 404 200 404 login"
PAPER_CHANGE = "404 404 404 404 404 404 404 404 403 404 login"


def pdf(words="证明"):
    return SimpleUploadedFile(f"{words}.pdf", f"%PDF-1.4 {words}\n%%EOF".encode())


def today():
    return timezone.localdate().isoformat()


def said(things):
    return {
        "nomination": things.second.pk,
        "question": things.asked.pk,
        "consultation": things.asked.pk,
        "answer": "problem",
        "explanation": "外人说的",
        "looked_up_on": today(),
        "version": "0",
    }


def listed(things):
    key = f"{things.second.pk}_{things.asked.pk}"
    return {"looked_up_on": today(), f"answer_{key}": "clear", f"version_{key}": "0"}


def found(things):
    return {"item": "misconduct", "verdict": "passed", "reason": "外人查的", "looked_up_on": today()}


def issued(things):
    return {"organisation": things.asked.department_id, "name": "外人", "valid_until": today()}


def questions(things):
    return {"questions": f"{things.asked.department_id}:misconduct", "due_on": today()}


def batch(things):
    return {"due_on": today(), "named": str(things.late.pk), "nominations": str(things.late.pk)}


def book(things):
    return {"file": SimpleUploadedFile("部门意见.xlsx", things.workbook)}


#: names, what the address names, query, what is posted, answers to GET and to POST in the order of COLUMNS
ROWS = (
    (
        "screening",
        "edition",
        "",
        listed,
        *["403 403 403 403 404 403 403 404 200 403 login"] * 2,
    ),
    ("consult", "edition", "", questions, OFFICE, OFFICE),
    ("batches rechecks", "edition", "", batch, AND_AUDITOR, OFFICE),
    ("chase", "edition", "", lambda things: {"departments": things.asked.department_id}, OFFICE, OFFICE),
    ("links", "edition", "", issued, AND_AUDITOR, OFFICE),
    ("close_screening", "edition", "", None, OFFICE, OFFICE),
    ("cases screening_export", "edition", "", None, AND_AUDITOR, AND_AUDITOR),
    ("refuse_rechecked", "first", "", lambda things: {"reason": "外人说的"}, CHANGE, CHANGE),
    ("answer_row", "edition", "", said, NEVER, NOBODY),
    (
        "answer_rest",
        "edition",
        "",
        lambda things: {"looked_up_on": today(), "named": str(things.second.pk)},
        NOBODY,
        NOBODY,
    ),
    ("answer_template", "edition", "", None, NOBODY, NOBODY),
    ("answer_workbook", "edition", "", book, ANSWERS, ANSWERS),
    ("answers_file", "edition kept", "", lambda things: {"digest": things.digest}, ANSWERS, ANSWERS),
    ("answers_progress", "edition kept", "", None, ANSWERS, NEVER),
    ("revoke_link", "link", "", lambda things: {"reason": "外人撤的"}, PAPER_CHANGE, PAPER_CHANGE),
    ("answer", "first", "", said, READ, CHANGE),
    # The second is recommended by the same union, and is another enterprise than the one with the account.
    ("answer", "second", "", said, PAPER.replace("404", "403", 1), PAPER_CHANGE.replace("404", "403", 1)),
    ("find", "first", "item=misconduct", found, CHANGE, CHANGE),
    ("decision", "first", "", None, READ, READ),
    (
        "overrule",
        "opinion",
        "",
        lambda things: {"reason": "外人提的", "version": "1"},
        PAPER_CHANGE,
        PAPER_CHANGE,
    ),
    (
        "decide_overrule",
        "overrule",
        "",
        lambda things: {"confirmed": "yes", "remark": "外人同意"},
        PAPER,
        PAPER_CHANGE,
    ),
    ("proof", "proof", "", None, PAPER, PAPER),
)
#: A key that opens nothing opens nothing to anybody, however they came; see the test below for one that does.
BY_LINK = {
    "by_link": listed,
    "by_link_row": said,
    "by_link_rest": lambda things: {"looked_up_on": today(), "named": str(things.second.pk)},
    "by_link_template": None,
    "by_link_workbook": book,
    "by_link_file": lambda things: {"digest": things.digest},
    "by_link_finish": lambda things: {"anyway": "on"},
    "by_link_proof": None,
}


@pytest.fixture
def things(db):
    """市南区's enterprises before 市科技局, one of them said to have a problem; a late comer not sent yet."""
    now = timezone.now()
    edition, office = factories.edition(now=now), factories.hat("office")
    factories.hat("office", username="second")
    company = factories.enterprise(1, account=True)
    first, second = (
        factories.nomination(edition, each, state="screening", union_founded_on=FOUNDED, now=now)
        for each in (company, 2)
    )
    [asked] = services.consult(edition, [(org("dept-kjj"), "misconduct")], by=office, now=now)
    science = factories.hat("department", "dept-kjj")
    late = factories.nomination(edition, 3, state="screening", union_founded_on=FOUNDED, now=now)
    out = io.BytesIO()
    services.handout_answers(edition, asked.department, out, by=science, now=now)
    sheet = _filled(out)
    kept = services.keep_answers(edition, sheet, by=science, now=now)
    digest = services.read_answers(edition, sheet, by=science, now=now).digest
    opinion = services.answer(
        first, asked, by=science, now=now, answer="problem", explanation="只有科技局知道的撤稿"
    )
    proof = attach_proof(opinion, file=pdf("撤稿通知"), by=science, now=now)
    overrule = propose_overrule(opinion, by=office, now=now, reason="只有办公室知道的理由")
    services.find(first, "overall", "failed", "只有办公室知道的结论", by=office, now=now)
    link = links.issue_link(
        edition,
        asked.department,
        name="王演示",
        valid_until=timezone.localdate() + timedelta(days=1),
        by=office,
        now=now,
    )
    return SimpleNamespace(
        edition=edition,
        first=first,
        second=second,
        late=late,
        asked=asked,
        opinion=opinion,
        proof=proof,
        overrule=overrule,
        link=link.link,
        token=link.token,
        kept=kept,
        digest=digest,
        workbook=sheet,
        company=company,
        office=office,
        science=science,
        now=now,
    )


def _filled(out) -> bytes:
    workbook = load_workbook(out)
    sheet = workbook.active
    heads = next(row for row in sheet.iter_rows() if any(cell.value == "结果" for cell in row))
    column = {cell.value: cell.column for cell in heads}
    sheet.cell(heads[0].row + 2, column["结果"], "无异议")
    sheet.cell(heads[0].row + 2, column["查询日期"], timezone.localdate())
    saved = io.BytesIO()
    workbook.save(saved)
    return saved.getvalue()


@pytest.fixture
def strangers(things):
    return {
        "own_union": factories.hat("recommender"),
        "own_company": factories.hat("applicant", things.company.organisation),
        "recommender": factories.hat("recommender", "市北区"),
        "applicant": factories.hat("applicant", factories.enterprise(50, account=True).organisation),
        "department": factories.hat("department", "dept-jyj"),
        "expert": factories.hat("expert"),
        "inspector": factories.hat("inspector"),
        "office": factories.hat("office", "市北区"),
        "auditor": factories.hat("auditor"),
        "admin": factories.hat("admin"),
    }


def test_every_address_has_a_row():
    rows = {name for group, *_rest in ROWS for name in group.split()} | set(BY_LINK)
    there = {name for name, module in names_in("review").items() if module in MODULES}
    assert rows == there - {"close_review"}


def test_what_a_stranger_gets_at_each_address(things, strangers):
    wrong = differences("review", ROWS, COLUMNS, clients(strangers), things)
    assert "\n".join(wrong) == ""


def at(name, token, things):
    more = {"by_link_file": [things.kept.pk], "by_link_proof": [things.proof.pk]}.get(name, [])
    return reverse(f"review:{name}", args=[token, *more])


def elsewhere(things, department, host="city"):
    """A link of another organisation, or of another edition, with a question of its own."""
    edition = things.edition
    if host != "city":
        edition = factories.edition(host=host, now=things.now)
        factories.nomination(edition, 77, state="screening", recommender=host, now=things.now)
    office = factories.hat("office", edition.host)
    wanted = [(org(department), "accident")]
    if edition == things.edition:
        wanted.append((things.asked.department, "misconduct"))
    services.consult(edition, wanted, by=office, now=things.now)
    return links.issue_link(
        edition, org(department), name="李演示", valid_until=timezone.localdate(), by=office, now=things.now
    ).token


@pytest.mark.parametrize(("department", "host"), [("dept-yjj", "city"), ("dept-kjj", "市北区")])
def test_a_link_of_another_opens_nothing_here(things, department, host):
    """Another organisation's link, and the same organisation's of another edition."""
    token, client = elsewhere(things, department, host), Client()
    # The first opening is noted on the link, and is no change of what is answered.
    client.get(at("by_link", token, things))
    before = world()
    wrong = []
    for name, data in BY_LINK.items():
        answer = client.get(at(name, token, things))
        words = answer.content.decode("utf-8", "replace") if not answer.streaming else ""
        if "撤稿" in words or "只有" in words or (host != "city" and things.first.subject_name in words):
            wrong.append(f"{name} shows another's")
        if name in ("by_link_file", "by_link_proof"):
            wrong += [f"{name} get {answer.status_code}"] if answer.status_code != 404 else []
        # 无异议 for the rest is of its own question, and the last page is of its own link.
        if data is None or name in ("by_link_finish", "by_link_rest"):
            continue
        answer = client.post(at(name, token, things), data(things))
        if answer.status_code in (200, 302) and name != "by_link":
            shown = answer.content.decode("utf-8", "replace")
            if answer.status_code == 302 or "撤稿" in shown:
                wrong.append(f"{name} post {answer.status_code}")
    assert wrong == []
    after = world()
    # What its own workbook went out with is on the record as its own.
    del before["AuditEntry"], after["AuditEntry"]
    assert after == before
    assert not AuditEntry.objects.filter(act="review.answer", subject_label__contains="李演示").exists()


def test_a_wrong_key_opens_nothing(things):
    before = world()
    for name, data in BY_LINK.items():
        for answer in (
            Client().get(at(name, things.token[:-2] + "xx", things)),
            Client().post(at(name, things.token[:-2] + "xx", things), data(things) if data else {}),
        ):
            assert answer.status_code == 404, name
    assert world() == before


def test_nothing_of_the_departments_reaches_those_who_are_judged(things, strangers):
    """Neither who was asked, nor what they said, found or proved; on no page and in no file of theirs."""
    secrets = ("只有", "撤稿", things.asked.department.name, things.asked.department.short_name, "misconduct")
    for who in ("own_union", "own_company"):
        client = factories.sign_in(Client(), strangers[who])
        for address in (
            reverse("portal:home"),
            reverse("portal:notices"),
            reverse("nominations:editions"),
            reverse("nominations:edition", args=[things.edition.pk]),
            reverse("nominations:desk", args=[things.edition.pk]),
            reverse("nominations:nomination", args=[things.first.pk]),
            reverse("nominations:form_print", args=[things.first.pk]),
            reverse("nominations:evidence_view", args=[things.first.pk]),
            reverse("nominations:enterprise", args=[things.first.enterprise_id]),
        ):
            answer = client.get(address)
            assert answer.status_code == 200, (who, address)
            shown = answer.content.decode()
            assert [each for each in secrets if each in shown] == [], (who, address)


def test_a_department_reads_its_own_answers_and_no_contact(things):
    """What another department said, what the office found, and whom to ring up are not its own."""
    other = org("dept-yjj")
    services.consult(
        things.edition,
        [(things.asked.department, "misconduct"), (other, "accident")],
        by=things.office,
        now=things.now,
    )
    hat = factories.hat("department", "dept-yjj")
    client = factories.sign_in(Client(), hat)
    secrets = ("只有", "撤稿", things.asked.department.short_name, "演示联系人", "19900000000")
    for address in (
        reverse("portal:home"),
        reverse("review:screening", args=[things.edition.pk]),
        reverse("review:answer_rest", args=[things.edition.pk]),
        reverse("review:answer", args=[things.first.pk]),
        reverse("nominations:nomination", args=[things.first.pk]),
        reverse("nominations:desk", args=[things.edition.pk]),
    ):
        shown = client.get(address).content.decode()
        assert [each for each in secrets if each in shown] == [], address
    book = client.get(reverse("review:answer_template", args=[things.edition.pk]))
    words = unpacked(b"".join(book) if book.streaming else book.content)
    assert things.first.subject_name in words and things.late.subject_name not in words
    assert [each for each in secrets if each in words] == []


def test_another_departments_workbook_is_told_from_none(things):
    other = org("dept-yjj")
    services.consult(
        things.edition,
        [(things.asked.department, "misconduct"), (other, "accident")],
        by=things.office,
        now=things.now,
    )
    client = factories.sign_in(Client(), factories.hat("department", "dept-yjj"))
    answer = client.post(reverse("review:answer_workbook", args=[things.edition.pk]), book(things))
    assert "不是从本届的部门意见页面下载的" in answer.content.decode()
    assert things.second.subject_name not in answer.content.decode()
