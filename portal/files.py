"""Files people hand in: known by their content, kept out of the web's reach, handed out after a question.

    kind = inspect(upload, allowed=EVIDENCE, max_bytes=20 * MB)      # raises Refused: one sentence
    evidence.file.save(upload.name, clean_image(upload) if kind.is_image else upload)
    return serve(request, evidence.file, evidence.original_name)     # the view has asked who may

In a model: `FileField(upload_to=private_name)`; `PrivateStorage` is the default storage.
"""

import hashlib
import io
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.http import FileResponse, Http404, HttpResponse
from django.utils.deconstruct import deconstructible
from PIL import Image, ImageOps

from portal.errors import N_, Refused
from portal.workbook.opening import is_locked_ole, package_kind
from portal.workbook.problems import WorkbookRefused
from portal.workbook.writing import disposition

MB = 1024 * 1024
IMAGES = frozenset({"jpg", "png", "webp"})
EVIDENCE = IMAGES | {"pdf", "docx", "xlsx"}

_OFFICE = "application/vnd.openxmlformats-officedocument."
MIME = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
}
_SAME = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}
_PILLOW = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
# Inside a name these make a second extension; “v1.2.pdf” or “3.附件.docx” do not.
_EXTENSION = re.compile(
    r"jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|heic|svgz?|pdf|do[ct][xm]?|xl[st][xmb]?|pp[st][xm]?|wps|et|dps|csv|txt|rtf"
    r"|[xs]?html?|xml|mht|m?js|vb[se]|wsf|hta|ph(p\d?|tml|ar)|aspx?|jspx?|cgi|py|pl|rb|b?a?sh|ps1"
    r"|exe|com|scr|bat|cmd|ms[ip]|dll|jar|apk|app|lnk|pif|reg|zip|rar|7z|gz|tar|iso"
)
MAX_JPEG_PIXELS = 89_000_000  # decoded at an eighth of the size, then at most LONGEST
MAX_PIXELS = 32_000_000
LONGEST = 4096

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"avif")


@dataclass(frozen=True)
class Kind:
    """What an upload is: by its content, never by its name."""

    mime: str
    extension: str
    sha256: str
    size: int

    @property
    def is_image(self) -> bool:
        return self.extension in IMAGES


def inspect(upload, *, allowed: Iterable[str] = EVIDENCE, max_bytes: int = 20 * MB) -> Kind:
    """What an upload (an open file with a name) is, or `Refused`. The file is left at its beginning."""
    allowed = set(allowed)
    data = _bytes_of(upload, max_bytes)
    extension = _extension(upload.name, allowed)
    found = _kind_of(data, upload.name, allowed)
    if found not in allowed:
        raise Refused(_NOT_ALLOWED, name=_short(upload.name), allowed=_listed(allowed))
    if found != extension:
        raise Refused(
            N_("“{name}”的扩展名与内容不符：内容是 {found} 文件。请用原来的软件重新导出后再上传。"),
            name=_short(upload.name),
            found=found.upper(),
        )
    if found in IMAGES:
        _look_through(data, found, upload.name)
    return Kind(MIME[found], found, hashlib.sha256(data).hexdigest(), len(data))


def clean_image(file, *, longest: int = LONGEST) -> ContentFile:
    """The picture alone, upright: no place, no time, no device, nothing after its end; no more pixels a side.

    `file` has passed `inspect`. Raises `Refused` when the picture cannot be read after all.
    """
    file.seek(0)
    name = getattr(file, "name", None) or "image"
    try:
        with Image.open(io.BytesIO(file.read()), formats=tuple(_PILLOW.values())) as image:
            _refuse_huge(image)
            kind = next((kind for kind, pillow in _PILLOW.items() if pillow == image.format), "jpg")
            image.draft("RGB", (longest, longest))  # a JPEG is decoded no larger than it will be kept
            picture = ImageOps.exif_transpose(image)
            picture.thumbnail((longest, longest))
            out = io.BytesIO()
            _plain(picture, kind).save(out, _PILLOW[kind], **({} if kind == "png" else {"quality": 90}))
    except Exception as error:
        raise _broken_image(error, name) from error
    finally:
        file.seek(0)
    return ContentFile(out.getvalue(), name=f"{PurePosixPath(name).stem}.{kind}")


_NOT_ALLOWED = N_("“{name}”不能上传：只接受 {allowed} 文件。")
_BROKEN = N_("“{name}”已损坏或没有传完整，请确认能打开后重新上传。")


def _bytes_of(upload, max_bytes: int) -> bytes:
    upload.seek(0)
    data = upload.read(max_bytes + 1)
    upload.seek(0)
    if not data:
        raise Refused(N_("“{name}”是空文件，请重新选择。"), name=_short(upload.name))
    if len(data) > max_bytes:
        raise Refused(
            N_("“{name}”超过 {limit} MB，请压缩后再上传。"),
            name=_short(upload.name),
            limit=max(1, max_bytes // MB),
        )
    return data


def _extension(name: str, allowed: set[str]) -> str:
    suffixes = [suffix.lstrip(".").strip().lower() for suffix in PurePosixPath(name).suffixes]
    last = _SAME.get(suffixes[-1], suffixes[-1]) if suffixes else ""
    if last not in allowed:
        raise Refused(_NOT_ALLOWED, name=_short(name), allowed=_listed(allowed))
    if any(_EXTENSION.fullmatch(suffix) for suffix in suffixes[:-1]):
        raise Refused(N_("“{name}”带有两个扩展名，请改名后重新上传。"), name=_short(name))
    return last


def _kind_of(data: bytes, name: str, allowed: set[str]) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-4096:]:
            raise Refused(_BROKEN, name=_short(name))
        return "pdf"
    if data.startswith(b"PK"):
        return _package(data, name)
    raise _unwanted(data, name, allowed)


def _package(data: bytes, name: str) -> str:
    try:
        kind = package_kind(data)
    except WorkbookRefused as refusal:
        raise Refused(N_("“{name}”不能上传：{why}"), name=_short(name), why=refusal.errors[0]) from refusal
    if kind in ("docm", "xlsm"):
        raise Refused(N_("“{name}”带有宏，请另存为不带宏的文件后再上传。"), name=_short(name))
    return kind


def _unwanted(data: bytes, name: str, allowed: set[str]) -> Refused:
    name = _short(name)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\0").lower()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if is_locked_ole(data):
            return Refused(N_("“{name}”设有打开密码，请取消密码后再上传。"), name=name)
        return Refused(N_("“{name}”是旧版 Office 文件，请另存为 .docx 或 .xlsx 后再上传。"), name=name)
    if data.startswith(_PROGRAMS):
        return Refused(N_("“{name}”是程序，不能上传。"), name=name)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return Refused(N_("“{name}”是 HEIC 照片，请在手机或电脑上转成 JPG 后再上传。"), name=name)
    if head.startswith(b"<"):
        return Refused(N_("“{name}”是网页或矢量图（HTML、SVG），不能上传。"), name=name)
    return Refused(_NOT_ALLOWED, name=name, allowed=_listed(allowed))


def _look_through(data: bytes, kind: str, name: str) -> None:
    """Decode the whole picture once: a truncated or forged one ends here."""
    try:
        with Image.open(io.BytesIO(data), formats=(_PILLOW[kind],)) as image:
            _refuse_huge(image)
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
    except Exception as error:
        raise _broken_image(error, name) from error


def _refuse_huge(image: Image.Image) -> None:
    limit = MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
    if image.width * image.height > limit:
        raise Image.DecompressionBombError


def _broken_image(error: Exception, name: str) -> Refused:
    """Decoders fail in many ways; to the person they mean two things."""
    if isinstance(error, Image.DecompressionBombError):
        return Refused(N_("“{name}”像素太多，请缩小后再上传。"), name=_short(name))
    return Refused(N_("“{name}”已损坏或不是完整的图片，请确认能打开后重新上传。"), name=_short(name))


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """The pixels in a new image that carries nothing else along."""
    if kind == "jpg":
        mode = "L" if picture.mode in ("L", "1") else "RGB"
    else:
        clear = "A" in picture.getbands() or "transparency" in picture.info
        mode = "RGBA" if clear else "RGB"
    plain = picture.convert(mode)
    plain.info = {}
    plain.getexif().clear()
    return plain


def _short(name: str) -> str:
    """The file's own name in a sentence, without a folder and not longer than a line."""
    name = "".join(c for c in PurePosixPath(name.replace("\\", "/")).name if c.isprintable())
    return name if len(name) <= 60 else f"{name[:40]}…{name[-15:]}"


def _listed(allowed: Iterable[str]) -> str:
    return "、".join(extension.upper() for extension in MIME if extension in allowed)


def private_name(instance, filename: str) -> str:
    """A name nobody can guess and that says nothing: model/ab/abcdef….pdf. Keep the given name in a field."""
    token = secrets.token_hex(16)
    extension = PurePosixPath(filename).suffix.lstrip(".").lower()
    extension = _SAME.get(extension, extension)
    ending = f".{extension}" if extension in MIME else ""
    return f"{instance._meta.model_name}/{token[:2]}/{token}{ending}"


class NoAddress(ValueError, AttributeError):
    """So that `hasattr(file, "url")`, which form widgets ask, is simply false."""


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Files under PRIVATE_ROOT, which no web server lists; they have no address, only `serve`."""

    def __init__(self):
        super().__init__(file_permissions_mode=0o640, directory_permissions_mode=0o750)

    @property
    def base_location(self) -> str:
        return str(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        return str(Path(self.base_location).absolute())

    def url(self, name):
        raise NoAddress("A private file has no address: hand it out with portal.files.serve")


def serve(request, fieldfile, filename: str) -> HttpResponse:
    """A stored file as a download. Who may have it was asked before.

    With USE_X_ACCEL nginx sends it, from an `internal` location (X_ACCEL_PREFIX, default /_private/) whose
    alias is PRIVATE_ROOT.
    """
    extension = PurePosixPath(fieldfile.name).suffix.lstrip(".")
    mime = MIME.get(extension, "application/octet-stream")
    if settings.USE_X_ACCEL:
        answer = HttpResponse(content_type=mime)
        prefix = getattr(settings, "X_ACCEL_PREFIX", "/_private/")
        answer.headers["X-Accel-Redirect"] = prefix + quote(fieldfile.name)
    else:
        try:
            answer = FileResponse(fieldfile.storage.open(fieldfile.name), content_type=mime)
        except FileNotFoundError:
            raise Http404 from None
    answer.headers["Content-Disposition"] = disposition(filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def show(data, mime: str) -> HttpResponse:
    """A picture inside a page: nothing but a picture to the browser. Who may have it was asked before.

    `data` is bytes or an open file that holds what we drew ourselves, never an upload as it came.
    """
    answer = HttpResponse(data, content_type=mime) if isinstance(data, bytes) else FileResponse(data)
    answer.headers["Content-Type"] = mime
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
