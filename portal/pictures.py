"""Small pictures of what was uploaded, and the pages of a PDF as pictures.

    evidence.thumbnail.save("a.webp", thumbnail(evidence.file))      # an image that `clean_image` made
    pages_of(evidence.file)                                          # 0: this PDF cannot be drawn
    page_of(evidence.file, 1, longest=PAGE)                          # WEBP, or None

A page is drawn by `page_child.py` in a process of its own, bounded in size, time and memory, and kept under
PRIVATE_ROOT/pages; all of that may be deleted at any time.
"""

import io
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from PIL import Image


def _bytes_of(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return out.getvalue()


THUMBNAIL = 360
PAGE = 1600
LARGE = 2400
SIZES = (THUMBNAIL, PAGE, LARGE)
#: Of a longer document the rest is read after downloading it.
MAX_PAGES = 60
SECONDS = 10
MEGABYTES = 1024

#: A picture of one clear pixel, where there is nothing to show.
NOTHING = _bytes_of(Image.new("RGBA", (1, 1), (0, 0, 0, 0)))
_CHILD = Path(__file__).with_name("page_child.py")
# PDFium takes a core each; the other requests of this process want to live too.
_turn = threading.BoundedSemaphore(2)


def thumbnail(image) -> ContentFile:
    """A picture of at most 360 pixels of an image that has passed `clean_image`, as WEBP."""
    image.seek(0)
    with Image.open(image) as picture:
        picture.draft("RGB", (THUMBNAIL, THUMBNAIL))
        small = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    image.seek(0)
    return ContentFile(_bytes_of(small), name="thumbnail.webp")


def pages_of(file: FieldFile) -> int:
    """How many pages of a PDF can be shown; 0 for one that cannot be drawn (damaged, locked)."""
    kept = _place(file, "count")
    if not kept.exists():
        drawn = _draw(file, 0, THUMBNAIL)
        if drawn is None:
            return 0
        _keep(kept, drawn.partition(b"\n")[0] or b"0")
    return min(int(kept.read_bytes()), MAX_PAGES)


def page_of(file: FieldFile, number: int, *, longest: int = PAGE) -> bytes | None:
    """One page of a PDF, counted from 1, as WEBP; `longest`, one of SIZES, is its longer side in pixels."""
    if longest not in SIZES or not 1 <= number <= MAX_PAGES:
        return None
    kept = _place(file, f"{number}-{longest}.webp")
    if not kept.exists():
        drawn = _draw(file, number, longest)
        if drawn is None:
            return None
        _keep(kept, drawn.partition(b"\n")[2])
    return kept.read_bytes() or None


def _draw(file: FieldFile, number: int, longest: int) -> bytes | None:
    """What the child says: nothing for a file it fails on, None where time ran out and one may ask again."""
    with _turn:
        try:
            with file.storage.open(file.name) as source:
                child = subprocess.run(
                    [sys.executable, "-I", _CHILD, *map(str, (number, longest, SECONDS, MEGABYTES))],
                    input=source.read(),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    timeout=2 * SECONDS,
                    env={},
                )
        except (subprocess.TimeoutExpired, FileNotFoundError):
            return None
    return child.stdout if child.returncode == 0 else b""


def _place(file: FieldFile, ending: str) -> Path:
    # The name was drawn by lot (`files.private_name`): two files never share it.
    token = PurePosixPath(file.name).stem
    return Path(settings.PRIVATE_ROOT) / "pages" / token[:2] / f"{token}-{ending}"


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{threading.get_ident()}")
    fresh.write_bytes(data)
    fresh.chmod(0o640)
    fresh.replace(place)
