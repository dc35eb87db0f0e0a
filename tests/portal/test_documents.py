"""The ground of all papers: what people typed stays text, the office's own template goes first."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from PIL import Image

from portal import documents, typesetting
from portal.documents import pdf
from portal.errors import Refused
from portal.files import inspect

needs_pdf = pytest.mark.skipif(
    not pdf.available(), reason="this machine sets no PDF: Pango or a Chinese font is missing"
)

TYPED = [
    "{{ 7 * 7 }} {% for %}",
    "<b>甲</b> & 乙 \"丙\" '丁' </w:t>",
    "演示😀👨‍👩‍👧",
    "=SUM(A1)",
    "一行\n二行",
]


def edited(settings, name, *paragraphs):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    path = settings.PRIVATE_ROOT / "documents" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(path)
    return path


def text_of(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


@pytest.mark.parametrize("typed", TYPED)
def test_what_people_typed_stays_text(settings, typed):
    edited(settings, "notice.docx", "前{{ typed }}后")
    assert text_of(documents.render("awards", "notice.docx", {"typed": typed})) == [f"前{typed}后"]


def test_what_no_paper_can_carry_is_left_out_and_nothing_after_it_is_lost(settings):
    edited(settings, "notice.docx", "{{ typed }}", "{{ nothing }}完")
    context = {"typed": "甲\x00\x0b\x1f\ud800\ufffe乙\r\n丙", "nothing": None}
    assert text_of(documents.render("awards", "notice.docx", context)) == ["甲乙\n丙", "完"]


def test_each_app_has_its_own_templates(settings):
    assert documents.template_path("awards", "notice.docx").parts[-3:] == (
        "awards",
        "documents",
        "notice.docx",
    )
    assert documents.template_path("nominations", "report.docx").parts[-3] == "nominations"
    path = edited(settings, "notice.docx", "改过")
    assert documents.template_path("awards", "notice.docx") == path


@pytest.mark.parametrize(
    "bad",
    [
        "{{ open",
        "{% for row in rows %}",
        "{{ 1 / 0 }}",
        "{{ 1 + 'a' }}",
        "{{ missing.deeper }}",
        "{{ ''.__class__.__mro__ }}",
    ],
)
def test_a_broken_template_is_a_sentence_that_names_it(settings, bad):
    edited(settings, "notice.docx", bad)
    with pytest.raises(Refused, match=r"文书模板 notice\.docx 不能用"):
        documents.render("awards", "notice.docx", {})


@pytest.mark.parametrize(
    "filling",
    [
        "'a' * 200000000",
        "'a'|center(200000000)",
        "'a'|indent(200000000, true)",
        "'%200000000d'|format(1)",
        "'a b'|wordwrap(1, wrapstring='a')",
        "[1]|tojson(indent=200000000)",
        "[1]|batch(200000000, 'a')|list",
        "[1]|slice(200000000)|list",
        "'%200000000d' % 1",
        "'{:>200000000}'.format(1)",
        "'{a:>200000000}'.format_map({'a': 1})",
        "'{:>200000000}'['format'](1)",
        "('{:>200000000}'|attr('format'))(1)",
        "'a'.center(200000000)",
        "'a'.ljust(200000000)",
        "'a'.rjust(200000000)",
        "'a'.zfill(200000000)",
        "'\\t'.expandtabs(200000000)",
        "(1).to_bytes(200000000, 'big')",
        "('a'|escape).ljust(200000000)",
        "lipsum(n=200000000)",
    ],
)
def test_a_template_makes_no_text_as_long_as_it_likes(filling):
    sandbox = documents.Sandbox(autoescape=True)
    with pytest.raises(documents.BROKEN):
        sandbox.from_string("{{ " + filling + " }}").render()


def test_sums_of_numbers_are_what_they_were():
    sandbox = documents.Sandbox(autoescape=True)
    assert sandbox.from_string("{{ 7 % 4 }} {{ 7 * 4 }} {{ ['a', 'b']|join('；') }}").render() == "3 28 a；b"


def test_a_template_that_is_no_word_file_is_a_sentence(settings):
    path = edited(settings, "notice.docx", "好")
    for content in (b"", b"plain text", b"PK\x03\x04 cut off"):
        path.write_bytes(content)
        with pytest.raises(Refused, match=r"notice\.docx"):
            documents.render("awards", "notice.docx", {})


def test_paragraphs_and_days():
    assert documents.paragraphs("　　甲 \r\n\r\n 乙\x07") == ["甲", "乙"]
    assert documents.plain_day(date(2026, 6, 1)) == "2026年6月1日"
    assert documents.plain_day(None) == ""


def test_a_paper_is_handed_out_as_a_private_download():
    answer = documents.download('甲"/乙.docx', b"x")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "/" not in answer["Content-Disposition"].partition("filename")[2].replace("utf-8''", "")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x.css",
        "http://127.0.0.1/x.png",
        "file:///etc/passwd",
        "https://paper.invalid/media/x.png",
        "https://paper.invalid/static/../manage.py",
        "https://paper.invalid/static/%2e%2e/manage.py",
        "https://paper.invalid/static/missing.css",
        "https://paper.invalid/static/",
    ],
)
def test_a_pdf_takes_nothing_from_elsewhere(url):
    with pytest.raises(ValueError):
        pdf.static_file(url)


def test_a_pdf_takes_our_own_static_files():
    assert pdf.static_file("https://paper.invalid/static/css/print.css").name == "print.css"


@needs_pdf
def test_an_image_from_elsewhere_is_not_fetched_and_the_page_is_set_without_it():
    fetcher = pdf._fetcher()
    page = '<html lang="zh"><title>t</title><img src="http://127.0.0.1:9/x.png" alt="x"><p>正文'
    paper = pdf._setter()(string=page, base_url=pdf.BASE, url_fetcher=fetcher).write_pdf()
    assert paper.startswith(b"%PDF-")


@needs_pdf
def test_where_papers_are_set_half_a_picture_is_still_refused():
    pdf._setter()
    out = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(out, "PNG")
    with pytest.raises(Refused, match="不是完整的图片"):
        inspect(SimpleUploadedFile("a.png", out.getvalue()[:900]))


def test_a_machine_without_pango_says_what_to_do_instead(monkeypatch):
    pdf.available.cache_clear()
    monkeypatch.setattr(typesetting, "LIBRARIES", ("libthere-is-none.so.0",))
    try:
        assert not pdf.available()
        with pytest.raises(Refused, match="浏览器打印"):
            pdf.render("print/paper.html", {})
    finally:
        pdf.available.cache_clear()
