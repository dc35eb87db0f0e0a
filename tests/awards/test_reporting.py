"""The report of a visit writes itself: from what stands on it, in words, pictures and names. By hand."""

import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from docx import Document
from PIL import Image

from awards.documents.visit_reports import report_context
from awards.models import CheckedDocument, InspectionPhoto, Interview, VisitSignature
from awards.services import disposing, reporting
from awards.services.reopening_visits import reopen_visit
from awards.services.visit_facts import digest_of, facts
from portal.documents import pdf
from tests import factories
from tests.awards import referred
from tests.awards.referred import NOW, refer, settle

pytestmark = pytest.mark.django_db
#: 2026年9月10日 09:30 in Qingdao.
SEEN = datetime(2026, 9, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def place():
    """A visit with three lines, two documents (one voided), a talk, two photographs (one voided)."""
    place = referred.visited((1,))
    visit, office = place.visit, place.office
    visit.leader_name, visit.member_names, visit.address = "演示组长", "演示成员甲、演示成员乙", "演示路1号"
    visit.save()
    visit.lines.filter(key="employees").update(item="职工人数", unit="人", dimension="基本情况")
    visit.lines.filter(key="union").update(item="工会会员数", unit="人", dimension="基本情况")
    visit.lines.filter(key="share").update(
        item="教育经费占比", claimed="62", unit="%", found="60%", difference=""
    )
    for number, voided in ((1, None), (2, NOW)):
        CheckedDocument.objects.create(
            inspection=visit, client_id=UUID(int=number), title=f"花名册{number}", issuer="人力资源部",
            original=number == 1, seen_at=SEEN, noted_by=office, voided_at=voided,
            void_reason="记错" if voided else "", line=visit.lines.get(key="employees"),
        )  # fmt: skip
        photo = InspectionPhoto(
            inspection=visit, caption=f"创新工作室{number}", taken_at=SEEN, time_from="camera",
            uploaded_at=SEEN, uploaded_by=office, voided_at=voided, voided_by=office if voided else None,
            void_reason="重复" if voided else "",
        )  # fmt: skip
        photo.file.save("photo.png", _picture(), save=True)
    Interview.objects.create(
        inspection=visit, client_id=UUID(int=9), name="演示职工", post="钳工", kind="worker",
        words="参加过两次技能竞赛。\n师傅带了三年。", held_at=SEEN, noted_by=office,
    )  # fmt: skip
    digest = digest_of(visit)
    for part, name in (("leader", "演示组长"), ("member", "演示成员甲")):
        VisitSignature.objects.create(
            inspection=visit,
            part=part,
            name=name,
            way="own",
            digest=digest,
            signed_at=SEEN,
            recorded_by=office,
        )
    return place


def _picture():
    out = io.BytesIO()
    Image.new("RGB", (1600, 900), "#457").save(out, "PNG")
    return ContentFile(out.getvalue())


def context_of(place, handling=()):
    return report_context(facts(place.visit), handling, now=NOW)


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def test_it_says_what_was_done_found_and_concluded(place):
    context = context_of(place)
    name = place.visit.nomination.subject_name
    assert (context["name"], context["title"]) == (name, "实地考察报告")
    assert context["mark"] == ""
    assert f"考察组于2026年9月10日到{name}实地考察，对照企业的申报逐项核对。" in context["opening"]
    assert "核对3项，相符1项，不符2项（其中实质差异1项）。" in context["opening"]
    assert context["opening"].endswith("查看材料1份，访谈1人次，拍摄现场照片1张。")
    assert context["differences"] == [
        "职工人数：申报“300人”，核实“260”，少 40 人（实质差异）。",
        "教育经费占比：申报“62%”，核实“60%”（细微差异）。",
    ]
    assert context["conclusion"] == "考察结论：合格。"
    assert [group["heading"] for group in context["groups"]] == ["基本情况", "办公室增列"]
    assert context["groups"][0]["lines"][1] == {
        "item": "工会会员数", "claimed": "300人", "found": "", "agrees": "相符", "difference": "",
    }  # fmt: skip
    assert context["documents"] == [
        {
            "title": "花名册1",
            "source": "人力资源部",
            "original": "原件",
            "seen": "2026年9月10日 09:30",
            "about": "职工人数",
        }
    ]
    assert context["people"][0]["who"] == "职工，钳工"
    assert [(each["part"], each["name"], each["way"]) for each in context["signatures"]] == [
        ("组长", "演示组长", "本人账号"),
        ("成员", "演示成员甲", "本人账号"),
    ]
    assert context["digest"].replace(" ", "") == digest_of(place.visit)


def test_a_visit_without_a_verdict_is_a_draft_to_be_signed(place):
    reopen_visit(place.visit, reason="演示：补看", by=place.office, now=NOW)
    context = context_of(place)
    assert context["mark"] == "草稿，未签名"
    assert "须由组长和一名成员签名后生效" in context["conclusion"]
    assert [(each["part"], each["name"]) for each in context["signatures"]] == [("组长", ""), ("成员", "")]


def test_a_visit_taken_over_from_paper_says_so(place):
    bare = referred.visit_at(referred.visited((1, 2)).edition, 2)
    text = text_of(reporting.report_docx(bare, now=NOW))
    assert "没有逐项核对，以考察组的纸面记录为准。" in text and "没有照片。" in text
    assert "核对0项" not in text


def test_what_the_office_made_of_it_stands_in_the_order_it_happened(place):
    referral = refer(place, items=("misconduct",), reason="职工人数不实")
    referred.answer(place, referral)
    settle(place, referral, reason="部门核实无误", now=NOW + timedelta(days=1))
    disposing.dispose(
        place.visit,
        disposition="accepted",
        reason="统计口径不同。",
        by=place.office,
        now=NOW + timedelta(days=2),
    )
    place.visit.refresh_from_db()
    assert reporting.handling_of(place.visit) == [
        "2026年9月24日，办公室转资格审查，理由：职工人数不实。",
        "2026年9月25日，办公室作出结论：复审合格，理由：部门核实无误。",
        "2026年9月26日，办公室处理为“差异不影响结论”，理由：统计口径不同。",
    ]


def test_the_docx_has_the_words_and_the_photographs_that_stand(place):
    data = reporting.report_docx(place.visit, now=NOW)
    document, text = Document(io.BytesIO(data)), text_of(data)
    assert len(document.inline_shapes) == 1
    assert "照片1：创新工作室1，2026年9月10日 09:30拍摄（照片自带时间）" in text
    for words in (
        "演示成员甲、演示成员乙",
        "演示路1号",
        "花名册1",
        "参加过两次技能竞赛。",
        "少 40 人（实质差异）",
    ):
        assert words in text
    for words in ("花名册2", "创新工作室2", "[现场照片]", "{{", "{%"):
        assert words not in text


@pytest.mark.skipif(not pdf.available(), reason="this machine sets no PDF")
def test_the_pdf_says_the_same(place):
    data = reporting.report_pdf(place.visit, now=NOW)
    assert data.startswith(b"%PDF-")
    assert data == reporting.report_pdf(place.visit, now=NOW)


def test_whoever_sees_the_visit_may_have_its_report(place, client):
    inspector = factories.hat("inspector")
    place.visit.inspectors.add(inspector.user)
    for hat, status in (
        (place.office, 200),
        (factories.hat("auditor"), 200),
        (inspector, 200),
        (factories.hat("inspector", username="stranger"), 404),
        (factories.hat("recommender"), 404),
        (factories.hat("office", "市北区"), 404),
    ):
        factories.sign_in(client, hat)
        answer = client.get(reverse("awards:visit_report", args=[place.visit.pk]))
        assert answer.status_code == status, hat
