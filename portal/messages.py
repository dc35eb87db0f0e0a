"""The catalogues: what is to be translated is collected from the code and compiled, without outside tools.

The msgid is the Chinese sentence itself, so Chinese needs no catalogue; English has one, and it is complete.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "en"
CATALOGUE = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ROOMS = ("portal", "nominations", "review", "voting", "awards")
#: Whatever marks a sentence: gettext by its names, and our own words for one that is translated when shown.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "N_": None,
    "Refused": None,
    "sentence": None,
    "Difference": None,
    "refuse_file": None,
}

_TEXT = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
#: What is left of a template once everything but its sentences is blanked out.
CALL = re.compile(rf"\b(?P<name>n?p?gettext)\((?P<words>{_TEXT}(?:\s*,\s*{_TEXT})*)", re.DOTALL)


def found(root: Path) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """(file, msgid, context) of every sentence marked in Python and in templates."""
    for room in ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            if "migrations" not in file.parts:
                yield from _marked(root, file, file.read_bytes())
    for file in sorted((root / "templates").rglob("*")):
        if file.suffix in {".html", ".txt"}:
            calls = CALL.finditer(templatize(file.read_text(encoding="utf-8"), origin=str(file)))
            source = "\n".join(f"{call['name']}({call['words']})" for call in calls)
            yield from _marked(root, file, source.encode())


def _marked(root, file, source):
    for _line, message, _comments, context in extract(
        "python", BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        message = message[0] if isinstance(message, tuple) and len(message) == 1 else message
        if message and message != "" and _chinese(message):
            yield str(file.relative_to(root)), message, context


def _chinese(message) -> bool:
    text = message if isinstance(message, str) else "".join(part for part in message if part)
    return any("\u3001" <= sign <= "\u9fff" for sign in text)


def read_catalogue(root: Path) -> Catalog:
    path = root / CATALOGUE
    if not path.is_file():
        return Catalog(locale=LANGUAGE, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def collect(root: Path) -> Catalog:
    """The catalogue with every sentence of today, keeping the translations it has."""
    before = read_catalogue(root)
    fresh = Catalog(locale=LANGUAGE, project="xuanshu", version="", copyright_holder="", fuzzy=False)
    fresh.header_comment = "# English sentences of the portal; the msgid is the Chinese one."
    # A date that changed with every run would be a change in every commit.
    fresh.creation_date = fresh.revision_date = EPOCH
    for file, message, context in found(root):
        known = before.get(message if isinstance(message, str) else message[0], context)
        fresh.add(
            message,
            known.string if known and known.string else None,
            locations=[(file, None)],
            context=context,
            flags=_flags(message),
        )
    return fresh


def _flags(message) -> list[str]:
    text = message if isinstance(message, str) else message[0]
    return ["python-format"] if "%(" in text else []


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences English still lacks."""
    return [_first(message.id) for message in catalogue if message.id and not _whole(message.string)]


def misplaced(catalogue: Catalog) -> list[str]:
    """Translations that do not fill the same places as their sentence does."""
    return [
        _first(message.id)
        for message in catalogue
        if message.id
        and _whole(message.string)
        and any(_places(text) != _places(_first(message.id)) for text in _texts(message.string))
    ]


def _texts(string) -> list[str]:
    return [string] if isinstance(string, str) else [part for part in string or () if part]


def _first(id) -> str:
    return id if isinstance(id, str) else id[0]


def _whole(string) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string)


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))


def save(root: Path, catalogue: Catalog) -> None:
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, sort_output=True, width=0, ignore_obsolete=True)


def compile_catalogue(root: Path) -> Path:
    """Write the .mo file Django reads, where the .po is newer."""
    source, target = root / CATALOGUE, (root / CATALOGUE).with_suffix(".mo")
    if source.is_file() and (not target.exists() or target.stat().st_mtime <= source.stat().st_mtime):
        with target.open("wb") as file:
            write_mo(file, read_catalogue(root))
    return target


def root() -> Path:
    return Path(settings.BASE_DIR)
