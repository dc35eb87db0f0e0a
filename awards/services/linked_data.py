"""What a public page says of namings to machines: schema.org, as JSON-LD.

A block of data is never run, so the policy against inline scripts does not concern it; `block` sees to it
that nothing in the data can end the block.
"""

import json
from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from awards.models import Honour

CONTEXT = "https://schema.org"
# The same three that Django's json_script escapes, and the two that end a line in old readers.
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def block(data: dict) -> SafeString:
    """The element of a page's head; nothing in it can close it."""
    text = json.dumps({"@context": CONTEXT} | data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(f'<script type="application/ld+json">{text.translate(_ESCAPED)}</script>')


def organisation(
    name: str,
    honours: Iterable[Honour],
    *,
    url: str,
    place: str = "",
    description: str = "",
    images: Iterable[str] = (),
) -> dict:
    """An enterprise with what it was named; a naming that was revoked is no award."""
    data = {
        "@type": "Organization",
        "name": name,
        "url": url,
        "award": [award(honour) for honour in honours if not honour.revoked_on],
        "description": description,
        "image": list(images),
    }
    if place:
        data["address"] = {"@type": "PostalAddress", "addressLocality": place, "addressCountry": "CN"}
    return {key: value for key, value in data.items() if value}


def award(honour: Honour) -> str:
    return _("{year}年 {level}“{title}”").format(
        year=honour.year, level=honour.get_level_display(), title=honour.title
    )


def items(things: Iterable[dict], *, name: str, url: str, total: int | None = None) -> dict:
    """A list of such things in the order of the page."""
    found = {
        "@type": "ItemList",
        "name": name,
        "url": url,
        "itemListElement": [
            {"@type": "ListItem", "position": number, "item": thing}
            for number, thing in enumerate(things, start=1)
        ],
    }
    return found if total is None else found | {"numberOfItems": total}
