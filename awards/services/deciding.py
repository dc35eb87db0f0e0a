"""命名决定: the decision a naming is made by, kept as it was issued."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from awards.documents import decisions
from awards.models import Decision, Honour
from nominations.models import Edition
from portal.documents import pdf
from portal.errors import Refused
from portal.models import Membership


def issue_decision(
    edition: Edition, honours: Sequence[Honour], *, number: str, minute: str, by: Membership, now: datetime
) -> Decision:
    """The row and the paper of a decision about these honours. The caller holds the lock of the edition."""
    if edition.decisions.filter(number=number).exists():
        raise Refused("本届已有文号为“{number}”的命名决定，请核对文号。", number=number or "（空）")
    decision = Decision(
        edition=edition,
        number=number,
        minute=minute,
        issued_on=timezone.localdate(now),
        text=decisions.decision_text(edition, honours, minute=minute),
        issued_at=now,
        issued_by=by,
    )
    # A rehearsal has no number: its paper does not hold one.
    decision.full_clean(exclude=["number"])
    decision.document.save(
        "命名决定.docx", ContentFile(decisions.decision_docx(decision, honours)), save=False
    )
    decision.save()
    return decision


def honours_by(decision: Decision):
    return decision.honours.select_related("enterprise", "nomination__recommender").order_by("pk")


def decision_pdf(decision: Decision) -> bytes:
    """The same paper as PDF. `Refused` where the machine sets none."""
    return pdf.render(decisions.PRINT, decisions.decision_context(decision, list(honours_by(decision))))
