"""How the pages name what an edition selects: its name, whose it is, what the column is called, how many."""

from django import template
from django.utils.translation import gettext as _

from nominations import subjects

register = template.Library()


@register.inclusion_tag("components/subject.html")
def subject(thing) -> dict:
    """The name of a nomination or a naming; the enterprise beside it where that is not the subject."""
    return {"name": thing.subject_name, "whose": subjects.beside(thing)}


@register.filter
def whose(thing) -> str:
    """The enterprise of a nomination or a naming; empty where that is what is selected."""
    return subjects.beside(thing)


@register.filter
def full_name(thing) -> str:
    return subjects.full_name(thing)


@register.filter
def subject_kind(edition) -> str:
    """企业, 成果 …; 企业 where a page is of no edition."""
    return str(edition.category.get_subject_display() if edition else subjects.Subject.ENTERPRISE.label)


@register.filter
def subject_title(edition) -> str:
    """企业名称, 成果名称 …: over a column."""
    return _(subjects.title_of(edition))


@register.filter
def adding(edition) -> str:
    """推荐一家企业, 推荐一项成果 …: what the page is for."""
    return _(subjects.ADDING[subjects.Subject(edition.category.subject)])


@register.filter
def measured(number, edition) -> str:
    """12 家, 8 项 …"""
    return subjects.measured(edition, number)
