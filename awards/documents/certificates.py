"""The certificate of an honour: its words, its QR code, the docx and the PDF of it."""

import base64
import io
from collections.abc import Sequence

import qrcode
from docx import Document
from docx.shared import Mm
from qrcode.constants import ERROR_CORRECT_M

from awards.documents.templates import compose
from nominations import subjects
from portal.documents import pdf, plain_day

KIND, PRINT = "certificate", "print/certificate.html"
#: Stands in the template where the code is put.
PLACE = "[二维码]"
WIDTH = Mm(28)


def certificate_context(honour, address: str) -> dict:
    """What the templates are given. `address` is the public page that verifies this certificate, in full."""
    awarded = "，并授予市五一劳动奖状" if honour.certificate else ""
    by = f"（{honour.decision}）" if honour.decision else ""
    called = subjects.CALLED[subjects.Subject(honour.category.subject)]
    return {
        "heading": "证书",
        "name": subjects.full_name(honour),
        "paragraphs": [f"经评选和公示，命名{called}为“{honour.title}”{awarded}{by}。", "特发此证。"],
        "number": honour.number,
        "host": honour.host.name,
        "day": plain_day(honour.named_on),
        "address": address,
        "qr": PLACE,
    }


def certificate_docx(honour, address: str) -> bytes:
    data = compose(honour.host, KIND, certificate_context(honour, address))
    document = Document(io.BytesIO(data))
    for paragraph in _paragraphs(document):
        if PLACE in paragraph.text:
            for run in paragraph.runs:
                run.text = ""
            shape = paragraph.add_run().add_picture(io.BytesIO(picture(address)), width=WIDTH)
            shape._inline.docPr.set("descr", f"查验二维码：{address}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def certificates_pdf(honours: Sequence[tuple]) -> bytes:
    """One page a certificate; pairs of an honour and its address. `Refused` where no PDF can be set."""
    pages = [
        certificate_context(honour, address)
        | {"qr": "data:image/png;base64," + base64.b64encode(picture(address)).decode()}
        for honour, address in honours
    ]
    first = honours[0][0]
    context = {"title": "证书", "host": first.host.name, "pages": pages, "written": None}
    return pdf.render(PRINT, context)


def picture(text: str) -> bytes:
    """A QR code as PNG, one bit a square."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=2, box_size=8)
    code.add_data(text)
    out = io.BytesIO()
    code.make_image().save(out)
    return out.getvalue()


def _paragraphs(document):
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs
