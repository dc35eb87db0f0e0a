from django import template

from portal.documents import pdf

register = template.Library()


@register.simple_tag
def sets_pdf() -> bool:
    """`{% sets_pdf as pdf %}`: whether this machine can answer with a PDF."""
    return pdf.available()
