"""The pages of the workbook, the paper and its scan: who gets them, and what is on them."""

import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from PIL import Image
from pypdf import PdfReader

from nominations.models import IntakeFile
from nominations.states import StepKind
from portal.models import AuditEntry
from review import services
from review.models import OfficeRecusal, Recusal, ScoreSheet, SheetPaper
from review.papers import score_sheet
from review.services import sheet_papers
from tests import factories
from tests.moments import NOW
from tests.portal.test_documents import needs_pdf
from tests.review.conftest import assignment, declare, page, submit, text, url
from tests.review.test_services_score_sheets import begun, filled, pin, said_by, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(reviewed):
    return begun(reviewed)


def open_as(client, hat, name, *args, **query):
    factories.sign_in(client, hat)
    return client.get(reverse(f"review:{name}", args=args), query)


def words_of(data: bytes) -> str:
    """All that stands in a Word file, tables, header and footer included, an open row a line."""
    document = Document(io.BytesIO(data))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    return "\n".join([*(p.text for p in document.paragraphs), *("|".join(row) for row in rows)])


def photo(name="评分表.jpg", colour="white") -> SimpleUploadedFile:
    """A photograph that says where it was taken."""
    image, out = Image.new("RGB", (60, 80), colour), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    image.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


# --- the workbook


def test_the_list_leads_to_it_and_the_whole_way_is_walked(client, mine):
    hat = mine.experts[0]
    assert url("offline", mine.edition) in text(page(client, hat, "sheets"))
    assert "现有 3 家可以评分" in text(open_as(client, hat, "offline", mine.edition.pk))
    data = b"".join(open_as(client, hat, "offline_workbook", mine.edition.pk))
    upload = SimpleUploadedFile("我的.xlsx", filled(data, {"G4": 80, "H4": "机制完备", "G5": None}))
    answer = client.post(url("offline", mine.edition), {"file": upload})
    kept = IntakeFile.objects.get(kind="scores")
    assert answer.url == reverse("review:offline_file", args=[mine.edition.pk, kept.pk])
    preview = client.get(answer.url)
    said = text(preview)
    assert "将改动 2 家的评分" in said and "机制完备" in said and "（清空）" in said
    done = client.post(answer.url, {"digest": preview.context["diff"].digest}, follow=True)
    assert "已把 2 家的评分存为草稿，还没有提交。" in text(done)
    assert said_by(mine, 0, 0) == {"mechanism": "80.0"} and said_by(mine, 0, 1) == {}
    assert not ScoreSheet.objects.filter(submitted_at__isnull=False).exists()
    again = client.get(answer.url, follow=True)
    assert "这份文件已经导入过" in text(again)


def test_a_conflict_is_chosen_cell_by_cell_on_the_page(client, mine):
    hat = mine.experts[0]
    data = b"".join(open_as(client, hat, "offline_workbook", mine.edition.pk))
    save(mine, 0, 1, scores={"mechanism": "60"})
    upload = SimpleUploadedFile("我的.xlsx", filled(data, {"G5": 90}))
    answer = client.post(url("offline", mine.edition), {"file": upload})
    preview = client.get(answer.url)
    assert "保留现在的：60" in text(preview) and "用文件中的：90" in text(preview)
    digest = preview.context["diff"].digest
    assert "请选择用哪一份" in text(client.post(answer.url, {"digest": digest}))
    client.post(answer.url, {"digest": digest, "c0": "yours"})
    assert said_by(mine, 0, 1) == {"mechanism": "90.0"}


def test_what_moved_after_the_preview_brings_a_fresh_one(client, mine):
    hat = mine.experts[0]
    data = b"".join(open_as(client, hat, "offline_workbook", mine.edition.pk))
    upload = SimpleUploadedFile("我的.xlsx", filled(data, {"G4": 80, "G6": 66}))
    answer = client.post(url("offline", mine.edition), {"file": upload})
    digest = client.get(answer.url).context["diff"].digest
    submit(mine, 0, 2, 50, 50, 50)
    moved = client.post(answer.url, {"digest": digest}, follow=True)
    said = text(moved)
    assert "预览之后有内容变动" in said and "评分表已经提交" in said
    assert mine.nominations[2].subject_name in said
    assert not ScoreSheet.objects.filter(assignment=assignment(mine, 0, 0)).exists()


def test_errors_stand_in_their_cells(client, mine):
    data = b"".join(open_as(client, mine.experts[0], "offline_workbook", mine.edition.pk))
    upload = SimpleUploadedFile("我的.xlsx", filled(data, {"G4": 80.2, "I5": 101}))
    said = text(client.post(url("offline", mine.edition), {"file": upload}))
    assert "G 全员创新机制建设" in said and "0.5 的整数倍" in said
    assert "I 全员创新平台载体建设" in said and "太大" in said
    assert not IntakeFile.objects.exists()


@pytest.mark.parametrize("name", ["offline", "offline_workbook"])
def test_nobody_but_an_expert_with_tasks_has_the_workbook(client, mine, name):
    others = {
        mine.office: 403,
        factories.hat("recommender"): 403,
        factories.hat("auditor"): 403,
        factories.hat("expert", username="outsider"): 404,
        factories.hat("office", "市北区", username="district"): 404,
    }
    found = {hat: open_as(client, hat, name, mine.edition.pk).status_code for hat in others}
    assert found == others


def test_another_experts_upload_is_not_found(client, mine):
    data = b"".join(open_as(client, mine.experts[0], "offline_workbook", mine.edition.pk))
    upload = SimpleUploadedFile("我的.xlsx", filled(data, {"G4": 80}))
    answer = client.post(url("offline", mine.edition), {"file": upload})
    factories.sign_in(client, mine.experts[1])
    assert client.get(answer.url).status_code == 404
    other = client.post(url("offline", mine.edition), {"file": SimpleUploadedFile("别人的.xlsx", data)})
    assert "不是您从本届下载的" in text(other)
    factories.sign_in(client, mine.office)
    assert client.get(answer.url).status_code == 403


@pytest.mark.parametrize("name", ["offline", "papers"])
def test_the_page_asks_the_database_as_often_for_many_as_for_few(client, mine, name):
    for n in (0, 1, 2):
        submit(mine, 1, n, 80, 80, 80)
    hat = mine.experts[1] if name == "offline" else mine.office
    factories.sign_in(client, hat)
    client.get(url(name, mine.edition))

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(url(name, mine.edition))
        return len(asked)

    many = queries()
    for n in (1, 2):
        services.recuse(assignment(mine, 1, n), kind=Recusal.Kind.KINSHIP, by=mine.experts[1], now=NOW)
    assert queries() == many < 45


# --- the paper


def test_a_blank_sheet_is_to_be_filled_in_by_hand(client, mine):
    task = assignment(mine, 0, 1)
    answer = open_as(client, mine.experts[0], "sheet_form", task.pk)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    said = words_of(answer.content)
    for each in (
        mine.edition.title,
        "专家评分表",
        f"评审编号 {task.pk}",
        task.nomination.subject_name,
        task.nomination.enterprise.credit_code,
        task.nomination.recommender.name,
        "全员创新机制建设\n（权重 35）",
        "□ 我须回避",
        "□ 我与该企业没有须回避的情形",
        "专家签名：",
        "日期：",
    ):
        assert each in said
    assert "72.5" not in said and "有制度" not in said
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        footers = "".join(package.read(n).decode() for n in package.namelist() if "footer" in n)
    assert "PAGE" in footers and "NUMPAGES" in footers


def test_what_is_saved_is_filled_in_when_asked_and_totalled_when_whole(client, mine):
    task = assignment(mine, 0, 1)
    said = words_of(open_as(client, mine.experts[0], "sheet_form", task.pk, filled=1).content)
    assert "72.5" in said and "有制度" in said and "先记一笔" in said and "还没有提交" in said
    assert "☑ 我与该企业没有须回避的情形" in said
    assert "各维度得分乘以权重后相加，除以 100||" in said
    save(mine, 0, 1, scores={"platform": "80", "effect": "90"})
    said = words_of(open_as(client, mine.experts[0], "sheet_form", task.pk, filled=1).content)
    assert "80.88" in said  # 72.5 × 35 + 80 × 30 + 90 × 35 = 8087.5


def test_all_of_mine_are_one_file_without_those_i_step_aside_from(client, mine):
    services.recuse(assignment(mine, 0, 0), kind=Recusal.Kind.KINSHIP, by=mine.experts[0], now=NOW)
    said = words_of(open_as(client, mine.experts[0], "offline_paper", mine.edition.pk).content)
    codes = [int(each) for each in dict.fromkeys(re.findall(r"评审编号 (\d+)", said))]
    assert codes == [assignment(mine, 0, n).pk for n in (1, 2)]
    alone = open_as(client, mine.experts[0], "sheet_form", assignment(mine, 0, 0).pk)
    assert alone.status_code == 302


def test_the_office_prints_blank_ones_for_everybody_and_for_one(client, mine):
    submit(mine, 1, 0, 13.5, 17.5, 19.5)
    pin(assignment(mine, 3, 2), mine)
    answer = open_as(client, mine.office, "offline_paper", mine.edition.pk, filled=1)
    said = words_of(answer.content)
    assert len(set(re.findall(r"评审编号 (\d+)", said))) == 11
    assert "72.5" not in said and "13.5" not in said and "先记一笔" not in said
    member = assignment(mine, 0, 0).member
    said = words_of(open_as(client, mine.office, "offline_paper", mine.edition.pk, member=member.pk).content)
    assert len(set(re.findall(r"评审编号 (\d+)", said))) == 3 and "E02" not in said


def test_somebody_of_the_office_who_stepped_aside_prints_nothing_of_it(client, mine):
    aside(mine, 0)
    said = words_of(open_as(client, mine.office, "offline_paper", mine.edition.pk).content)
    assert mine.nominations[0].subject_name not in said and mine.nominations[1].subject_name in said
    assert open_as(client, mine.office, "sheet_form", assignment(mine, 0, 0).pk).status_code == 404


def aside(place, n):
    OfficeRecusal.objects.create(
        user=place.office.user,
        nomination=place.nominations[n],
        reason="演示",
        recorded_at=NOW,
        recorded_by=place.office,
    )


def test_nothing_of_another_expert_is_on_a_paper(client, mine):
    """Even where the page is asked for with another's tasks in hand."""
    declare(mine, 1, 1)
    save(mine, 1, 1, scores={"effect": "19.5"}, remarks={"effect": "他人评语独此一句"}, comment="独此总评")
    theirs = list(sheet_papers.printable(mine.edition, mine.experts[1]))
    data = score_sheet.sheets_docx(mine.edition, theirs, filled_by=mine.experts[0])
    assert "19.5" not in words_of(data) and "独此" not in words_of(data)
    for kind in ("docx", "page"):
        answer = open_as(client, mine.experts[0], "offline_paper", mine.edition.pk, filled=1, **{"as": kind})
        said = words_of(answer.content) if kind == "docx" else text(answer)
        assert "72.5" in said
        assert not any(each in said for each in ("19.5", "独此", "E02", mine.experts[1].user.full_name))


@needs_pdf
def test_the_pdf_numbers_its_pages_and_says_the_same(client, mine):
    answer = open_as(client, mine.experts[0], "offline_paper", mine.edition.pk, filled=1, **{"as": "pdf"})
    pages = [each.extract_text() for each in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 3
    assert "第 1 页" in pages[0] and "共 3 页" in pages[0]
    assert "72.5" in pages[1] and "有制度" in pages[1]


def test_paper_is_not_for_others(client, mine):
    task = assignment(mine, 0, 0)
    assert open_as(client, mine.experts[1], "sheet_form", task.pk).status_code == 404
    assert open_as(client, factories.hat("recommender"), "sheet_form", task.pk).status_code == 404
    assert open_as(client, factories.hat("auditor"), "sheet_form", task.pk).status_code == 403
    district = factories.hat("office", "市北区", username="district")
    assert open_as(client, district, "sheet_form", task.pk).status_code == 404
    assert open_as(client, district, "offline_paper", mine.edition.pk).status_code == 404
    assert open_as(client, factories.hat("auditor"), "offline_paper", mine.edition.pk).status_code == 403


# --- the scan


def test_the_signed_sheet_is_scanned_once_it_is_handed_in(client, mine):
    task, hat = assignment(mine, 0, 0), mine.experts[0]
    factories.sign_in(client, hat)
    early = client.post(url("sheet_papers", task), {"file": photo()})
    assert "请提交后再上传签名的扫描件" in text(early) and not SheetPaper.objects.exists()
    submit(mine, 0, 0, 80, 80, 80)
    assert client.post(url("sheet_papers", task), {"file": photo()}).status_code == 302
    paper = SheetPaper.objects.get()
    assert b"SECRET-PLACE" not in paper.file.open("rb").read()
    entry = AuditEntry.objects.get(act="review.attach_paper")
    assert entry.detail["sha256"] == paper.sha256 and entry.nomination_id == task.nomination_id
    twice = client.post(url("sheet_papers", task), {"file": photo()})
    assert "内容相同" in text(twice) and SheetPaper.objects.count() == 1
    factories.sign_in(client, mine.office)
    client.post(url("sheet_papers", task), {"file": photo("另一页.jpg", "grey")})
    assert SheetPaper.objects.count() == 2
    assert "2 份" in text(client.get(url("papers", mine.edition)))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("表.pdf", b"MZ\x90\x00", "程序"),
        ("表.docx", b"PK\x03\x04", "只接受"),
        ("表.jpg", b"%PDF-1.4\n%%EOF", "扩展名与内容不符"),
        ("表.pdf", b"", "空"),
    ],
)
def test_only_a_scan_is_a_scan(client, mine, name, content, words):
    submit(mine, 0, 0, 80, 80, 80)
    factories.sign_in(client, mine.experts[0])
    answer = client.post(
        url("sheet_papers", assignment(mine, 0, 0)), {"file": SimpleUploadedFile(name, content)}
    )
    assert words in text(answer) and not SheetPaper.objects.exists()


def test_who_reads_a_scan(client, mine):
    submit(mine, 0, 0, 80, 80, 80)
    task = assignment(mine, 0, 0)
    paper = sheet_papers.attach_paper(task, file=photo(), by=mine.office, now=NOW)
    readers = {
        mine.experts[0]: (200, 200),
        mine.office: (200, 200),
        factories.hat("auditor"): (200, 200),
        mine.experts[1]: (404, 404),
        factories.hat("recommender"): (404, 404),
        factories.hat("department", "dept-kjj"): (404, 404),
        factories.hat("office", "市北区", username="district"): (404, 404),
    }
    found = {
        hat: (
            open_as(client, hat, "sheet_scan", paper.pk).status_code,
            open_as(client, hat, "sheet_papers", task.pk).status_code,
        )
        for hat in readers
    }
    assert found == readers
    factories.sign_in(client, factories.hat("auditor"))
    assert client.post(url("sheet_papers", task), {"file": photo("二.jpg", "grey")}).status_code == 403
    aside(mine, 0)
    assert open_as(client, mine.office, "sheet_scan", paper.pk).status_code == 404
    assert mine.nominations[0].subject_name not in text(
        open_as(client, mine.office, "papers", mine.edition.pk)
    )


def test_a_draft_is_nowhere_on_the_offices_page(client, mine):
    said = text(open_as(client, mine.office, "papers", mine.edition.pk))
    assert "还没有提交的评分表" in said and "72.5" not in said
    said = text(open_as(client, mine.office, "sheet_papers", assignment(mine, 0, 1).pk))
    assert "72.5" not in said and "有制度" not in said and "带已填内容" not in said


def test_a_scan_may_come_after_the_step_is_closed(client, mine):
    submit(mine, 0, 0, 80, 80, 80)
    step = mine.edition.step(StepKind.REVIEW)
    step.closed_at, step.closed_by = NOW, mine.office
    step.save()
    sheet_papers.attach_paper(assignment(mine, 0, 0), file=photo(), by=mine.office, now=NOW)
    assert SheetPaper.objects.count() == 1
    assert "评审已经关闭" in text(open_as(client, mine.experts[0], "offline", mine.edition.pk))


def test_the_workbook_opens_in_any_program(client, mine):
    answer = open_as(client, mine.experts[0], "offline_workbook", mine.edition.pk)
    assert answer.headers["Cache-Control"] == "private, no-store"
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[1:] == ["填写说明", "选项"]
