"""Setting a notice down: the row, the list as it is published, the document and the text it says."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.urls import reverse

from awards import documents
from awards.documents.templates import sha256_of
from awards.models import Notice, NoticeRow
from awards.services.notice_papers import row_of
from nominations.models import Nomination
from portal.models import Membership, Role
from portal.notify import notify


def issue(notice: Notice, nominations: list[Nomination], *, earlier: Notice | None = None) -> Notice:
    """Keep this notice with its list and its document. The caller holds the locks and has asked.

    Raises `Refused` where the host's template cannot be filled; then nothing is kept.
    """
    rows = [
        {"position": position, **row_of(nomination)}
        for position, nomination in enumerate(nominations, start=1)
    ]
    host, kind = notice.edition.host, documents.template_of(notice)
    context = documents.notice_context(notice, rows, earlier=earlier)
    document = documents.compose(host, kind, context)
    notice.text = documents.text_of(document, context)
    notice.template_sha256 = sha256_of(host, kind)
    notice.full_clean()
    notice.document.save(documents.FILE_NAMES[kind], ContentFile(document), save=False)
    notice.save()
    NoticeRow.objects.bulk_create(
        NoticeRow(
            notice=notice,
            nomination=nomination,
            position=row["position"],
            name=row["name"],
            enterprise_name=row["enterprise"],
            recommender_name=row["recommender"],
            division_name=row["division"],
        )
        for nomination, row in zip(nominations, rows, strict=True)
    )
    return notice


def tell_recommenders(event: str, notice: Notice, nominations: list[Nomination], now: datetime) -> None:
    """The recommending union of each on the list, with the end of the period."""
    corrected = "更正后的" if notice.version > 1 else ""
    for nomination in nominations:
        words = f"{nomination.subject_name}已列入{corrected}公示，{documents.end_text(notice.ends_on)}截止"
        _tell(event, notice, nomination, words, now)


def tell_dropped(notice: Notice, nominations: list[Nomination], now: datetime) -> None:
    for nomination in nominations:
        words = f"{nomination.subject_name}已撤下公示：{notice.correction_reason}"
        _tell("awards.notice_corrected", notice, nomination, words, now)


def _tell(event, notice, nomination, subject, now):
    notify(
        event,
        Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user"),
        subject=subject,
        url=reverse("awards:notice", args=[notice.pk]),
        now=now,
        nomination=nomination,
    )
