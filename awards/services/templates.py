"""The office's own templates: tried with made-up data before they are taken, put in use, taken out again."""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from docx import Document
from docx.oxml.ns import qn
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from lxml import etree

from awards.documents.kinds import KINDS, Kind
from awards.documents.templates import built_in
from awards.models import PaperTemplate
from portal import audit, documents
from portal.errors import N_, Refused
from portal.files import MB, inspect
from portal.models import Membership, Organisation
from portal.permissions import require
from portal.sentences import Sentence, sentence

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True)
class Shelf:
    """One kind of document and this host's templates for it, the newest first."""

    kind: Kind
    versions: list[PaperTemplate]

    @property
    def active(self) -> PaperTemplate | None:
        return next((each for each in self.versions if each.active), None)


def shelves(host: Organisation) -> list[Shelf]:
    """Every kind there is; two questions whatever there is."""
    own = list(PaperTemplate.objects.filter(host=host).select_related("uploaded_by__user"))
    return [Shelf(kind, [each for each in own if each.kind == kind.code]) for kind in KINDS.values()]


def example_of(kind: str, template: bytes | None = None) -> bytes:
    """The document of a kind with made-up data, from this template or from ours."""
    found = KINDS[kind]
    data = built_in(kind) if template is None else template
    return documents.fill(data, found.example(), name=f"{kind}.docx", strict=True)


def check_template(kind: str, data: bytes) -> bytes:
    """Try a template with made-up data. Returns the document it makes.

    Raises `Refused` with what is wrong in it: what it cannot do, what it may not do, what it leaves out.
    """
    found = KINDS[kind]
    _refuse_outside(data)
    try:
        made = documents.fill(data, found.example(), name=str(found.name), strict=True)
    except Refused as refusal:
        raise Refused(
            N_("模板没有通过试用，没有保存：{fault}"), fault=_fault(refusal.__cause__)
        ) from refusal.__cause__
    text = _words(made)
    for place in found.needs:
        if not all(str(value) in text for value in found.shown(place)):
            raise Refused(
                N_("模板没有通过试用，没有保存：文件中没有“{what}”。请在模板中放入 {place}。"),
                what=dict(found.places)[place],
                place="{{ " + place + " }}",
            )
    return made


@transaction.atomic
def upload_template(*, kind: str, file, by: Membership, now: datetime) -> PaperTemplate:
    """Keep a template of the acting office's own organisation, tried but not yet in use."""
    host = _host(by, kind)
    found = inspect(file, allowed={"docx"}, max_bytes=5 * MB)
    data = file.read()
    check_template(kind, data)
    newest = PaperTemplate.objects.filter(host=host, kind=kind).aggregate(Max("version"))["version__max"]
    kept = PaperTemplate(
        host=host,
        kind=kind,
        version=(newest or 0) + 1,
        name=file.name[-200:],
        sha256=found.sha256,
        uploaded_at=now,
        uploaded_by=by,
    )
    kept.file.save(f"{kind}.docx", ContentFile(data), save=False)
    kept.full_clean()
    kept.save()
    _record("uploaded", kept, by, now)
    return kept


@transaction.atomic
def activate_template(template: PaperTemplate, *, by: Membership, now: datetime) -> PaperTemplate:
    """Documents of this kind are made from it from now on. What was issued stays as it is."""
    host = _host(by, template.kind)
    template = PaperTemplate.objects.select_for_update().get(pk=template.pk, host=host)
    with template.file.open("rb") as stored:
        # It was tried when it came; what a document is given may have changed since.
        check_template(template.kind, stored.read())
    PaperTemplate.objects.filter(host=host, kind=template.kind, active=True).update(active=False)
    template.active = True
    template.save(update_fields=["active"])
    _record("activated", template, by, now)
    return template


@transaction.atomic
def use_built_in(*, kind: str, by: Membership, now: datetime) -> None:
    """Back to ours."""
    host = _host(by, kind)
    active = PaperTemplate.objects.filter(host=host, kind=kind, active=True).first()
    if active is None:
        raise Refused(N_("现在用的就是原来的模板。"))
    active.active = False
    active.save(update_fields=["active"])
    _record("taken_out", active, by, now)


def _host(by: Membership, kind: str) -> Organisation:
    """The acting office's own organisation, locked: of one kind one template is in use."""
    require(by, "awards.manage_templates")
    if kind not in KINDS:
        raise Refused(N_("没有这一类文件，请从列表中选择。"))
    return Organisation.objects.select_for_update(no_key=True).get(pk=by.organisation_id)


def _record(what, template, by, now):
    audit.record(
        "awards.manage_templates",
        template,
        by=by,
        now=now,
        what=what,
        kind=template.kind,
        version=template.version,
        name=template.name,
        sha256=template.sha256,
    )


def _refuse_outside(data: bytes) -> None:
    """A template brings everything with it: what Word fetches from elsewhere tells who opens the document."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for part in package.namelist():
                if not part.endswith(".rels"):
                    continue
                for each in etree.fromstring(package.read(part), parser).iter(_RELATION):
                    kind = each.get("Type", "").rsplit("/", 1)[-1]
                    if each.get("TargetMode") == "External" and kind != "hyperlink":
                        raise Refused(
                            N_("模板引用了文件之外的内容（{what}），请把它插入到文件里再上传。"), what=kind
                        )
    except (zipfile.BadZipFile, etree.XMLSyntaxError) as problem:
        raise Refused(
            N_("模板不是完好的 Word 文档，请在 Word 或 WPS 中打开另存为 .docx 后再上传。")
        ) from problem


def _fault(problem: BaseException | None) -> Sentence:
    """What is wrong in a template, where the library says it in a way that can be said again."""
    match problem:
        case UndefinedError():
            return sentence(N_("用了不存在的位置（{problem}）。可用的位置见本页列表。"), problem=str(problem))
        case SecurityError():
            return sentence(N_("用了不允许的写法（{problem}）。"), problem=str(problem))
        case TemplateSyntaxError():
            return sentence(
                N_("花括号的写法有误：{problem}{near}。"), problem=str(problem), near=_near(problem)
            )
    return sentence(N_("文件不能按模板填写（{problem}）。"), problem=str(problem))


def _near(problem) -> str:
    """The line of the document a fault of syntax is in; the library hands out the three before it as well."""
    lines = [line.strip() for line in getattr(problem, "docx_context", ())]
    at = min(3, (problem.lineno or 1) - 1)
    words = lines[at][:80] if at < len(lines) else ""
    return N_("，在“{words}”附近").format(words=words) if words else ""


def _words(document: bytes) -> str:
    """Everything the body of a document says, tables and all."""
    return "".join(each.text or "" for each in Document(io.BytesIO(document)).element.body.iter(qn("w:t")))
