"""Which docx a document is made from: the one the host has put in use, else ours."""

import hashlib
from pathlib import Path

from awards.models import PaperTemplate
from portal import documents

FOLDER = Path(__file__).parent


def template_for(host, kind: str) -> bytes:
    """The docx of a kind (`visit_letter` …): the host's own, else `<kind>.docx` beside this file."""
    own = PaperTemplate.objects.filter(host=host, kind=kind, active=True).first()
    if own is None:
        return built_in(kind)
    with own.file.open("rb") as stored:
        return stored.read()


def built_in(kind: str) -> bytes:
    return (FOLDER / f"{kind}.docx").read_bytes()


def sha256_of(host, kind: str) -> str:
    return hashlib.sha256(template_for(host, kind)).hexdigest()


def compose(host, kind: str, context: dict) -> bytes:
    """A document of this kind. Raises `Refused` where the host's template cannot be filled.

    Strict: a place that nothing fills is a fault of the template, never a gap in what is published.
    """
    return documents.fill(template_for(host, kind), context, name=f"{kind}.docx", strict=True)
