"""The office's own templates: which one a document is made from, and what an uploaded one may do."""

import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from awards import documents
from awards.documents.kinds import KINDS
from awards.models import PaperTemplate
from awards.services import publishing, templates
from portal.documents import fill
from portal.errors import Refused
from portal.models import AuditEntry
from portal.speech import said
from portal.workbook import WorkbookRefused
from tests import factories
from tests.awards.stage import PUBLISHING, ids, office_of, published, visited
from tests.moments import NOW

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
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


def upload(*paragraphs, kind="notice", by=None, data=None, name="演示模板.docx"):
    file = SimpleUploadedFile(name, data or docx(*paragraphs))
    return templates.upload_template(kind=kind, file=file, by=by or factories.hat("office", "city"), now=NOW)


WHOLE = ("演示抬头 {{ edition }}", "{% for row in rows %}{{ row.name }}；{% endfor %}", "{{ ends }}")


@pytest.mark.parametrize("kind", list(KINDS))
def test_ours_pass_the_trial_themselves(kind):
    made = templates.check_template(kind, documents.built_in(kind))
    assert "{{" not in "".join(lines(made)) and "{%" not in "".join(lines(made))


def test_a_template_is_tried_kept_put_in_use_and_taken_out():
    office = factories.hat("office", "city")
    first = upload(*WHOLE)
    assert (first.version, first.active) == (1, False)
    assert documents.template_for(office.organisation, "notice") == documents.built_in("notice")
    templates.activate_template(first, by=office, now=NOW)
    second = upload("第二版 {{ edition }}", *WHOLE)
    assert second.version == 2
    templates.activate_template(second, by=office, now=NOW)
    assert list(PaperTemplate.objects.filter(active=True)) == [second]
    assert lines(documents.template_for(office.organisation, "notice"))[0].startswith("第二版")
    templates.use_built_in(kind="notice", by=office, now=NOW)
    assert documents.template_for(office.organisation, "notice") == documents.built_in("notice")
    with pytest.raises(Refused, match="原来的模板"):
        templates.use_built_in(kind="notice", by=office, now=NOW)
    record = AuditEntry.objects.filter(act="awards.manage_templates").order_by("pk")
    assert [line.detail["what"] for line in record] == [
        *("uploaded", "activated", "uploaded", "activated", "taken_out")
    ]


@pytest.mark.parametrize(
    "paragraphs, says",
    [
        ((*WHOLE, "{{ period"), "花括号的写法有误：.*在“.*period”附近"),
        ((*WHOLE, "{% for row in rows %}"), "花括号的写法有误"),
        ((*WHOLE, "{{ opening }}"), "不存在的位置.*opening"),
        (("{{ edition }}{{ ends }}", "{% for row in rows %}{{ row.nam }}{% endfor %}"), "不存在的位置.*nam"),
        ((*WHOLE, "{{ ''.__class__.__mro__ }}"), "不允许的写法|不存在的位置"),
        (("{{ edition }}{{ ends }}",), "没有“名单.*rows"),
        (WHOLE[:2], "没有“公示期截止时间.*ends"),
    ],
)
def test_a_template_with_a_fault_is_refused_by_its_own_fault_and_not_kept(paragraphs, says):
    with pytest.raises(Refused, match="没有通过试用") as refused:
        upload(*paragraphs)
    assert re.search(says, said(refused.value))
    assert not PaperTemplate.objects.exists()


def test_what_is_no_document_or_brings_something_from_elsewhere_is_refused():
    for data in (b"not a document", b"PK\x03\x04 broken"):
        with pytest.raises((Refused, WorkbookRefused)):
            upload(data=data)
    document = Document(io.BytesIO(docx(*WHOLE)))
    document.part.relate_to("https://example.invalid/a.png", f"{RELATIONS}/image", is_external=True)
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(Refused, match="之外的内容"):
        upload(data=out.getvalue())
    assert not PaperTemplate.objects.exists()


def test_an_office_keeps_its_own_templates_and_nobody_else_any():
    mine = upload(*WHOLE)
    with pytest.raises(PaperTemplate.DoesNotExist):
        templates.activate_template(mine, by=factories.hat("office", "市南区"), now=NOW)
    for role in ("auditor", "recommender", "admin"):
        with pytest.raises(PermissionDenied):
            upload(*WHOLE, by=factories.hat(role))


def test_a_notice_says_the_words_of_the_template_in_use_and_the_page_with_it():
    edition = visited()
    office = office_of(edition)
    templates.activate_template(upload("{{ edition }}", "甲段 {{ host }}", *WHOLE[1:]), by=office, now=NOW)
    notice = publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)
    assert notice.text.split("\n")[0] == f"甲段 {edition.host.name}"
    assert notice.text.split("\n")[-1] == "2026年10月9日（周五）24:00"
    assert notice.template_sha256 == PaperTemplate.objects.get().sha256
    before = notice.document.read()
    templates.use_built_in(kind="notice", by=office, now=NOW)
    notice.refresh_from_db()
    assert notice.document.read() == before


def test_the_page_has_the_paragraphs_around_the_list():
    notice = published()
    before, after = documents.around_list(notice.text)
    assert len(before) == 1 and before[0].startswith("根据") and before[0].endswith("接受社会监督。")
    assert after[0].startswith("本公示于2026年9月24日（周四）发布") and "24:00止" in after[0]
    assert notice.edition.title not in before and after[-1] == "2026年9月24日"
    # A notice of former days has three paragraphs, the list after the first.
    assert documents.around_list("甲\n乙\n丙") == (["甲"], ["乙", "丙"])
