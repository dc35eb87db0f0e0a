"""The folder of a nomination: what comes in, what is refused, replaced, set aside and found by whom."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from PIL import Image

from nominations.folder import folder_of
from nominations.models import Evidence, Recommendation
from nominations.services import evidence as service
from nominations.services.evidence import attach_evidence, attach_several, void_evidence
from portal.errors import Refused
from portal.models import AuditEntry
from review.models import Batch, Consultation
from tests import factories
from tests.moments import NOW

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(colour="navy", name="照片.jpg", size=(800, 500), **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return SimpleUploadedFile(name, out.getvalue())


def paper(name="材料.pdf", mark=b""):
    return SimpleUploadedFile(name, PDF.replace(b"<<>>", b"<</A(" + mark + b")>>"))


def docx():
    out = io.BytesIO()
    Document().save(out)
    return SimpleUploadedFile("说明.docx", out.getvalue())


def asked(nomination, department):
    """The nomination is in a batch that this department was sent."""
    edition, office = nomination.edition, factories.hat("office")
    Consultation.objects.create(edition=edition, department=department.organisation, item="misconduct")
    batch = Batch.objects.create(edition=edition, number=1, sent_at=NOW, sent_by=office)
    batch.nominations.add(nomination)


@pytest.fixture
def edition():
    return factories.edition(evidence_required=["licence", "union"])


@pytest.fixture
def recommender():
    return factories.hat("recommender")


@pytest.fixture
def draft(edition):
    return factories.nomination(edition, 1, recognitions=["高新技术企业"])


@pytest.fixture
def put(draft, recommender):
    def put(file=None, *, by=recommender, **said):
        said = {"kind": "other", "title": ""} | said
        return attach_evidence(draft, by=by, now=NOW, file=file or picture(), **said)

    return put


def test_a_picture_has_a_small_one_of_its_own_and_a_document_has_none(put):
    photo, note = put(), put(docx())
    with Image.open(photo.thumbnail.open("rb")) as small:
        assert (small.format, max(small.size)) == ("WEBP", 360)
        assert not small.getexif() and "exif" not in small.info
    assert photo.thumbnail.name != photo.file.name
    assert not note.thumbnail and not put(paper()).thumbnail


def test_the_title_is_the_name_of_the_file_without_its_ending(put):
    assert put(paper("证书 v1.2.pdf")).title == "证书 v1.2"
    assert put(title=" 车间 ").title == "车间"


@pytest.mark.parametrize(
    ("file", "said", "words"),
    [
        (lambda: SimpleUploadedFile("a.pdf", b""), {}, "“a.pdf”是空文件，请重新选择。"),
        (lambda: SimpleUploadedFile("a.exe", b"MZ"), {}, "“a.exe”不能上传：只接受"),
        (lambda: SimpleUploadedFile("a.pdf", b"<html>"), {}, "“a.pdf”是网页或矢量图"),
        (lambda: SimpleUploadedFile("a.pdf", PDF[:20]), {}, "“a.pdf”已损坏或没有传完整"),
        (lambda: SimpleUploadedFile("a.jpg", PDF), {}, "“a.jpg”的扩展名与内容不符"),
        (
            lambda: SimpleUploadedFile("a.pdf", PDF + bytes(20 * 2**20)),
            {},
            "“a.pdf”超过 20 MB，请压缩后再上传。",
        ),
        (picture, {"kind": "secret"}, "请选择佐证的类型。"),
        (picture, {"about": "contact_phone"}, "所选的“佐证内容”不在这一家的申报表中"),
        (picture, {"about": "瞪羚企业"}, "所选的“佐证内容”不在这一家的申报表中"),
    ],
)
def test_what_is_refused_is_refused_whole(put, draft, file, said, words):
    with pytest.raises(Refused, match=words):
        put(file(), **said)
    assert not draft.evidence.exists()


def test_the_same_content_once(put):
    put(paper(mark=b"1"), title="一")
    with pytest.raises(Refused, match="“二”与已上传的一份佐证内容相同"):
        put(paper(mark=b"1"), title="二")


def test_it_supports_a_recognition_or_a_field(put, draft):
    put(picture("red"), kind="recognition", about="高新技术企业")
    put(picture("blue"), kind="union", about="union_founded_on")
    words = {each.evidence.kind: each.about for each in folder_of(draft).papers}
    assert words == {"recognition": "高新技术企业", "union": "工会成立时间"}


def test_at_most_so_many(put, monkeypatch):
    monkeypatch.setattr(service, "MOST_DOCUMENTS", 2)
    first = put(picture("red"))
    put(picture("blue"))
    with pytest.raises(Refused, match="每家最多 2 份佐证，已有 2 份。"):
        put(picture("green"))
    assert put(picture("green"), replaces=first).pk


def test_at_most_so_much(put, monkeypatch):
    monkeypatch.setattr(service, "MOST_BYTES", 2 * 2**20)
    first = put(SimpleUploadedFile("a.pdf", PDF[:-7] + bytes(2**20) + PDF[-7:]))
    with pytest.raises(Refused, match="每家佐证合计不超过 2 MB，已有 2 MB，这一份有 2 MB。"):
        put(SimpleUploadedFile("b.pdf", PDF[:-7] + b"1" * 2**20 + PDF[-7:]))
    put(SimpleUploadedFile("b.pdf", PDF[:-7] + b"1" * 2**20 + PDF[-7:]), replaces=first)


def test_the_limits_there_are():
    assert (service.MOST_DOCUMENTS, service.MOST_BYTES) == (60, 300 * 2**20)


def test_of_several_each_stands_for_itself(draft, recommender):
    files = [paper("一.pdf", b"1"), SimpleUploadedFile("二.exe", b"MZ"), paper("三.pdf", b"3")]
    done = attach_several(draft, by=recommender, now=NOW, files=files, kind="credit", title="不用")
    assert [(each.name, each.evidence is not None) for each in done] == [
        ("一.pdf", True),
        ("二.exe", False),
        ("三.pdf", True),
    ]
    assert "只接受" in str(done[1].refusal)
    assert sorted(draft.evidence.values_list("title", flat=True)) == ["一", "三"]


def test_required_kinds_come_first_and_say_what_is_missing(put, draft):
    put(kind="photo")
    put(paper(), kind="union")
    found = folder_of(draft)
    assert [(each.kind, each.required, each.is_missing) for each in found.shelves] == [
        ("licence", True, True),
        ("union", True, False),
        ("photo", False, False),
    ]
    assert [each.title for each in found.missing] == ["营业执照"]


def test_older_versions_lie_behind_the_newest(put, draft):
    first = put(picture("red"), kind="licence")
    second = put(picture("blue"), kind="licence", replaces=first)
    third = put(picture("green"), kind="licence", replaces=second)
    [only] = folder_of(draft).papers
    assert (only.evidence, only.older) == (third, [second, first])
    with pytest.raises(Refused, match="已被替换或作废"):
        put(picture("black"), kind="licence", replaces=first)


def test_what_was_uploaded_by_mistake_is_set_aside_and_kept(put, draft, recommender):
    wrong = put()
    with pytest.raises(Refused, match="理由"):
        void_evidence(wrong, by=recommender, now=NOW, reason=" ")
    wrong = void_evidence(wrong, by=recommender, now=NOW, reason="传错企业")
    assert (wrong.voided_by, wrong.void_reason) == (recommender, "传错企业")
    assert draft.evidence.get().file.read()
    assert folder_of(draft).papers == [] and folder_of(draft).voided == [wrong]
    entry = AuditEntry.objects.get(act="nominations.void_evidence")
    assert (entry.nomination_id, entry.detail["reason"]) == (draft.pk, "传错企业")
    assert put(title="同一内容").pk, "what was set aside does not stand in the way"
    with pytest.raises(Refused, match="已被替换或作废"):
        void_evidence(wrong, by=recommender, now=NOW, reason="再来")
    with pytest.raises(Refused, match="已被替换或作废"):
        put(picture("red"), replaces=wrong)


def test_setting_a_replacement_aside_puts_the_earlier_one_back(put, draft, recommender):
    first = put(picture("red"))
    second = put(picture("blue"), replaces=first)
    void_evidence(second, by=recommender, now=NOW, reason="传错")
    assert [each.evidence for each in folder_of(draft).papers] == [first]


def test_what_went_up_is_not_set_aside_and_what_came_after_may_be(put, draft, recommender):
    """Returned from above: in the draft lie what was sent up and what is new."""
    kept = put()
    Recommendation.objects.create(
        nomination=draft, opinion="同意推荐", recommended_at=NOW, recommended_by=recommender
    )
    with pytest.raises(Refused, match="已随推荐上报，不能作废"):
        void_evidence(kept, by=recommender, now=NOW, reason="传错")
    Evidence.objects.filter(pk=put(picture("red")).pk).update(uploaded_at=NOW + timedelta(minutes=1))
    late = draft.evidence.get(uploaded_at__gt=NOW)
    assert void_evidence(late, by=recommender, now=NOW, reason="传错").voided_at


@pytest.mark.parametrize("state", ["screening", "review", "inspection", "rejected", "withdrawn"])
def test_a_closed_declaration_takes_nothing_more(draft, recommender, put, state):
    kept = put()
    factories.bring(draft, state)
    with pytest.raises(Refused, match="申报内容不能再改"):
        put(picture("red"))
    with pytest.raises(Refused, match="申报内容不能再改"):
        void_evidence(kept, by=recommender, now=NOW, reason="传错")


def test_the_office_adds_to_a_screening(draft, put):
    factories.bring(draft, "screening")
    assert put(by=factories.hat("office")).pk


OTHERS = [
    ("recommender", "市北区"),
    ("office", "市北区"),
    ("department", None),
    ("expert", None),
    ("inspector", None),
    ("auditor", None),
    ("admin", None),
]


@pytest.mark.parametrize(("role", "place"), OTHERS)
def test_nobody_else_adds_replaces_or_sets_aside(draft, put, role, place):
    kept, by = put(), factories.hat(role, place)
    for act in (
        lambda: put(picture("red"), by=by),
        lambda: put(picture("red"), by=by, replaces=kept),
        lambda: void_evidence(kept, by=by, now=NOW, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert list(draft.evidence.current()) == [kept]


@pytest.mark.parametrize("role", ["department", "expert", "inspector", "admin", "public"])
@pytest.mark.parametrize("state", ["draft", "screening", "review", "inspection"])
def test_who_was_not_asked_finds_nothing(draft, put, role, state):
    put()
    factories.bring(draft, state)
    assert not Evidence.objects.visible_to(factories.hat(role)).exists()


@pytest.mark.parametrize(
    ("role", "place"), [("recommender", "市北区"), ("office", "市北区"), ("applicant", 2)]
)
def test_another_district_and_another_enterprise_find_nothing(draft, put, role, place):
    put()
    if role == "applicant":
        place = factories.enterprise(place, account=True).organisation
    assert not Evidence.objects.visible_to(factories.hat(role, place)).exists()


def test_what_was_set_aside_is_not_for_those_who_judge(draft, put, recommender):
    kept, wrong = put(), put(picture("red"))
    void_evidence(wrong, by=recommender, now=NOW, reason="传错")
    department = factories.hat("department")
    factories.bring(draft, "screening")
    asked(draft, department)
    assert list(Evidence.objects.visible_to(department)) == [kept]
    assert Evidence.objects.visible_to(recommender).count() == 2
