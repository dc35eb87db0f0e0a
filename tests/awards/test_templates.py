"""The office's own templates: which one a document is made from, and what an uploaded one may do."""

import io

import pytest
from django.core.files.base import ContentFile
from docx import Document

from awards import documents
from awards.models import PaperTemplate
from portal.documents import fill
from portal.errors import Refused
from tests import factories
from tests.moments import NOW

pytestmark = pytest.mark.django_db


def docx(*paragraphs) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def lines(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def kept(host, kind, data, *, version=1, active=True):
    return PaperTemplate.objects.create(
        host=host,
        kind=kind,
        version=version,
        file=ContentFile(data, name="a.docx"),
        name="演示模板.docx",
        sha256="0" * 64,
        active=active,
        uploaded_at=NOW,
        uploaded_by=factories.hat("office", host),
    )


def test_the_hosts_active_template_goes_before_ours_and_no_one_elses_does():
    city, district = factories.organisation("city"), factories.organisation("市南区")
    kept(city, "notice", docx("市里的"))
    kept(city, "notice", docx("没有启用的"), version=2, active=False)
    assert lines(documents.template_for(city, "notice")) == ["市里的"]
    assert documents.template_for(district, "notice") == documents.built_in("notice")


@pytest.mark.parametrize(
    "places",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ ().__class__.__mro__[1].__subclasses__() }}",
        "{% for a in range(10000000) %}x{% endfor %}",
    ],
)
def test_a_template_reaches_nothing_and_cannot_eat_the_machine(places):
    with pytest.raises(Refused, match="模板"):
        fill(docx(places), {}, name="演示.docx")


def test_a_strict_trial_refuses_a_place_there_is_not():
    assert lines(fill(docx("前{{ nothing }}后"), {}, name="演示.docx")) == ["前后"]
    with pytest.raises(Refused, match="nothing"):
        fill(docx("前{{ nothing }}后"), {}, name="演示.docx", strict=True)
