"""What the public asks the 名录 for: whatever comes in, it becomes a search of ordinary size."""

import unicodedata

from django.http import QueryDict

from awards.models import Honour
from awards.services.registry import Search

#: Of what is typed or called for: characters, words, and the last page there could be.
LONGEST, MOST_WORDS, LAST_PAGE = 60, 4, 2000
FIRST_YEAR, LAST_YEAR = 1950, 2100


def read_search(asked: QueryDict) -> tuple[Search, int]:
    """The search and the page. What makes no sense is passed over: an old link or a slip finds something."""
    level = _text(asked, "level")
    search = Search(
        words=tuple(_text(asked, "q").split()[:MOST_WORDS]),
        year=_number(asked, "year", FIRST_YEAR, LAST_YEAR),
        level=level if level in Honour.Level.values else "",
        district=_text(asked, "district"),
        industry=_text(asked, "industry"),
        category=_text(asked, "category"),
        standing=asked.get("standing") == "1",
    )
    return search, _number(asked, "page", 1, LAST_PAGE) or 1


def _text(asked, name) -> str:
    """One line of sound characters, its spaces single."""
    text = asked.get(name, "")[: LONGEST * 4]
    sound = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in text)
    return " ".join(sound.split())[:LONGEST].strip()


def _number(asked, name, least, most) -> int | None:
    text = asked.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return None
    return int(text) if least <= int(text) <= most else None
