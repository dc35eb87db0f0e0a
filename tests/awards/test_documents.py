"""The template the office may edit: what it may do, and what it may not."""

import io

import pytest
from docx import Document

from awards.services import notice_papers, publishing
from awards.services.standing_list import list_in_force
from portal import documents
from portal.errors import Refused
from tests.awards.stage import PUBLISHING, ids, office_of, visited

pytestmark = pytest.mark.django_db


def edited(settings, *paragraphs):
    """The office's own template, of these paragraphs."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    path = settings.PRIVATE_ROOT / "documents" / "notice.docx"
    path.parent.mkdir(parents=True)
    document.save(path)
    return path


def publish():
    edition = visited()
    notice = publishing.publish_notice(
        edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING
    )
    out = io.BytesIO()
    notice_papers.write_notice_document(notice, out)
    return "\n".join(paragraph.text for paragraph in Document(out).paragraphs)


def test_the_offices_own_template_goes_before_the_shipped_one(settings):
    edited(settings, "演示抬头", "{{ period }}", "{% for row in rows %}{{ row.name }}；{% endfor %}")
    text = publish()
    assert text.startswith("演示抬头") and "2026年10月9日（周五）24时止" in text and text.count("；") == 2


@pytest.mark.parametrize(
    "bad", ["{{ period", "{% for row in rows %}", "{{ ().__class__.__mro__[1].__subclasses__() }}"]
)
def test_a_template_that_is_broken_or_reaches_out_is_refused_and_nothing_is_published(settings, bad):
    edited(settings, bad)
    edition = visited()
    with pytest.raises(Refused, match="模板"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    assert list_in_force(edition) is None


def test_a_template_that_is_no_document_is_refused(settings):
    edited(settings).write_bytes(b"not a document")
    with pytest.raises(Refused, match="模板"):
        documents.render("awards", "notice.docx", {})
