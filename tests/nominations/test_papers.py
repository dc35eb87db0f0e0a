"""推荐审批表 and 推荐报告: what stands on them, who gets them, and what happens when one cannot be set."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from pypdf import PdfReader

from nominations.models import Evidence, Nomination, Recommendation
from nominations.papers import form, report
from portal import typesetting
from portal.documents import pdf
from tests import factories
from tests.moments import NOW
from tests.portal.test_documents import edited, needs_pdf

pytestmark = pytest.mark.django_db

NASTY = "{{ 7*7 }}<b>&甲</b>\x07😀"
SHOWN = "{{ 7*7 }}<b>&甲</b>😀"
LONG_WORD = "W" * 400
#: 2000 characters, hardly one like another: what a font must carry at most.
DEEDS = "".join(chr(0x4E00 + 7 * n) for n in range(1990)) + "事迹到此完了。"


def filled(edition=None, subject=8):
    """A nomination in screening with everything filled in to the brim."""
    edition = edition or factories.edition(now=timezone.now())
    made = factories.nomination(edition, subject, rank=3, union_founded_on=date(2010, 5, 1), now=NOW)
    declared = made.declaration
    declared.deeds, declared.note, declared.industry = DEEDS, LONG_WORD, NASTY[:30]
    declared.version, declared.frontline_share = 7, Decimal("61.50")
    declared.recognitions = ["国家高新技术企业"]
    declared.answers = {
        "summary": "摘" * 499 + "末",
        "registered_on": "2001-03-04",
        "capital": "12000.5",
        "reward_system": True,
        "reward_ways": ["股权", "奖金"],
        "recognition_details": {
            "国家高新技术企业": {"level": "国家级", "number": "GR1", "granted_on": "2023-11-01"}
        },
        "awards": [
            {"name": f"成果{n:02d}号", "award": "奖" * 80, "issuer": "演示单位", "granted_on": "2024-05-01"}
            for n in range(1, 31)
        ],
    }
    declared.save()
    for n, title in enumerate(("执照.pdf", NASTY), start=1):
        Evidence.objects.create(
            nomination=made,
            kind="licence",
            title=title,
            file=f"x{n}",
            mime="application/pdf",
            size=1,
            sha256="0" * 64,
            uploaded_at=NOW,
            uploaded_by=made.created_by,
        )
    made = factories.bring(made, "screening", now=NOW)
    Recommendation.objects.create(
        nomination=made,
        opinion="材料真实。\n同意推荐。",
        recommended_at=NOW,
        recommended_by=made.created_by,
        publicity_from=date(2026, 5, 20),
        publicity_to=date(2026, 5, 26),
    )
    return Nomination.objects.get(pk=made.pk)


def words_of(data: bytes) -> str:
    """Everything a Word file says: body, tables, headers and footers."""
    document = Document(io.BytesIO(data))
    parts = [document.element.body]
    for section in document.sections:
        parts += [section.header._element, section.footer._element]
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter() if node.tag.endswith("}t"))
        for part in parts
        for paragraph in part.iter()
        if paragraph.tag.endswith("}p")
    )


def pdf_words(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


#: By hand: what must stand on a filled form, whichever way it is set.
ON_IT = (
    "推荐审批表",
    "一、基本情况",
    "91370202MA",
    "2010年5月1日",
    "61.5%",
    "股权、奖金",
    "12,000.5 万元",
    "2023年11月1日",
    "成果01号",
    "成果30号",
    "事迹到此完了。",
    "执照.pdf",
    "营业执照",
    "排序：第 3 位",
    "2026年5月20日至5月26日",
    "同意推荐。",
    "企业意见",
    "推荐单位意见",
    "资格审查意见",
    "评选工作委员会意见",
    "申报内容第 7 版",
)


def test_the_form_in_word_says_what_the_record_says():
    words = words_of(form.form_docx(filled()))
    assert [each for each in ON_IT if each not in words] == []
    assert words.count(SHOWN) == 2, "an industry and the title of a document"
    assert LONG_WORD in words and "摘末" in words and DEEDS in words
    assert "草稿" not in words and "None" not in words


@needs_pdf
def test_the_form_in_pdf_says_the_same_on_numbered_pages():
    made = filled()
    data = form.form_pdf(made)
    assert data == form.form_pdf(made)
    read = PdfReader(io.BytesIO(data))
    words = pdf_words(data)
    flat = "".join(words.split())
    assert [each for each in ON_IT if "".join(each.split()) not in flat] == []
    assert flat.count("W") >= 400
    assert set(DEEDS) <= set(words)
    number = len(read.pages)
    assert f"第{number}页共{number}页" in flat
    assert read.metadata.title == f"{made.subject_name}推荐审批表"
    assert read.trailer["/Root"]["/Lang"].startswith("zh")
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    fonts = {
        font.get_object()["/BaseFont"] for page in read.pages for font in page["/Resources"]["/Font"].values()
    }
    assert fonts and all("+" in name for name in fonts), "embedded as subsets"
    assert {float(page.mediabox.width) // 1 for page in read.pages} == {595.0}


@needs_pdf
def test_a_usual_form_in_pdf_is_light():
    made = factories.nomination(factories.edition(), 9)
    assert len(form.form_pdf(made)) < 500_000


def test_a_draft_says_so_in_words_and_leaves_room_to_write():
    made = factories.nomination(factories.edition(), 9, deeds="", contact_name="", nature="")
    words = words_of(form.form_docx(made))
    assert words.count("草稿，未提交") == 2 and "None" not in words
    assert "草稿，未提交" in form.form_page(made)
    rows = [row for table in Document(io.BytesIO(form.form_docx(made))).tables for row in table.rows]
    assert any(len(row.cells) == 4 and not any(cell.text for cell in row.cells) for row in rows)


def test_the_footer_tells_one_declaration_from_another():
    made = factories.nomination(factories.edition(), 9)
    before = form.form_context(made)["footer"]
    assert before == form.form_context(made)["footer"]
    made.declaration.deeds += "又一句。"
    assert form.form_context(made)["footer"] != before


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 6, 7, 9])
def test_another_category_is_printed_after_its_own_form(columns):
    edition = factories.edition()
    keys = [f"c{n}" for n in range(columns)]
    works = {
        "key": "works",
        "title": "成果",
        "kind": "rows",
        "columns": [{"key": key, "title": f"题{key}"} for key in keys],
    }
    fields = [{"key": "name", "title": "姓名", "core": True}, {"key": "trade", "title": "工种"}, works]
    edition.form = {"sections": [{"key": "one", "title": "演示小节", "fields": fields}]}
    edition.save()
    edition.category.subject = "person"
    edition.category.save()
    made = factories.nomination(edition, 9)
    made.declaration.answers = {"trade": "焊工", "works": [{key: f"值{key}" for key in keys}]}
    made.declaration.save()
    asked = ["一、演示小节", "姓名", "所在企业", "焊工", "二、佐证目录"]
    asked += [f"题{key}" for key in keys] + [f"值{key}" for key in keys]
    for words in (words_of(form.form_docx(made)), form.form_page(made)):
        assert [each for each in asked if each not in words] == []
        assert "基本情况" not in words


def test_documents_set_aside_are_not_in_the_catalogue():
    made = filled()
    old = made.evidence.get(title="执照.pdf")
    old.voided_at, old.voided_by, old.void_reason = NOW, made.created_by, "传错"
    old.save()
    assert "执照.pdf" not in words_of(form.form_docx(made))


def test_the_offices_own_form_goes_before_the_shipped_one(settings, client):
    made = filled()
    edited(settings, "nomination.docx", "演示抬头：{{ subject }}")
    factories.sign_in(client, factories.hat("office"))
    answer = client.get(reverse("nominations:form_docx", args=[made.pk]))
    assert words_of(answer.content).strip() == f"演示抬头：{made.subject_name}"
    assert f"{made.subject_name}推荐审批表.docx".encode() in _filename(answer)


def test_a_broken_form_is_a_sentence_on_the_page_it_was_asked_from(settings, client):
    made = filled()
    edited(settings, "nomination.docx", "{{ subject")
    factories.sign_in(client, factories.hat("office"))
    answer = client.get(reverse("nominations:form_docx", args=[made.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == made.get_absolute_url()
    assert "文书模板 nomination.docx 不能用" in answer.content.decode()


# By hand: what each hat gets of the three ways to the form.
HATS = {
    "office": 200,
    "recommender": 200,
    "applicant": 200,
    "auditor": 200,
    "other recommender": 404,
    "other office": 404,
    "department": 404,
    "expert": 404,
    "inspector": 404,
}


@pytest.mark.parametrize("who", HATS)
def test_who_gets_the_form(client, who):
    made = filled(subject=factories.enterprise(1, account=True))
    hats = {
        "other recommender": lambda: factories.hat("recommender", "市北区"),
        "other office": lambda: factories.hat("office", "市北区"),
    }
    factories.sign_in(client, hats.get(who, lambda: factories.hat(who))())
    for name in ("form_docx", "form_pdf", "form_print"):
        assert client.get(reverse(f"nominations:{name}", args=[made.pk])).status_code == HATS[who], name


def test_a_department_and_an_expert_who_may_find_it_get_no_contacts(client):
    from tests.places import home, things_of

    here = home()
    things = things_of(here, timezone.now())
    for hat in (factories.hat("department", here.department), here.expert):
        factories.sign_in(client, hat)
        page = client.get(reverse("nominations:nomination", args=[things.nomination.pk]))
        assert page.status_code == 200 and "form.docx" not in page.content.decode()
        for name in ("form_docx", "form_pdf", "form_print"):
            answer = client.get(reverse(f"nominations:{name}", args=[things.nomination.pk]))
            assert answer.status_code == 403


def test_where_no_pdf_can_be_set_the_page_offers_the_browsers_print(client, monkeypatch):
    made = filled()
    factories.sign_in(client, factories.hat("office"))
    pdf.available.cache_clear()
    monkeypatch.setattr(typesetting, "LIBRARIES", ("libthere-is-none.so.0",))
    try:
        page = client.get(made.get_absolute_url()).content.decode()
        assert reverse("nominations:form_print", args=[made.pk]) in page
        assert reverse("nominations:form_pdf", args=[made.pk]) not in page
        answer = client.get(reverse("nominations:form_pdf", args=[made.pk]))
        assert answer["Content-Type"].startswith("text/html") and "推荐审批表" in answer.content.decode()
    finally:
        pdf.available.cache_clear()


def test_the_print_page_escapes_what_people_typed(client):
    made = filled()
    factories.sign_in(client, factories.hat("recommender"))
    page = client.get(reverse("nominations:form_print", args=[made.pk])).content.decode()
    assert "<b>&甲" not in page and "&lt;b&gt;&amp;甲" in page and "\x07" not in page


def test_the_report_lists_the_union_s_own_in_its_order(client):
    edition = factories.edition(now=timezone.now())
    second = filled(edition, 8)
    first = factories.nomination(edition, 9, rank=1, state="recommendation")
    draft = factories.nomination(edition, 10, rank=2)
    away = factories.nomination(edition, 11, rank=1, state="recommendation", recommender="市北区")
    factories.sign_in(client, factories.hat("recommender"))
    answer = client.get(reverse("nominations:report_docx", args=[edition.pk]))
    words = words_of(answer.content)
    assert words.index(first.subject_name) < words.index(second.subject_name)
    assert draft.subject_name not in words and away.subject_name not in words
    assert "2026年5月20日至5月26日" in words and "同意推荐。" in words
    assert "草稿，其中 1 家尚未推荐" in words and "市南区总工会（盖章）" in words


def test_the_office_asks_for_one_union_s_report_and_no_other_office_may(client):
    edition = factories.edition(now=timezone.now())
    made = filled(edition)
    address = reverse("nominations:report_docx", args=[edition.pk])
    factories.sign_in(client, factories.hat("office"))
    assert client.get(address).status_code == 404
    answer = client.get(address, {"unit": made.recommender_id})
    assert answer.status_code == 200 and made.subject_name in words_of(answer.content)
    factories.sign_in(client, factories.hat("office", "市北区"))
    assert client.get(address, {"unit": made.recommender_id}).status_code in (403, 404)
    factories.sign_in(client, factories.hat("recommender", "市北区"))
    answer = client.get(address, {"unit": made.recommender_id}, follow=True)
    assert "还没有可以列入推荐报告的企业" in answer.content.decode()


def test_a_report_takes_the_same_number_of_queries_however_long(django_assert_num_queries):
    edition = factories.edition()
    for n in range(3):
        factories.nomination(edition, 40 + n, state="recommendation")
    unit = factories.organisation("市南区")
    with django_assert_num_queries(3):
        report.report_docx(edition, unit)
    for n in range(3, 9):
        factories.nomination(edition, 40 + n, state="recommendation")
    with django_assert_num_queries(3):
        report.report_docx(edition, unit)


def _filename(answer) -> bytes:
    from urllib.parse import unquote

    return unquote(answer["Content-Disposition"]).encode()
