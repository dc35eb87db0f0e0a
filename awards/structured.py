"""What a page says of the named to machines: schema.org, as a data block in the page."""

import json
from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from awards.models import Honour
from nominations.models import Category
from nominations.subjects import beside

Subject = Category.Subject

#: What a subject is there, and the property by which it belongs to its enterprise.
TYPES = {
    Subject.ENTERPRISE: ("Organization", ""),
    Subject.PERSON: ("Person", "affiliation"),
    Subject.STUDIO: ("Organization", "parentOrganization"),
    Subject.TEAM: ("Organization", "parentOrganization"),
    Subject.RESULT: ("CreativeWork", "creator"),
}
# Nothing in a name ends the block or opens another.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def data_block(data: dict) -> SafeString:
    """The data as the inside of a <script type="application/ld+json">, which no browser runs."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))


def item_list(name: str, address: str, honours: Iterable[tuple[Honour, str]], *, total: int) -> dict:
    """The standing ones of a page, each with the full address of its enterprise's page."""
    standing = [(honour, page) for honour, page in honours if not honour.revoked_on]
    return {
        "@type": "ItemList",
        "name": name,
        "url": address,
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": position, "item": thing(honour, page)}
            for position, (honour, page) in enumerate(standing, start=1)
        ],
    }


def thing(honour: Honour, page: str) -> dict:
    kind, belongs = TYPES[Subject(honour.category.subject)]
    said = {"@type": kind, "name": honour.subject_name, "award": award(honour)}
    whose = {"@type": "Organization", "name": beside(honour)}
    if page:
        (whose if belongs else said)["url"] = page
    return {**said, belongs: whose} if belongs and whose["name"] else said


def award(honour: Honour) -> str:
    return f"{honour.year} {honour.title} ({honour.get_level_display()})"
