"""The official papers of the last two steps, composed from rows; `portal.documents` sets them."""

from awards.documents.notices import (
    FILE_NAMES,
    around_list,
    day_text,
    end_text,
    listed,
    notice_context,
    notice_subject,
    notice_title,
    template_of,
    text_of,
)
from awards.documents.templates import built_in, compose, template_for

__all__ = [
    "FILE_NAMES",
    "around_list",
    "built_in",
    "compose",
    "day_text",
    "end_text",
    "listed",
    "notice_context",
    "notice_subject",
    "notice_title",
    "template_for",
    "template_of",
    "text_of",
]
