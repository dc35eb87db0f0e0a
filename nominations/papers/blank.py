"""The form of a category as paper with nothing filled in: to look at, or to be filled in by hand."""

from nominations import subjects
from nominations.declaration import shape_from
from nominations.models import Category
from nominations.papers.answers import blocks_of
from nominations.papers.form import PRINT
from nominations.papers.layout import Section, numbered
from portal.documents import pdf


def blank_page(category: Category) -> str:
    """The page to print from the browser, as text."""
    return pdf.html(PRINT, blank_context(category))


def blank_context(category: Category) -> dict:
    """What the template is given; what a nomination would say is left empty."""
    extra = [("统一社会信用代码", "")]
    if category.subject != Category.Subject.ENTERPRISE:
        extra.insert(0, ("所在企业", ""))
    sections = []
    for section in shape_from(category.form).sections:
        sections.append(Section(section.title, blocks_of(section.fields, {}, {}, extra)))
        extra = ()
    return {
        "title": f"{category.name}推荐审批表（空白）",
        "edition": category.name,
        "subject_title": subjects.title_in(category),
        "sections": numbered(sections),
    }
