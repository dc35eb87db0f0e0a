"""A workbook handed in, and what it said, kept between the preview and its confirmation."""

from decimal import Decimal

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from review.services.scores import Scored

KEPT_FOR = 3600  # seconds between a preview and its confirmation


class UploadForm(ServiceForm):
    file = forms.FileField(
        label=_("Excel 文件"),
        help_text=_(".xlsx 格式，不超过 10 MB。整份文件一起导入，有一处错误就都不导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


def keep(rows: list, edition, hat) -> str:
    """What was read from a workbook, signed, to be carried from the preview to its confirmation."""
    return signing.dumps([_plain(row) for row in rows], salt=_salt(edition, hat), compress=True)


def kept_scores(token: str, edition, hat) -> list[Scored]:
    return [
        Scored(pk, recused, {code: Decimal(value) for code, value in points.items()}, comment)
        for pk, recused, points, comment in _kept(token, edition, hat)
    ]


def _kept(token, edition, hat):
    """Raises `signing.BadSignature` when the token is not of this edition and hat, or too old."""
    return signing.loads(token, salt=_salt(edition, hat), max_age=KEPT_FOR)


def _salt(edition, hat) -> str:
    return f"review.workbook.{edition.pk}.{hat.pk}"


def _plain(row: Scored) -> list:
    points = {code: str(value) for code, value in row.points.items()}
    return [row.assignment, row.recused, points, row.comment]
