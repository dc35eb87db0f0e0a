"""Uploads are known by their content, pictures lose what they carry, private files go out as attachments."""

import hashlib
import io
import stat
import zipfile
import zlib
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.test import RequestFactory
from docx import Document
from openpyxl import Workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from portal import files
from portal.errors import Refused
from portal.files import PrivateStorage, clean_image, inspect, private_name, serve

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def picture(kind="JPEG", size=(64, 48), mode="RGB", colour=(200, 30, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def xlsx() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def with_macro(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/vbaProject.bin", b"macro")
    return out.getvalue()


def sentence(name: str, data: bytes, **options) -> str:
    with pytest.raises(Refused) as caught:
        inspect(SimpleUploadedFile(name, data), **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "mime", "extension"),
    [
        ("现场.jpg", picture(), "image/jpeg", "jpg"),
        ("现场.JPEG", picture(), "image/jpeg", "jpg"),
        ("图.png", picture("PNG"), "image/png", "png"),
        ("图.webp", picture("WEBP"), "image/webp", "webp"),
        ("证书 v1.2（盖章）.pdf", PDF, "application/pdf", "pdf"),
        (
            "3.说明.docx",
            docx(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
        ("表.xlsx", xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ],
)
def test_a_file_is_what_its_content_is(name, data, mime, extension):
    upload = SimpleUploadedFile(name, data, content_type="text/html")
    upload.read(5)
    kind = inspect(upload)
    assert (kind.mime, kind.extension, kind.size) == (mime, extension, len(data))
    assert kind.sha256 == hashlib.sha256(data).hexdigest()
    assert kind.is_image is mime.startswith("image/")
    assert upload.read() == data


AGAIN = "请用原来的软件重新导出后再上传。"
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le")
ACCEPTED = "只接受 JPG、PNG、WEBP、PDF、DOCX、XLSX 文件。"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("空.pdf", b"", "“空.pdf”是空文件，请重新选择。"),
        ("a.exe", b"MZ", f"“a.exe”不能上传：{ACCEPTED}"),
        ("无扩展名", PDF, f"“无扩展名”不能上传：{ACCEPTED}"),
        ("a.svg", b"<svg/>", f"“a.svg”不能上传：{ACCEPTED}"),
        ("照片.php.jpg", picture(), "“照片.php.jpg”带有两个扩展名，请改名后重新上传。"),
        ("报告.docx.pdf", PDF, "“报告.docx.pdf”带有两个扩展名，请改名后重新上传。"),
        ("报告.pdf", picture(), f"“报告.pdf”的扩展名与内容不符：内容是 JPG 文件。{AGAIN}"),
        ("报告.docx", xlsx(), f"“报告.docx”的扩展名与内容不符：内容是 XLSX 文件。{AGAIN}"),
        ("a.pdf", PDF[:30], "“a.pdf”已损坏或没有传完整，请确认能打开后重新上传。"),
        ("a.jpg", b"MZ\x90\x00" + bytes(40), "“a.jpg”是程序，不能上传。"),
        ("a.jpg", b"#!/bin/sh\n", "“a.jpg”是程序，不能上传。"),
        ("a.png", b"\xef\xbb\xbf <!DOCTYPE html>", "“a.png”是网页或矢量图（HTML、SVG），不能上传。"),
        ("a.png", b"<?xml version='1.0'?><svg/>", "“a.png”是网页或矢量图（HTML、SVG），不能上传。"),
        ("a.docx", OLE, "“a.docx”是旧版 Office 文件，请另存为 .docx 或 .xlsx 后再上传。"),
        ("a.docx", LOCKED, "“a.docx”设有打开密码，请取消密码后再上传。"),
        ("a.docx", with_macro(docx()), "“a.docx”带有宏，请另存为不带宏的文件后再上传。"),
        ("a.jpg", bytes(4) + b"ftypheic", "“a.jpg”是 HEIC 照片，请在手机或电脑上转成 JPG 后再上传。"),
        ("a.jpg", b"GIF89a", f"“a.jpg”不能上传：{ACCEPTED}"),
        ("a.jpg", picture()[:-200], "“a.jpg”已损坏或不是完整的图片，请确认能打开后重新上传。"),
        ("a.jpg", b"\xff\xd8\xff\xe0<script>", "“a.jpg”已损坏或不是完整的图片，请确认能打开后重新上传。"),
        ("a.png", picture("PNG")[:60], "“a.png”已损坏或不是完整的图片，请确认能打开后重新上传。"),
    ],
)
def test_what_may_not_come_in_is_refused_in_a_sentence(name, data, said):
    assert sentence(name, data) == said


def test_a_plain_zip_is_not_a_document():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.txt", "a")
    assert sentence("a.docx", out.getvalue()) == f"“a.docx”不能上传：{ACCEPTED}"


def test_a_truncated_document_and_a_bomb_are_refused():
    assert "已损坏或没有传完整" in sentence("a.docx", docx()[:-300])
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/a.xml", b"<a/>" + bytes(90 * 2**20))
    assert "解压后过大" in sentence("a.docx", out.getvalue())


def test_only_what_is_allowed_here_comes_in():
    assert sentence("a.pdf", PDF, allowed=files.IMAGES) == "“a.pdf”不能上传：只接受 JPG、PNG、WEBP 文件。"
    assert inspect(SimpleUploadedFile("a.pdf", PDF), allowed={"pdf"}).extension == "pdf"


def test_a_file_over_the_limit_is_refused():
    assert sentence("大.pdf", PDF + bytes(2**20), max_bytes=2**20) == "“大.pdf”超过 1 MB，请压缩后再上传。"
    assert inspect(SimpleUploadedFile("a.pdf", PDF), max_bytes=len(PDF)).size == len(PDF)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [6_000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(side):
    bomb = bytearray(picture("PNG"))
    bomb[16:24] = side.to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    said = "“a.png”像素太多，请缩小后再上传。"
    assert sentence("a.png", bytes(bomb)) == said
    with pytest.raises(Refused) as caught:
        clean_image(SimpleUploadedFile("a.png", bytes(bomb)))
    assert str(caught.value) == said


def test_a_folder_in_the_name_is_not_repeated_in_the_sentence():
    assert "etc" not in sentence("x/../../etc/a.exe", b"MZ")


# Pictures


def exif(orientation: int) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Maker（演示）"
    data.get_ifd(0x8825)[1] = "N"
    return data


def test_a_picture_loses_its_place_and_device_and_stands_upright():
    image = Image.new("RGB", (80, 40), (255, 255, 255))
    image.paste((255, 0, 0), (0, 0, 40, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif(6), quality=95, comment=b"secret comment")
    dirty = out.getvalue() + b"secret trailer"
    cleaned = clean_image(SimpleUploadedFile("现场.JPG", dirty))
    data = cleaned.read()
    assert b"Exif" not in data
    assert b"secret" not in data
    with Image.open(io.BytesIO(data)) as upright:
        assert upright.size == (40, 80)
        assert not upright.getexif()
        red, white = upright.getpixel((20, 10)), upright.getpixel((20, 70))
    assert red[0] > 200 > 60 > red[1]
    assert min(white) > 200
    assert cleaned.name == "现场.jpg"
    assert inspect(SimpleUploadedFile(cleaned.name, data)).extension == "jpg"


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        ("JPEG", "L", 90),
        ("JPEG", "CMYK", (0, 200, 200, 0)),
        ("PNG", "P", 3),
        ("PNG", "RGBA", (1, 2, 3, 4)),
        ("PNG", "1", 1),
        ("PNG", "I;16", 900),
        ("WEBP", "RGBA", (1, 2, 3, 200)),
    ],
)
def test_every_kind_of_picture_comes_out_as_it_went_in(kind, mode, colour):
    cleaned = clean_image(io.BytesIO(picture(kind, mode=mode, colour=colour)))
    with Image.open(cleaned) as image:
        assert (image.format, image.size) == (kind, (64, 48))
        assert ("A" in image.getbands()) is (mode == "RGBA")


def test_a_png_loses_its_text_and_its_exif():
    info = PngInfo()
    info.add_text("Author", "secret")
    data = clean_image(io.BytesIO(picture("PNG", pnginfo=info, exif=exif(1)))).read()
    assert b"secret" not in data
    assert b"eXIf" not in data


def test_a_large_picture_is_made_no_longer_than_a_screen_needs():
    with Image.open(clean_image(io.BytesIO(picture(size=(6000, 3000))))) as image:
        assert image.size == (4096, 2048)


def test_what_is_no_picture_is_refused():
    with pytest.raises(Refused, match="不是完整的图片"):
        clean_image(io.BytesIO(PDF))


# Storage and handing out


@pytest.fixture
def root(tmp_path, settings):
    settings.PRIVATE_ROOT = tmp_path / "private"
    settings.USE_X_ACCEL = False
    return settings.PRIVATE_ROOT


EVIDENCE = SimpleNamespace(_meta=SimpleNamespace(model_name="evidence"))


def test_a_stored_name_says_nothing_and_is_never_the_same():
    names = {private_name(EVIDENCE, "秘密/../现场.JPEG") for _ in range(100)}
    assert len(names) == 100
    for name in names:
        folder, shard, file = name.split("/")
        assert (folder, file[:2], file[32:], len(file)) == ("evidence", shard, ".jpg", 36)
    assert private_name(EVIDENCE, "a.php").count(".") == 0


def test_files_lie_under_the_private_root_closed_to_others(root):
    storage = PrivateStorage()
    name = storage.save(private_name(EVIDENCE, "a.pdf"), ContentFile(PDF))
    path = root / name
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o007 == 0
    assert not hasattr(FieldFile(None, FileField(storage=storage), name), "url")
    with pytest.raises(ValueError, match="no address"):
        storage.url(name)


def test_the_root_is_read_when_it_is_needed(root, settings, tmp_path):
    storage = PrivateStorage()
    settings.PRIVATE_ROOT = tmp_path / "elsewhere"
    storage.save("a/b.pdf", ContentFile(PDF))
    assert (tmp_path / "elsewhere" / "a" / "b.pdf").exists()
    assert storage.deconstruct() == ("portal.files.PrivateStorage", (), {})


def stored(name="evidence/ab/abc.pdf", content=PDF):
    storage = PrivateStorage()
    return SimpleNamespace(name=storage.save(name, ContentFile(content)), storage=storage)


REQUEST = RequestFactory().get("/")


@pytest.mark.django_db  # closing an answer looks after the connections too
def test_a_file_goes_out_as_an_attachment_that_can_do_nothing(root):
    answer = serve(REQUEST, stored(), "佐证 一.pdf")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('佐证 一.pdf')}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"
    answer.close()


def test_behind_nginx_the_server_sends_it(root, settings):
    settings.USE_X_ACCEL = True
    answer = serve(REQUEST, stored("evidence/ab/a b.pdf"), "a.pdf")
    assert answer.content == b""
    assert answer["X-Accel-Redirect"] == "/_private/evidence/ab/a%20b.pdf"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_file_that_is_gone_is_not_found(root):
    gone = stored()
    gone.storage.delete(gone.name)
    with pytest.raises(Http404):
        serve(REQUEST, gone, "a.pdf")
