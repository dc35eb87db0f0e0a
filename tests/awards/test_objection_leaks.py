"""Who objects is found on no surface by anybody who does not handle it: one test for each surface and role.

The objection has run its whole way: lodged with papers, both sides heard, extended, decided and answered,
its letters issued. Every value below would give the objector away.
"""

import io
import json
import logging
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from awards.admin.objections import ObjectionAdmin, ObjectionResource
from awards.models import Objection
from awards.services import extending, handlers, handling, hearing, objection_clock, objection_letters
from portal import notify
from portal.models import AuditEntry, Notification
from tests import factories as make
from tests.awards.objections import DURING, act, lodge, pdf, picture
from tests.awards.stage import office_of, published
from tests.awards.test_hearing import REPLY_BY, enterprise_hat

pytestmark = pytest.mark.django_db

WHO = {"name": "青岛演示海潮机械有限公司", "contact": "演示路9号 19911112222", "unit": "欧阳演明"}
PAPER, SAID, INSIDE = "海潮机械内部说明.pdf", "我们海潮机械的门卫看见的", "paper-of-the-objector"
#: Whole and in pieces.
TELLING = (*WHO.values(), "海潮机械", "19911112222", "欧阳", PAPER, SAID, INSIDE)
ROLES = ("public", "office-2", "recommender", "applicant", "expert", "inspector", "auditor", "admin")


@pytest.fixture
def whole_way(caplog):
    """An objection that was answered, and who may look for what; all that was logged meanwhile is kept."""
    caplog.set_level(logging.DEBUG)
    notice = published()
    enterprise = enterprise_hat(notice)
    lodged = lodge(
        notice,
        **WHO,
        of_unit=True,
        grounds="申报的建议数量与公示栏不一致（演示）",
        papers=[pdf(PAPER, INSIDE.encode())],
        seal_letter=picture("海潮机械公函.jpg"),
    )
    one, office = lodged.objection, office_of(notice.edition)
    second = make.hat("office", username="office-2", email="second@example.com")
    office.user.email = "office@example.com"
    office.user.save()
    handling.accept_objection(one, note="材料齐全", by=office, now=DURING)
    words = {"by": office, "now": DURING}
    hearing.hear(one, side="objector", way="电话", held_at=DURING, words=SAID, **words)
    hearing.put_to_enterprise(one, matter="请说明建议数量（演示）", reply_due=REPLY_BY, **words)
    hearing.reply(one, words="是不是海潮机械写的", by=enterprise, now=DURING)
    extending.ask_extension(one, reason="需要调阅台账", **words)
    extending.decide_extension(one, allowed=True, by=second, now=DURING)
    handling.read_objector(one, **words)
    handling.read_statements(one, **words)
    for paper in one.papers.all():
        handling.read_paper(paper, **words)
    objection_clock.remind_due(now=DURING.replace(month=10, day=21))
    act("dismiss", one, office)
    act("answer", one, office)
    objection_letters.issue_letter(one, objection_letters.OBJECTOR, **words)
    one.refresh_from_db()
    return (
        one,
        lodged.code,
        {
            "public": None,
            "office-2": second,
            "recommender": make.hat("recommender", one.nomination.recommender),
            "applicant": enterprise,
            "expert": make.hat("expert"),
            "inspector": make.hat("inspector"),
            "auditor": make.hat("auditor"),
            "admin": make.hat("admin"),
        },
    )


def leaks(text: str) -> list[str]:
    return [value for value in TELLING if value in text]


def pages(one):
    """Every page on which something of an objection, of its edition or of the record is shown."""
    edition, notice, nomination = one.notice.edition_id, one.notice_id, one.nomination_id
    return {
        "home": reverse("portal:home"),
        "record": reverse("portal:record"),
        "notices": reverse("portal:notices"),
        "outbox": reverse("portal:outbox"),
        "nomination": reverse("nominations:nomination", args=[nomination]),
        "publicity": reverse("awards:publicity", args=[edition]),
        "public page": reverse("awards:notice", args=[notice]),
        "list": reverse("awards:objections", args=[edition]),
        "objection": reverse("awards:objection", args=[one.pk]),
        "enterprise": reverse("awards:my_objection", args=[one.pk]),
        "naming": reverse("awards:name", args=[edition]),
        "hear": reverse("awards:objection_hear", args=[one.pk]),
        "ask": reverse("awards:objection_ask", args=[one.pk]),
        "extend": reverse("awards:objection_extend", args=[one.pk]),
        "assign": reverse("awards:objection_assign", args=[one.pk]),
        "back room": "/admin/awards/objection/",
        "back room of one": f"/admin/awards/objection/{one.pk}/change/",
        "back room of the record": "/admin/portal/auditentry/",
        "back room of the outbox": "/admin/portal/notification/",
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_piece_of_it_to(role, client, whole_way):
    one, _code, hats = whole_way
    if hats[role]:
        make.sign_in(client, hats[role])
    shown, found = 0, {}
    for name, address in pages(one).items():
        answer = client.get(address, follow=True)
        if answer.status_code == 200 and not answer.streaming:
            shown += 1
            text = answer.content.decode()
            found |= {name: leaks(text)} if leaks(text) else {}
    assert found == {}
    assert shown >= 1


def test_not_even_the_handlers_pages_show_it_before_it_is_asked_for(client, whole_way):
    one, _code, _hats = whole_way
    make.sign_in(client, office_of(one.notice.edition))
    before = AuditEntry.objects.filter(act__startswith="awards.read_").count()
    for name, address in pages(one).items():
        text = client.get(address, follow=True).content.decode()
        # The enterprise's own guess is shown to who handles it; nothing of the objector's is.
        text = text.replace("是不是海潮机械写的", "")
        assert leaks(text) == [], name
    assert AuditEntry.objects.filter(act__startswith="awards.read_").count() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "name", ["objection_person", "objection_letter", "objection_enterprise_letter", "my_objection_letter"]
)
def test_no_press_of_a_button_hands_it_to(role, name, client, whole_way):
    one, _code, hats = whole_way
    if hats[role]:
        make.sign_in(client, hats[role])
    answer = client.post(reverse(f"awards:{name}", args=[one.pk]))
    allowed = role == "applicant" and name == "my_objection_letter"
    assert (answer.status_code == 200) == allowed
    assert leaks(answer.content.decode("utf-8", "ignore")) == []


@pytest.mark.parametrize("role", ROLES)
def test_no_paper_is_handed_to(role, client, whole_way):
    one, _code, hats = whole_way
    if hats[role]:
        make.sign_in(client, hats[role])
    for paper in one.papers.all():
        answer = client.post(reverse("awards:objection_paper", args=[paper.pk]))
        assert answer.status_code in (302, 403, 404)
        assert INSIDE.encode() not in answer.content


def test_the_status_page_tells_the_holder_of_the_code_what_became_of_it_and_not_their_name(client, whole_way):
    one, code, _hats = whole_way
    page = client.post(reverse("awards:objection_status"), {"number": one.number, "code": code})
    assert "演示答复" in page.content.decode() and leaks(page.content.decode()) == []
    assert "no-store" in page["Cache-Control"]


def test_the_record_holds_no_piece_of_it(whole_way):
    lines = AuditEntry.objects.all()
    assert lines.filter(act="awards.read_objector").exists()
    told = "\n".join(line.body + json.dumps(line.detail, ensure_ascii=False) for line in lines)
    assert leaks(told) == []


def test_no_notification_and_no_mail_holds_a_piece_of_it(whole_way):
    rows = Notification.objects.all()
    assert {row.event for row in rows} >= {
        "awards.objection_lodged",
        "awards.put_to_enterprise",
        "awards.reply_to_objection",
        objection_clock.REMIND,
    }
    assert leaks("\n".join(row.subject + row.body + row.url for row in rows)) == []
    for row in rows.filter(state="queued"):
        notify.deliver(row.pk, now=DURING.replace(month=11))
    assert mail.outbox
    assert leaks("\n".join(letter.subject + letter.body for letter in mail.outbox)) == []


def test_no_log_line_holds_a_piece_of_it(client, caplog, whole_way):
    one, code, _hats = whole_way
    client.post(reverse("awards:objection_status"), {"number": one.number, "code": code})
    client.post(
        reverse("awards:object", args=[one.notice_id]),
        {
            "nomination": one.nomination_id,
            "of_unit": "person",
            "name": WHO["name"],
            "contact": WHO["contact"],
            "grounds": "演示",
        },
    )
    assert caplog.text
    assert leaks(caplog.text) == [] and code not in caplog.text


@pytest.mark.parametrize("name", ["notice_export", "honours_export"])
def test_no_export_holds_a_piece_of_it(name, client, whole_way):
    one, _code, _hats = whole_way
    make.sign_in(client, office_of(one.notice.edition))
    thing = one.notice_id if name == "notice_export" else one.notice.edition_id
    answer = client.get(reverse(f"awards:{name}", args=[thing]))
    if answer.status_code == 302:
        return  # nothing to export yet
    book = load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert cells and leaks("\n".join(cells)) == []


def test_the_export_of_the_back_room_holds_no_piece_of_it(whole_way):
    assert leaks(ObjectionResource().export().csv) == []
    assert {"grounds", "answer", "code_hash", "matter", "decision"} <= set(ObjectionAdmin.exclude)


def test_no_table_holds_a_piece_of_it_in_the_clear(whole_way):
    """Every text, document and byte of the whole database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            assert leaks("\n".join(row for (row,) in cursor.fetchall())) == [], table
    for column, table in (("sealed", "awards_objector"), ("words_sealed", "awards_hearing")):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table}")
            assert leaks("".join(bytes(row).decode("latin-1") for (row,) in cursor.fetchall() if row)) == []


def test_no_file_on_the_disk_holds_a_piece_of_it(whole_way, settings):
    files = [path for path in Path(settings.PRIVATE_ROOT).rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert INSIDE.encode() not in path.read_bytes(), path
        assert leaks(str(path)) == []


def test_who_handled_it_reads_no_more_once_it_is_anothers(client, whole_way):
    one, _code, hats = whole_way
    Objection.objects.filter(pk=one.pk).update(state="dismissed")
    office = office_of(one.notice.edition)
    handlers.assign_handlers(one, users=[hats["office-2"].user], reason="演示改派", by=office, now=DURING)
    make.sign_in(client, office)
    assert client.post(reverse("awards:objection_person", args=[one.pk])).status_code == 403
    make.sign_in(client, hats["office-2"])
    shown = client.post(reverse("awards:objection_person", args=[one.pk])).content.decode()
    assert WHO["name"] in shown and SAID in shown
