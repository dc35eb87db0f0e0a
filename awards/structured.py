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
    """The standing ones of a page, with the full address of their enterprises' pages; `total` of the list."""
    standing = [(honour, page) for honour, page in honours if not honour.revoked_on]
    return listed(name, address, (thing(honour, page) for honour, page in standing), total=total)


def listed(name: str, address: str, things: Iterable[dict], *, total: int) -> dict:
    """Things in the order of the page."""
    return {
        "@type": "ItemList",
        "name": name,
        "url": address,
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": position, "item": each}
            for position, each in enumerate(things, start=1)
        ],
    }


def thing(honour: Honour, page: str) -> dict:
    kind, belongs = TYPES[Subject(honour.category.subject)]
    said = {"@type": kind, "name": honour.subject_name, "award": award(honour)}
    whose = {"@type": "Organization", "name": beside(honour)}
    if page:
        (whose if belongs else said)["url"] = page
    return {**said, belongs: whose} if belongs and whose["name"] else said


def enterprise(
    name: str,
    honours: Iterable[Honour],
    page: str,
    *,
    place: str = "",
    description: str = "",
    images: Iterable[str] = (),
) -> dict:
    """An enterprise with all it was named, what was revoked left out; `place` is its district."""
    said = {
        "@type": "Organization",
        "name": name,
        "url": page,
        "award": [award(honour) for honour in honours if not honour.revoked_on],
        "description": description,
        "image": list(images),
    }
    if place:
        said["address"] = {"@type": "PostalAddress", "addressLocality": place, "addressCountry": "CN"}
    return {key: value for key, value in said.items() if value}


def award(honour: Honour) -> str:
    return f"{titled(honour)} ({Honour.Level(honour.level).label})"


def titled(honour: Honour) -> str:
    """The title with its year, which most titles name themselves."""
    return honour.title if str(honour.year) in honour.title else f"{honour.year} {honour.title}"
