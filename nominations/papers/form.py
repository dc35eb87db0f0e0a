"""推荐审批表: one nomination from its facts to the boxes of those who decide."""

from django.utils import timezone
from django.utils.translation import override

from nominations import subjects
from nominations.declaration import shape_of
from nominations.declaration.facts import digest_of, facts_of
from nominations.folder import standing_for
from nominations.models import Nomination
from nominations.papers.answers import blocks_of
from nominations.papers.layout import Grid, Section, numbered
from nominations.states import State
from portal import documents
from portal.documents import pdf, plain_day

DOCX, PRINT = "nomination.docx", "nominations/paper_nomination.html"
MARKS = {State.DRAFT: "草稿，未提交", State.WITHDRAWN: "已撤回"}


def form_docx(nomination: Nomination) -> bytes:
    return documents.render("nominations", DOCX, form_context(nomination))


def form_pdf(nomination: Nomination) -> bytes:
    """Raises `Refused` where the machine sets no PDF."""
    return pdf.render(PRINT, form_context(nomination))


def form_page(nomination: Nomination) -> str:
    """The same form as a page to print from the browser."""
    return pdf.html(PRINT, form_context(nomination))


def form_name(nomination: Nomination, extension: str) -> str:
    return f"{nomination.subject_name}推荐审批表.{extension}"


def form_context(nomination: Nomination) -> dict:
    """What the templates are given. Contacts are in it: whether the reader may, was asked before."""
    declared, edition = nomination.declaration, nomination.edition
    said = getattr(nomination, "recommendation", None)
    facts = facts_of(nomination.subject_name, declared)
    return {
        "title": f"{nomination.subject_name}推荐审批表",
        "edition": edition.title,
        "host": edition.host.name,
        "subject_title": subjects.title_of(edition),
        "subject": nomination.subject_name,
        "recommender": nomination.recommender.name,
        "mark": MARKS.get(nomination.state, ""),
        "sections": numbered([*_declared(nomination, facts), _evidence(nomination)]),
        "rank": nomination.rank,
        "opinion": documents.paragraphs(said.opinion) if said else [],
        "publicity": publicity_of(said),
        "footer": "　".join(
            (
                f"推荐编号 {nomination.pk}",
                f"申报内容第 {declared.version} 版",
                f"摘要 {in_fours(digest_of(facts, credit_code=nomination.enterprise.credit_code))}",
            )
        ),
        "written": declared.saved_at or nomination.created_at,
    }


def in_fours(digest: str) -> str:
    """The first sixteen characters of a digest, so that a person can compare a paper with the record."""
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))


def _declared(nomination: Nomination, facts: dict) -> list[Section]:
    """The form of the category, section by section; the credit code stands beside the name."""
    titles = {
        pk: f"{each.title}（已作废）" if each.voided_at else each.title
        for pk, each in standing_for(nomination.evidence.all()).items()
    }
    extra = [("统一社会信用代码", nomination.enterprise.credit_code)]
    if not subjects.is_enterprise(nomination.edition):
        extra.insert(0, ("所在企业", nomination.enterprise.name))
    sections = []
    for section in shape_of(nomination.edition).sections:
        sections.append(Section(section.title, blocks_of(section.fields, facts, titles, extra)))
        extra = ()
    return sections


def _evidence(nomination: Nomination) -> Section:
    with override("zh-hans"):
        rows = [
            [
                str(n),
                each.title,
                str(each.get_kind_display()),
                plain_day(timezone.localdate(each.uploaded_at)),
            ]
            for n, each in enumerate(nomination.evidence.current(), start=1)
        ]
    return Section("佐证目录", [Grid("", ["序号", "名称", "类型", "上传日期"], rows)])


def publicity_of(said) -> str:
    """The days of the recommender's own publicity; nothing where they are not known."""
    if said is None or not (said.publicity_from and said.publicity_to):
        return ""
    start, end = said.publicity_from, said.publicity_to
    until = plain_day(end).removeprefix(f"{start.year}年")
    return f"{plain_day(start)}至{until}"
