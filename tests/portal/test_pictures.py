"""Small pictures and pages: drawn apart, bounded, kept, and made of nothing the camera wrote."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from awards.demonstration import papers
from portal import pictures
from portal.files import PrivateStorage, clean_image, inspect, private_name
from portal.pictures import LARGE, PAGE, THUMBNAIL, page_of, pages_of, thumbnail

EVIDENCE = SimpleNamespace(_meta=SimpleNamespace(model_name="evidence"))


def stored(data: bytes, name="a.pdf"):
    storage = PrivateStorage()
    kept = storage.save(private_name(EVIDENCE, name), ContentFile(data))
    return SimpleNamespace(name=kept, storage=storage)


def paper(more=0) -> bytes:
    return papers.document("职代会记录（演示）", ["演示"], more=more).read()


def size_of(data: bytes) -> tuple[str, int]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.format, max(image.size)


def photograph(kind: str) -> bytes:
    """Red left, white right, lying on its side, with all that a phone writes into it."""
    image = Image.new("RGB", (80, 40), (255, 255, 255))
    image.paste((255, 0, 0), (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-MAKER"
    exif[0x0132] = "2026:05:01 SECRET-TIME"
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 4.0, 1.0), 3: "E", 4: (120.0, 23.0, 1.0)})
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 SECRET-TIME"
    more = {"xmp": b"<x:xmpmeta>SECRET-XMP</x:xmpmeta>"} if kind != "PNG" else {}
    if kind == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SECRET-XMP</x:xmpmeta>", zip=False)
        text.add_text("Location", "SECRET-PLACE")
        more = {"pnginfo": text}
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_nothing_the_camera_wrote_is_kept_and_the_picture_stands_upright(kind, name):
    dirty = photograph(kind)
    assert b"SECRET-XMP" in dirty and b"SECRET-MAKER" in dirty
    upload = SimpleUploadedFile(name, dirty)
    assert inspect(upload).is_image
    cleaned = clean_image(upload)
    for data in (cleaned.read(), thumbnail(cleaned).read()):
        assert b"SECRET" not in data
        assert not any(
            word in data for word in (b"Exif", b"eXIf", b"EXIF", b"iTXt", b"tEXt", b"XMP ", b"GPS")
        )
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (40, 80)
            assert not image.getexif() and "xmp" not in image.info
            red, white = image.convert("RGB").getpixel((20, 10)), image.convert("RGB").getpixel((20, 70))
        assert red[0] > 200 > 60 > red[1] and min(white) > 200


@pytest.mark.parametrize(
    ("size", "small"), [((4000, 1000), (360, 90)), ((300, 900), (120, 360)), ((9, 7), (9, 7))]
)
def test_a_small_picture_is_at_most_360_and_never_blown_up(size, small):
    image = io.BytesIO()
    Image.new("RGBA", size, (1, 2, 3, 100)).save(image, "PNG")
    with Image.open(thumbnail(image)) as made:
        assert (made.format, made.size, made.mode) == ("WEBP", small, "RGBA")


def test_the_pages_of_a_document():
    file = stored(paper(more=2))
    assert pages_of(file) == 3
    for longest in (THUMBNAIL, PAGE, LARGE):
        assert size_of(page_of(file, 3, longest=longest)) == ("WEBP", longest)
    assert page_of(file, 1) != page_of(file, 2)
    assert page_of(file, 4) is None
    assert page_of(file, 0) is None and page_of(file, pictures.MAX_PAGES + 1) is None
    assert page_of(file, 1, longest=50_000) is None


def test_a_page_is_drawn_once_and_kept_closed_to_others(settings):
    file = stored(paper())
    first = page_of(file, 1)
    file.storage.delete(file.name)
    assert page_of(file, 1) == first
    [kept] = (settings.PRIVATE_ROOT / "pages").rglob("*.webp")
    assert kept.stat().st_mode & 0o007 == 0 and kept.parent.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\nnothing at all\n%%EOF\n",
        paper()[:300] + b"\n%%EOF",
    ],
    ids=["empty", "cut"],
)
def test_a_broken_document_is_none_of_ours(data):
    file = stored(data)
    assert pages_of(file) == 0
    assert page_of(file, 1) is None


def test_a_page_that_cannot_be_drawn_is_not_there():
    file = stored(paper().replace(b"/Kids [7 0 R]", b"/Kids [2 0 R]"))
    assert pages_of(file) == 1
    assert page_of(file, 1) is None


def test_only_so_many_pages_are_shown():
    assert pages_of(stored(paper(more=pictures.MAX_PAGES + 4))) == pictures.MAX_PAGES


def test_a_document_that_needs_too_much_is_given_up(monkeypatch):
    """A page of ten metres a side is drawn no larger than asked; without memory nothing is drawn at all."""
    huge = paper().replace(b"[0 0 595 842]", b"[0 0 28346 28346]")
    assert size_of(page_of(stored(huge), 1)) == ("WEBP", PAGE)
    monkeypatch.setattr(pictures, "MEGABYTES", 20)
    assert pages_of(stored(paper())) == 0


def test_a_file_that_is_gone_may_be_asked_for_again():
    file = stored(paper())
    data = file.storage.open(file.name).read()
    file.storage.delete(file.name)
    assert pages_of(file) == 0
    file.storage.save(file.name, ContentFile(data))
    assert pages_of(file) == 1
