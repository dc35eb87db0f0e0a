"""证书: what is handed to the named, and what anybody may verify by the sign on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from awards.documents import certificates
from awards.models import Honour
from nominations import subjects
from nominations.models import Edition
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


def certificate_docx(honour: Honour, *, address: str, by: Membership) -> bytes:
    """The certificate of one; `address` is the page that verifies it, in full."""
    require(by, "awards.issue_paper", honour)
    _refuse(honour)
    return certificates.certificate_docx(honour, address)


def certificate_pdf(honour: Honour, *, address: str, by: Membership) -> bytes:
    require(by, "awards.issue_paper", honour)
    _refuse(honour)
    return certificates.certificates_pdf([(honour, address)])


def certificates_of(edition: Edition, *, address: Callable[[Honour], str], by: Membership) -> bytes:
    """All of an edition that stand, a page each, to be printed together."""
    require(by, "awards.issue_paper", edition)
    honours = list(
        Honour.objects.filter(nomination__edition=edition, revoked_on__isnull=True)
        .select_related("enterprise", "host", "category")
        .order_by("number")
    )
    if not honours:
        raise Refused("本届没有可以制发的证书。")
    return certificates.certificates_pdf([(honour, address(honour)) for honour in honours])


@dataclass(frozen=True)
class Verified:
    """What the public page says: nothing of a person, nothing of the money."""

    name: str
    # Whose it is, where that is not the enterprise itself.
    enterprise: str
    title: str
    number: str
    year: int
    level: str
    host: str
    named_on: date
    certificate: bool
    revoked_on: date | None
    revoked_reason: str


def verify(token: str) -> Verified | None:
    """The honour a certificate stands for; None where there is none, or none that is public."""
    token = token.strip().lower()
    if not (token.isascii() and token.isalnum()):
        return None
    rows = Honour.objects.public().filter(token=token).select_related("enterprise", "host")
    honour = rows.first()
    if honour is None:
        return None
    return Verified(
        name=honour.subject_name,
        enterprise=subjects.beside(honour),
        title=honour.title,
        number=honour.number,
        year=honour.year,
        level=str(honour.get_level_display()),
        host=honour.named_by_words,
        named_on=honour.named_on,
        certificate=honour.certificate,
        revoked_on=honour.revoked_on,
        revoked_reason=honour.revoked_reason,
    )


def _refuse(honour):
    if honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不能制发证书。", name=honour.subject_name)
