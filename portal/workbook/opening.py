"""Opening a file somebody sent: looked at before anything parses it, refused in one sentence.

Nothing here trusts the file's name. A package (zip) is measured from its directory before a byte is unpacked,
and every part is run past expat before a library sees it: openpyxl reads some parts with lxml when that is
installed, which does not refuse a document type.
"""

import io
import re
import zipfile
from pathlib import Path
from xml.parsers import expat

from portal.errors import N_
from portal.workbook.problems import WorkbookRefused, refuse_file

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_ELEMENTS = 1_000_000  # 5000 rows of 60 columns have 600 000
MAX_STYLES = 8 * 1024 * 1024
MAX_PARTS = 2000
MAX_RATIO = 200  # a sheet of nothing but styled empty cells packs about 1:60
RATIO_FLOOR = 2 * 1024 * 1024  # a small part may pack as well as it likes

SAVE_AS = N_("请在 Excel 或 WPS 中打开它，另存为 .xlsx 后再上传")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TOO_LARGE = N_("文件解压后过大")
_TRIM = N_("请删除多余的空行、空列、图片和工作表，只保留填报内容后再上传")
_DAMAGED = N_("文件已损坏或没有传完整")

_OTHER_FILES = (
    (b"%PDF-", N_("这是 PDF 文件，不是 Excel 工作簿")),
    (b"\xff\xd8\xff", N_("这是图片，不是 Excel 工作簿")),
    (b"\x89PNG", N_("这是图片，不是 Excel 工作簿")),
    (b"GIF8", N_("这是图片，不是 Excel 工作簿")),
    (b"BM", N_("这是图片，不是 Excel 工作簿")),
    (b"Rar!", N_("这是压缩包，不是 Excel 工作簿")),
    (b"7z\xbc\xaf", N_("这是压缩包，不是 Excel 工作簿")),
    (b"\x1f\x8b", N_("这是压缩包，不是 Excel 工作簿")),
    (b"{\\rtf", N_("这是 RTF 文档，不是 Excel 工作簿")),
    (b"MZ", N_("这是程序，不是 Excel 工作簿")),
    (b"\x7fELF", N_("这是程序，不是 Excel 工作簿")),
)


def receive(file, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of an upload, a path, an open file or bytes; never more than the limit."""
    if isinstance(file, bytes):
        data = file[: max_bytes + 1]
    elif isinstance(file, (str, Path)):
        with Path(file).open("rb") as stream:
            data = stream.read(max_bytes + 1)
    else:
        if hasattr(file, "seek"):
            file.seek(0)
        data = file.read(max_bytes + 1)
    if not data:
        raise refuse_file(N_("文件是空的，里面什么也没有"), N_("请选择填好的 .xlsx 文件重新上传"))
    if len(data) > max_bytes:
        raise refuse_file(N_("文件超过 {limit} MB"), _TRIM, limit=max_bytes // (1024 * 1024) or 1)
    return data


def open_workbook(file, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a workbook that is safe to parse, or `WorkbookRefused`."""
    data = receive(file, max_bytes)
    if not data.startswith(b"PK"):
        raise _not_a_package(data)
    kind = package_kind(data)
    if kind != "xlsx":
        raise _wrong_package(kind)
    return data


def package_kind(data: bytes) -> str:
    """xlsx, docx, xlsm, docm, xlsb, pptx, ods or zip; refused when the package is unsafe to open."""
    # The directory itself may be a bomb: count its entries before zipfile makes an object of each.
    if data.count(b"PK\x01\x02") > MAX_PARTS:
        raise refuse_file(_TOO_LARGE, _TRIM)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _measure(package)
            _read_through(package)
            return _kind(package)
    except WorkbookRefused:
        raise
    except Exception as error:  # a hostile zip breaks zipfile in many ways; all mean the same to the person
        raise refuse_file(_DAMAGED, N_("请在 Excel 或 WPS 中打开确认无误，另存为 .xlsx 后再上传")) from error


def _measure(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if len({part.filename for part in parts}) != len(parts):
        raise refuse_file(_DAMAGED, SAVE_AS)
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise refuse_file(_TOO_LARGE, _TRIM)
    for part in parts:
        if part.flag_bits & 1:
            raise _locked()
        crammed = part.file_size > RATIO_FLOOR and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        if crammed or (part.filename.endswith("styles.xml") and part.file_size > MAX_STYLES):
            raise refuse_file(_TOO_LARGE, _TRIM)


class _Unsafe(Exception):
    """Raised inside expat, which hands it through."""


def _read_through(package: zipfile.ZipFile) -> None:
    """Run every part past expat, which keeps nothing: no document type, no more elements than offices fill.

    A library that builds a tree would need a gigabyte for two million empty cells in one row.
    """
    left = MAX_ELEMENTS
    for part in package.infolist():
        with package.open(part) as stream:
            try:
                left = _count_elements(stream, left)
            except _Unsafe as unsafe:
                raise unsafe.args[0] from None
            except expat.ExpatError:
                if part.filename.lower().endswith((".xml", ".rels")):
                    raise


def _count_elements(stream, left: int) -> int:
    def element(*_):
        nonlocal left
        left -= 1
        if left < 0:
            raise _Unsafe(refuse_file(_TOO_LARGE, _TRIM))

    def doctype(*_):
        raise _Unsafe(refuse_file(N_("文件里带有不安全的 XML 声明"), SAVE_AS))

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    while chunk := stream.read(65536):
        parser.Parse(chunk)
    parser.Parse(b"", True)
    return left


def _kind(package: zipfile.ZipFile) -> str:
    names = {part.filename for part in package.infolist()}
    if "[Content_Types].xml" not in names:
        if "mimetype" in names and package.read("mimetype")[:40].startswith(b"application/vnd.oasis"):
            return "ods"
        return "zip"
    types = package.read("[Content_Types].xml").decode("utf-8", "replace").lower()
    macros = "macroenabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names)
    if "sheet.binary" in types:
        return "xlsb"
    if (
        "spreadsheetml.sheet.main" in types
        or "spreadsheetml.template.main" in types
        or "ms-excel.sheet.macro" in types
    ):
        return "xlsm" if macros else "xlsx"
    if "wordprocessingml.document.main" in types or "ms-word.document.macro" in types:
        return "docm" if macros else "docx"
    if "presentationml" in types:
        return "pptx"
    return "zip"


def _wrong_package(kind: str) -> WorkbookRefused:
    if kind == "xlsm":
        return refuse_file(N_("工作簿带有宏"), N_("请在 Excel 或 WPS 中另存为不带宏的 .xlsx 后再上传"))
    if kind == "xlsb":
        return refuse_file(N_("这是二进制工作簿（.xlsb）"), SAVE_AS)
    if kind == "ods":
        return refuse_file(N_("这是 OpenDocument 文件"), SAVE_AS)
    if kind in ("docx", "docm"):
        return refuse_file(N_("这是 Word 文档，不是 Excel 工作簿"), N_("请上传 .xlsx 工作簿"))
    if kind == "pptx":
        return refuse_file(N_("这是演示文稿，不是 Excel 工作簿"), N_("请上传 .xlsx 工作簿"))
    return refuse_file(N_("这是压缩包，不是 Excel 工作簿"), N_("请解压后上传其中的 .xlsx 工作簿"))


def _locked() -> WorkbookRefused:
    return refuse_file(N_("文件设有打开密码"), N_("请在 Excel 或 WPS 中取消密码，另存为 .xlsx 后再上传"))


def is_locked_ole(data: bytes) -> bool:
    """Whether an OLE container is an encrypted Office package: its streams are named in UTF-16."""
    return "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data


def _not_a_package(data: bytes) -> WorkbookRefused:
    if data.startswith(_OLE):
        if is_locked_ole(data):
            return _locked()
        if "WordDocument".encode("utf-16-le") in data:
            return refuse_file(N_("这是 Word 文档，不是 Excel 工作簿"), N_("请上传 .xlsx 工作簿"))
        return refuse_file(N_("这是旧版 Excel 工作簿（.xls）或 WPS 表格（.et）"), SAVE_AS)
    if not data.strip(b"\0"):
        return refuse_file(_DAMAGED, N_("请重新复制一份后再上传"))
    for start, problem in _OTHER_FILES:
        if data.startswith(start):
            return refuse_file(problem, N_("请上传 .xlsx 工作簿"))
    head = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if re.match(rb"<\?xml[^>]*>\s*(<\?mso-application[^>]*>\s*)?<(\w+:)?workbook", head):
        return refuse_file(N_("这是 XML 表格，不是 .xlsx 工作簿"), SAVE_AS)
    if head.startswith(b"<"):
        return refuse_file(N_("这是网页文件，只是改了扩展名"), SAVE_AS)
    if b"\0" not in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refuse_file(N_("这是文本文件（如 CSV），不是 Excel 工作簿"), SAVE_AS)
    return refuse_file(N_("这不是 Excel 工作簿"), SAVE_AS)
