import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from docx import Document

from awards.documents.certificates import picture
from awards.services import certificates
from portal.errors import Refused
from tests import factories
from tests.awards.named import named
from tests.awards.stage import published

pytestmark = pytest.mark.django_db
ADDRESS = "https://example.org/awards/verify/演示/"


def test_the_paper_says_who_for_what_and_where_to_verify():
    honour = named()[0]
    data = certificates.certificate_docx(honour, address=ADDRESS, by=factories.hat("office"))
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(each.text for each in document.paragraphs), *cells])
    for word in (honour.enterprise.name, honour.number, honour.title, "2026年10月10日", ADDRESS):
        assert word in text
    assert "演示人选" not in text and not re.search(r"[{}]|二维码", text)
    assert len(document.inline_shapes) == 1


def test_the_code_is_a_picture_of_the_address():
    assert picture(ADDRESS).startswith(b"\x89PNG") and picture(ADDRESS) != picture(ADDRESS + "x")


def test_one_pdf_holds_a_page_for_each():
    pypdfium2 = pytest.importorskip("pypdfium2")
    honours = named()
    office = factories.hat("office")
    one = certificates.certificate_pdf(honours[0], address=ADDRESS, by=office)
    edition = honours[0].nomination.edition
    both = certificates.certificates_of(edition, address=lambda honour: ADDRESS + honour.token, by=office)
    assert [len(pypdfium2.PdfDocument(data)) for data in (one, both)] == [1, 2]
    with pytest.raises(Refused, match="没有可以制发"):
        certificates.certificates_of(published().edition, address=str, by=office)


def test_only_the_office_that_named():
    honour = named()[0]
    for other in (factories.hat("office", "市南区"), factories.hat("auditor"), factories.hat("applicant")):
        with pytest.raises(PermissionDenied):
            certificates.certificate_docx(honour, address=ADDRESS, by=other)


def test_anybody_may_verify_and_learns_nothing_of_a_person(client):
    honour = named()[0]
    page = client.get(f"/awards/verify/{honour.token}/")
    text = page.content.decode()
    assert page.status_code == 200
    for word in (honour.enterprise.name, honour.number, "2026"):
        assert word in text
    assert "演示人选" not in text and "董事长" not in text
    for token in ("0" * 32, "%00", "%00" + honour.token, "全员", "a-b"):
        assert client.get(f"/awards/verify/{token}/").status_code == 404


def test_a_rehearsal_verifies_nothing():
    edition = published(published=False).edition
    from awards.services import naming
    from tests.awards.stage import AFTER, office_of

    honour = naming.name_winners(edition, decision="", by=office_of(edition), now=AFTER)[0]
    assert certificates.verify(honour.token) is None
