"""The numbers of honours, and the signs a certificate is verified by."""

import itertools
import re
import secrets

from awards.models import Honour
from nominations.models import Category, Edition
from portal.models import Organisation

#: Opens the numbers of an edition that is not published.
REHEARSED = "演练"


def honour_numbers(edition: Edition, count: int) -> list[str]:
    """2026-QYCX-01 for the city; a union below it has its own code in between. The host's row is locked.

    They go on from those named here; a rehearsal has a series of its own.
    """
    parts = [str(edition.year), edition.category.code.upper()]
    if edition.host.kind != Organisation.Kind.CITY:
        parts.append(edition.host.division_code or edition.host.code)
    if not edition.published:
        parts = [REHEARSED, str(edition.pk), *parts]
    stem = "-".join(parts)
    rows = list(Honour.objects.filter(number__startswith=f"{stem}-").values_list("number", "nomination"))
    there = {number for number, _nomination in rows}
    own = [
        int(tail)
        for number, nomination in rows
        if nomination and (tail := number.removeprefix(f"{stem}-")).isdigit()
    ]
    following = (f"{stem}-{number:02d}" for number in itertools.count(max(own, default=0) + 1))
    return list(itertools.islice((number for number in following if number not in there), count))


def series() -> re.Pattern:
    """What the beginnings of the numbers drawn here look like: nobody enters such a one by hand."""
    codes = "|".join(re.escape(code) for code in Category.objects.values_list("code", flat=True))
    return re.compile(rf"(\d{{4}}-({codes})|{REHEARSED})-", re.IGNORECASE)


def new_token() -> str:
    """128 bits, so that no certificate can be found by trying."""
    return secrets.token_hex(16)
