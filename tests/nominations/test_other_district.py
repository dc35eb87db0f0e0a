"""① from the other side: whose it is not finds, reads, downloads, exports and changes nothing.

The table is by hand; an address without a row fails. `test_urls` asks for things of another edition; here
they are of one and the same edition of the city, recommended by 市南区.
"""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from nominations.models import NotSame
from nominations.services import intake, roundtrip
from nominations.services.evidence import attach_evidence
from tests import factories
from tests.strangers import clients, differences, names_in, unpacked

pytestmark = pytest.mark.django_db

COLUMNS = (
    *("recommender", "applicant", "department", "expert", "inspector"),
    *("office", "auditor", "admin", "anonymous"),
)
EVERYBODY = "200 200 200 200 200 404 200 200 login"
OFFICE = "403 403 403 403 403 404 403 403 login"
AND_AUDITOR = "403 403 403 403 403 404 200 403 login"
UNIONS = "200 403 403 403 403 404 403 403 login"
DECLARE = "200 200 403 403 403 404 403 403 login"
NEVER = "405 405 405 405 405 405 405 405 login"
NOBODY = "404 404 404 404 404 404 404 404 login"
READ = "404 404 404 404 404 404 200 404 login"
CHANGE = "404 404 404 404 404 404 403 404 login"


def pdf(words="证明"):
    return SimpleUploadedFile(f"{words}.pdf", f"%PDF-1.4 {words}\n%%EOF".encode())


def picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "navy").save(out, "PNG")
    return SimpleUploadedFile("执照.png", out.getvalue())


def tomorrow():
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def quota(things):
    unit = things.draft.recommender_id
    return {f"number_{unit}": "1", f"shown_{unit}": "", "unit": unit, "apply": "1", "reason": "演示"}


def returned(things):
    return {"codes": "other", "reason": "演示", "deadline": tomorrow()}


def paper(things):
    return {"kind": "licence", "title": "外人的", "about": "", "file": pdf("外人的")}


def named(things):
    return {"credit_code": things.draft.subject_key, "name": "外人改的名", "recommender": things.unit}


def pair(things):
    return {"one": things.mark.one_id, "other": things.mark.other_id, "reason": "演示"}


def sheet(things):
    return {"file": SimpleUploadedFile("推荐填报表.xlsx", things.workbook)}


#: names, what the address names, query, what is posted, answers to GET and to POST in the order of COLUMNS
ROWS = (
    ("categories", "", "", None, *["403 403 403 403 403 200 200 200 login"] * 2),
    (
        "category category_form category_file",
        "category",
        "",
        None,
        *["403 403 403 403 403 200 200 200 login"] * 2,
    ),
    (
        "category_change",
        "category",
        "",
        lambda things: {"was": "x", "text": "{}"},
        *["403 403 403 403 403 403 403 403 login"] * 2,
    ),
    ("editions", "", "", None, *["200 200 200 200 200 200 200 200 login"] * 2),
    ("edition_new", "", "", None, *["403 403 403 403 403 200 403 403 login"] * 2),
    ("edition desk", "edition", "", None, EVERYBODY, EVERYBODY),
    ("desk", "edition", "unit={things.unit}", None, EVERYBODY, EVERYBODY),
    ("edition_edit", "edition", "", lambda things: {"title": "外人改的"}, OFFICE, OFFICE),
    ("edition_publish conclude close_recommendation", "edition", "", None, OFFICE, OFFICE),
    ("quotas quotas_import", "edition", "", quota, OFFICE, OFFICE),
    ("quotas_form", "edition", "", None, OFFICE, OFFICE),
    ("board board_export duplicates", "edition", "", None, AND_AUDITOR, AND_AUDITOR),
    ("board_remind", "edition", "", lambda things: {"units": things.unit}, OFFICE, OFFICE),
    ("tell_apart", "edition", "one={things.mark.one_id}&other={things.mark.other_id}", pair, OFFICE, OFFICE),
    ("look_again", "edition mark", "", None, NEVER, OFFICE),
    ("nomination_new", "edition", "", named, DECLARE, DECLARE),
    ("look_up", "edition", "credit_code={things.draft.subject_key}", None, DECLARE, NEVER),
    (
        "rank",
        "edition",
        "unit={things.unit}",
        lambda things: {"order": [things.waiting.pk, things.draft.pk]},
        *["200 404 404 404 404 404 404 404 login"] * 2,
    ),
    (
        "recommend",
        "edition",
        "pick={things.waiting.pk}",
        lambda things: {"pick": things.waiting.pk, "opinion": "外人推荐"},
        # None of those picked is one's own: back to the list. Who sees them all may not.
        *["302 302 302 302 302 404 403 302 login"] * 2,
    ),
    # It is kept for a look; what is wrong in it stands there, and nothing of another's (see below).
    ("import", "edition", "", sheet, UNIONS, "302 403 403 403 403 404 403 403 login"),
    ("round", "edition", "", sheet, UNIONS, UNIONS),
    ("round_out", "edition", "unit={things.unit}", None, UNIONS, NEVER),
    ("import_form export", "edition", "", None, UNIONS, UNIONS),
    ("import_preview", "edition intake", "", None, NOBODY, NOBODY),
    ("import_progress", "edition round", "", None, NOBODY, NEVER),
    ("round_file", "edition round", "", lambda things: {"digest": things.digest}, NOBODY, NOBODY),
    (
        "report_docx",
        "edition",
        "unit={things.unit}",
        None,
        # It has none of its own to report, and is told so.
        *["302 403 403 403 403 404 403 403 login"] * 2,
    ),
    ("nomination form_docx form_pdf form_print", "draft", "", None, READ, READ),
    ("nomination form_print", "screened", "", None, READ, READ),
    ("nomination_edit conflict", "draft", "", lambda things: {"version": 1, "name": "外"}, CHANGE, CHANGE),
    ("autosave", "draft", "", lambda things: {"version": 1, "name": "外人改的名"}, NEVER, CHANGE),
    ("take_over", "draft", "", None, NEVER, CHANGE),
    ("attach", "draft", "", paper, CHANGE, CHANGE),
    ("submit", "draft", "", None, CHANGE, CHANGE),
    ("send_back", "waiting", "", returned, CHANGE, CHANGE),
    ("send_back", "screened", "", returned, CHANGE, CHANGE),
    ("withdraw", "draft", "", lambda things: {"reason": "外人撤回"}, CHANGE, CHANGE),
    ("evidence_view", "draft", "doc={things.evidence.pk}", None, READ, READ),
    ("evidence evidence_thumbnail", "evidence", "", None, READ, READ),
    ("evidence_page", "evidence leaf", "", None, READ, READ),
    ("evidence_replace", "evidence", "", paper, CHANGE, CHANGE),
    ("evidence_void", "evidence", "", lambda things: {"reason": "外人作废"}, CHANGE, CHANGE),
    ("enterprise", "enterprise", "", None, *["404 404 404 404 404 404 200 200 login"] * 2),
)


@pytest.fixture
def things():
    """What 市南区 has in an edition of the city: a draft, one to be reviewed, one recommended."""
    now = timezone.now()
    edition, office = factories.edition(now=now), factories.hat("office")
    company = factories.enterprise(1, account=True)
    founded = {"union_founded_on": "2010-05-01", "now": now}
    draft = factories.nomination(edition, company, **founded)
    waiting = factories.nomination(edition, 2, state="recommendation", rank=1, **founded)
    screened = factories.nomination(edition, 3, state="screening", **founded)
    own = factories.hat("recommender")
    evidence = attach_evidence(
        draft, by=own, now=now, kind="licence", title="营业执照（市南）", file=picture()
    )
    out = io.BytesIO()
    roundtrip.write_round(edition, out, by=own, now=now)
    kept = roundtrip.keep_round(edition, out.getvalue(), by=own, now=now)
    table = io.BytesIO()
    intake.write_blank(edition, table, by=office)
    mark = NotSame.objects.create(
        host=edition.host,
        one=draft.enterprise,
        other=waiting.enterprise,
        reason="演示",
        marked_at=now,
        marked_by=office,
    )
    return SimpleNamespace(
        category=edition.category,
        edition=edition,
        draft=draft,
        waiting=waiting,
        screened=screened,
        evidence=evidence,
        leaf=1,
        round=kept,
        intake=kept,
        digest=roundtrip.read_round(edition, kept.file, by=own, now=now).digest,
        mark=mark,
        unit=own.organisation_id,
        enterprise=company,
        workbook=out.getvalue(),
        blank=table.getvalue(),
        own=own,
        office=office,
        now=now,
    )


@pytest.fixture
def strangers(things):
    return {
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
    rows = {name for group, *_rest in ROWS for name in group.split()}
    assert rows == set(names_in("nominations"))


def test_what_a_stranger_gets_at_each_address(things, strangers):
    wrong = differences("nominations", ROWS, COLUMNS, clients(strangers), things)
    assert "\n".join(wrong) == ""


def test_what_goes_out_to_another_union_holds_nothing_of_this_ones(things, strangers):
    """Every workbook and paper a recommender of another district may take out of the same edition."""
    other = strangers["recommender"]
    mine = factories.nomination(
        things.edition, 60, state="recommendation", recommender="市北区", union_founded_on="2010-05-01"
    )
    client = factories.sign_in(Client(), other)
    for name in ("export", "round_out", "import_form", "report_docx"):
        query = {"unit": things.unit, "pick": things.waiting.pk}
        answer = client.get(reverse(f"nominations:{name}", args=[things.edition.pk]), query)
        assert answer.status_code == 200, name
        words = unpacked(b"".join(answer) if answer.streaming else answer.content)
        assert (mine.subject_name in words) is (name != "import_form"), name
        for each in (things.draft, things.waiting, things.screened):
            assert each.subject_name not in words and each.subject_key not in words, name
    for name in ("edition", "desk", "rank", "round", "import"):
        shown = client.get(reverse(f"nominations:{name}", args=[things.edition.pk]), query).content.decode()
        assert things.waiting.subject_name not in shown and things.draft.subject_key not in shown, name


def test_another_unions_workbook_is_told_from_none(things, strangers):
    """Brought by a stranger it reads like a file nobody handed out; what it says is not shown."""
    client = factories.sign_in(Client(), strangers["recommender"])
    answer = client.post(reverse("nominations:round", args=[things.edition.pk]), sheet(things))
    assert "不是本单位从本届下载的" in answer.content.decode()
    answer = client.post(reverse("nominations:import", args=[things.edition.pk]), sheet(things), follow=True)
    shown = answer.content.decode()
    assert "已由“市南区总工会”推荐" in shown and "19900000000" not in shown
