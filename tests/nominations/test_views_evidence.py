"""The pages of the folder: several at once, each refusal at its file, pictures for who may read it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from awards.demonstration import papers
from nominations.services.evidence import attach_evidence
from portal.errors import Refused
from portal.models import AuditEntry
from review.models import Assignment, Expert, PanelMember
from tests import factories

pytestmark = pytest.mark.django_db


def picture(colour="navy", size=(800, 500)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return SimpleUploadedFile("照片.jpg", out.getvalue())


def broken():
    return SimpleUploadedFile("坏.pdf", b"%PDF-1.7\nnothing at all\n%%EOF\n")


@pytest.fixture
def draft():
    edition = factories.edition(now=timezone.now(), evidence_required=["licence", "notice"])
    return factories.nomination(edition, factories.enterprise(1, account=True), recognitions=["高新技术企业"])


@pytest.fixture
def put(draft):
    def put(file, **said):
        by = factories.hat("recommender")
        said = {"kind": "licence", "title": ""} | said
        return attach_evidence(draft, by=by, now=timezone.now(), file=file, **said)

    return put


@pytest.fixture
def union(client):
    return factories.sign_in(client, factories.hat("recommender"))


def address(name, *args):
    return reverse(f"nominations:{name}", args=[getattr(each, "pk", each) for each in args])


def test_the_page_says_what_is_required_and_missing(union, draft, put):
    page = union.get(address("attach", draft)).content.decode()
    assert "必交材料还缺" in page and "推荐单位推荐时提交" in page
    put(picture())
    page = union.get(address("attach", draft)).content.decode()
    assert page.count("还缺") == 1, "the notice alone, which is the recommender's to bring"
    assert "高新技术企业" in page


def test_several_at_once_without_a_script(union, draft):
    files = [
        picture(),
        SimpleUploadedFile("程序.exe", b"MZ"),
        papers.document("执照（演示）", [], "执照.pdf"),
    ]
    answer = union.post(address("attach", draft), {"kind": "licence", "file": files}, follow=True)
    page = answer.content.decode()
    assert "已上传 2 份：照片、执照。" in page
    assert "“程序.exe”不能上传" in page
    assert draft.evidence.count() == 2


def test_where_none_was_kept_the_form_says_so_at_its_field(union, draft):
    answer = union.post(
        address("attach", draft),
        {"kind": "licence", "file": [SimpleUploadedFile("程序.exe", b"MZ")], "title": "我的标题"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("“程序.exe”不能上传") == 2 and "我的标题" in page
    empty = union.post(address("attach", draft), {"kind": "licence"})
    assert empty.status_code == 200 and not draft.evidence.exists()


@pytest.mark.parametrize(
    ("sent", "status", "kept", "refused"),
    [
        ({"kind": "licence", "file": picture}, 200, ["照片"], ""),
        ({"kind": "licence", "title": "车间", "file": picture}, 200, ["车间"], ""),
        ({"kind": "licence", "file": broken}, 200, ["坏"], ""),
        ({"kind": "licence", "file": lambda: SimpleUploadedFile("a.pdf", b"")}, 422, [], "“a.pdf”是空文件"),
        ({"kind": "licence", "file": lambda: SimpleUploadedFile("a.exe", b"MZ")}, 422, [], "“a.exe”不能上传"),
        ({"kind": "", "file": picture}, 422, [], ""),
        ({"kind": "licence"}, 422, [], ""),
    ],
)
def test_one_request_a_file(union, draft, sent, status, kept, refused):
    sent = {key: value() if callable(value) else value for key, value in sent.items()}
    answer = union.post(address("attach", draft), sent, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["kept"]) == (status, kept)
    said = answer.json()["refused"]
    assert (not said) if status == 200 else (len(said) == 1 and refused in said[0])


def test_replacing_keeps_the_old_one_readable(union, draft, put):
    old = put(picture(), about="高新技术企业")
    assert "高新技术企业" in union.get(address("evidence_replace", old)).content.decode()
    answer = union.post(
        address("evidence_replace", old), {"file": picture("red"), "kind": "licence", "title": "新的"}
    )
    assert answer.status_code == 302
    new = draft.evidence.current().get()
    assert (new.title, new.replaces) == ("新的", old)
    page = union.get(address("attach", draft)).content.decode()
    assert "以前的版本 1 份" in page
    view = union.get(address("evidence_view", draft), {"doc": old.pk}).content.decode()
    assert "以前的版本" in view and address("evidence_page", old, 1) in view
    assert union.get(address("evidence", old)).status_code == 200


def test_setting_aside_asks_why_and_says_so_afterwards(union, draft, put):
    wrong = put(picture())
    assert "看不到它" in union.get(address("evidence_void", wrong)).content.decode()
    assert union.post(address("evidence_void", wrong), {"reason": ""}).status_code == 200
    assert union.post(address("evidence_void", wrong), {"reason": "传错企业"}).status_code == 302
    page = union.get(address("attach", draft)).content.decode()
    assert "已作废" in page and "传错企业" in page
    assert "不能作废" in union.get(address("evidence_void", wrong)).content.decode()


def test_a_closed_declaration_shows_its_folder_and_no_form(union, draft, put):
    put(picture())
    factories.bring(draft, "screening")
    page = union.get(address("attach", draft)).content.decode()
    assert "申报内容不能再改" in page and "照片" in page
    assert "data-uploads" not in page and "替换" not in page


def test_a_picture_goes_out_as_a_picture_and_nothing_else(union, put):
    photo, paper = put(picture()), put(papers.document("执照（演示）", ["演示"], "执照.pdf"))
    for document, mime, longest in ((photo, "image/jpeg", 800), (paper, "image/webp", 1600)):
        for name, args, kind, size in (
            ("evidence_thumbnail", (document,), "image/webp", 360),
            ("evidence_page", (document, 1), mime, longest),
        ):
            answer = union.get(address(name, *args))
            assert answer["Content-Type"] == kind
            assert answer["Content-Disposition"] == "inline"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert answer["Cache-Control"] == "private, no-store"
            with Image.open(io.BytesIO(b"".join(answer))) as shown:
                assert max(shown.size) == size
        assert union.get(address("evidence", document))["Content-Disposition"].startswith("attachment")
    assert union.get(address("evidence_page", photo, 2)).status_code == 404
    assert union.get(address("evidence_page", paper, 2)).status_code == 404
    assert union.get(address("evidence_page", paper, 0)).status_code == 404


def test_a_broken_pdf_breaks_no_page(union, draft, put):
    document = put(broken())
    assert union.get(address("attach", draft)).status_code == 200
    assert union.get(address("evidence_thumbnail", document)).status_code == 200
    assert "请下载后打开" in union.get(address("evidence_view", draft)).content.decode()
    assert union.get(address("evidence_page", document, 1)).status_code == 404
    assert union.get(address("evidence", document)).status_code == 200


def test_the_viewer_goes_from_one_to_the_next(union, draft, put):
    photo, paper = (
        put(picture(), title="第一份", about="高新技术企业"),
        put(papers.document("执照", [], "执照.pdf")),
    )
    base = address("evidence_view", draft)
    page = union.get(base).content.decode()
    assert "证明：高新技术企业" in page
    assert "第 1 份，共 2 份" in page and 'rel="prev"' not in page
    assert f"doc={paper.pk}" in page and address("evidence_page", photo, 1) in page
    page = union.get(base, {"doc": paper.pk, "zoom": "200"}).content.decode()
    assert 'rel="next"' not in page and "zoom-200" in page
    assert f"{address('evidence_page', paper, 1)}?large=1" in page
    for odd in ({"page": "99"}, {"page": "-1"}, {"zoom": "9999"}, {"page": "²"}, {"doc": ""}):
        assert union.get(base, odd).status_code == 200
    for none in ("x", "999999", "9" * 30, "²"):
        assert union.get(base, {"doc": none}).status_code == 404


def test_the_viewer_knows_no_contact(client, draft, put):
    put(picture())
    factories.bring(draft, "review")
    hat = factories.hat("expert")
    person = Expert.objects.create(name="专家（演示）", user=hat.user)
    member = PanelMember.objects.create(edition=draft.edition, expert=person, code="E1", user=hat.user)
    Assignment.objects.create(
        member=member, nomination=draft, assigned_at=timezone.now(), declared_at=timezone.now()
    )
    factories.sign_in(client, hat)
    page = client.get(address("evidence_view", draft)).content.decode()
    assert "照片" in page
    assert draft.declaration.contact_name not in page and draft.declaration.contact_phone not in page


ELSEWHERE = [
    ("recommender", "市北区"),
    ("office", "市北区"),
    ("applicant", 2),
    ("department", None),
    ("expert", None),
    ("inspector", None),
    ("admin", None),
]


@pytest.mark.parametrize(("role", "place"), ELSEWHERE)
def test_from_elsewhere_nothing_is_found_read_or_changed(client, draft, put, role, place):
    if role == "applicant":
        place = factories.enterprise(place, account=True).organisation
    document = put(picture())
    factories.bring(draft, "review")
    factories.sign_in(client, factories.hat(role, place))
    for name, args in (
        ("evidence", (document,)),
        ("evidence_thumbnail", (document,)),
        ("evidence_page", (document, 1)),
        ("evidence_replace", (document,)),
        ("evidence_void", (document,)),
        ("evidence_view", (draft,)),
        ("attach", (draft,)),
    ):
        assert client.get(address(name, *args)).status_code == 404, name
        assert client.post(address(name, *args), {"reason": "x"}).status_code == 404, name
    assert draft.evidence.current().get() == document


def test_the_folder_asks_the_same_whatever_its_size(union, draft, put):
    put(picture())
    union.get(address("attach", draft))
    with CaptureQueriesContext(
        connection,
    ) as few:
        union.get(address("attach", draft))
    first = None
    for number in range(6):
        first = put(picture((number * 40, 0, 0)), replaces=first if number % 2 else None)
    with CaptureQueriesContext(connection) as many:
        union.get(address("attach", draft))
    assert len(many) == len(few)


def test_an_edition_says_what_is_required_and_on_what_ground(client):
    office = factories.sign_in(client, factories.hat("office"))
    form = office.get(reverse("nominations:edition_new")).context["form"]
    assert form["evidence_required"].value() == ["licence", "union", "congress", "publicity"]
    given = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    given |= {"title": "必交演示届", "evidence_required": ["licence", "credit"]}
    shown = office.post(reverse("nominations:edition_new"), given, follow=True)
    made = shown.context["edition"]
    assert made.evidence_required == ["licence", "credit"]
    page = shown.content.decode()
    assert "营业执照、公共信用报告" in page and "法规未列申报须附的材料，由委员会决定" in page
    refused = office.post(address("edition_edit", made), given | {"evidence_required": ["other"]})
    assert refused.status_code == 200
    changed = office.post(address("edition_edit", made), given | {"evidence_required": []}, follow=True)
    assert changed.context["edition"].evidence_required == []
    entry = AuditEntry.objects.filter(act="nominations.change_edition").latest("pk")
    assert entry.detail["changed"] == {"evidence_required": [["licence", "credit"], []]}


def test_what_cannot_be_required_is_refused():
    with pytest.raises(Refused, match="不能列为必交"):
        factories.edition(evidence_required=["other"])
