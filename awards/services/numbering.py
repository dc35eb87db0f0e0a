"""The numbers of honours, and the signs a certificate is verified by."""

import secrets

from awards.models import Honour
from nominations.models import Edition
from portal.models import Organisation


def honour_numbers(edition: Edition, count: int) -> list[str]:
    """2026-QYCX-01 for the city; a union below it has its own code in between. The host's row is locked."""
    parts = [str(edition.year), edition.category.code.upper()]
    if edition.host.kind != Organisation.Kind.CITY:
        parts.append(edition.host.division_code or edition.host.code)
    stem = "-".join(parts)
    taken = [
        int(tail)
        for number in Honour.objects.filter(number__startswith=f"{stem}-").values_list("number", flat=True)
        if (tail := number.removeprefix(f"{stem}-")).isdigit()
    ]
    first = max(taken, default=0) + 1
    return [f"{stem}-{number:02d}" for number in range(first, first + count)]


def new_token() -> str:
    """128 bits, so that no certificate can be found by trying."""
    return secrets.token_hex(16)
