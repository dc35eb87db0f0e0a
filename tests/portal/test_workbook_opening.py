"""Opening what somebody sent: one sentence for each thing that is not a workbook, nothing parsed before."""

import io
import struct
import time
import tracemalloc
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from portal.workbook import Column, WorkbookRefused, read
from portal.workbook.opening import MAX_PARTS, MAX_UNPACKED

COLUMNS = [Column("企业名称", "name", required=True), Column("职工人数", "staff", "integer")]
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "请在 Excel 或 WPS 中打开它，另存为 .xlsx 后再上传"


def good() -> bytes:
    made = Workbook()
    made.active.append(["企业名称", "职工人数"])
    made.active.append(["砺石（演示）公司", 289])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def rebuilt(data: bytes, replace=None, drop=(), method=zipfile.ZIP_DEFLATED, **extra) -> bytes:
    """The same package with parts replaced (by a function of their bytes), dropped or added."""
    replace = replace or {}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", method) as new:
        for part in old.infolist():
            if part.filename not in drop:
                content = old.read(part)
                new.writestr(part.filename, replace.get(part.filename, lambda same: same)(content))
        for name, content in extra.items():
            new.writestr(name, content)
    return out.getvalue()


def sentence(data, **options) -> str:
    with pytest.raises(WorkbookRefused) as caught:
        read(data, COLUMNS, **options).finish()
    assert len(caught.value.errors) == 1
    assert caught.value.errors[0].row is None
    return str(caught.value.errors[0])


def names(data) -> list:
    sheet = read(data, COLUMNS)
    sheet.finish()
    return [row["name"] for row in sheet]


@pytest.mark.parametrize("wrap", [bytes, io.BytesIO, lambda data: SimpleUploadedFile("推荐.xlsx", data)])
def test_bytes_files_and_uploads_are_read_alike(wrap):
    assert names(wrap(good())) == ["砺石（演示）公司"]


def test_a_path_is_read_too_and_a_file_from_its_beginning(tmp_path):
    path = tmp_path / "推荐.xlsx"
    path.write_bytes(good())
    assert names(path) == names(str(path)) == ["砺石（演示）公司"]
    stream = io.BytesIO(good())
    stream.read(100)
    assert names(stream) == ["砺石（演示）公司"]


def ole(*streams: str) -> bytes:
    return OLE + bytes(504) + b"".join(name.encode("utf-16-le") for name in streams)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的，里面什么也没有；请选择填好的 .xlsx 文件重新上传。"),
        (bytes(4000), "文件已损坏或没有传完整；请重新复制一份后再上传。"),
        (ole("Workbook"), f"这是旧版 Excel 工作簿（.xls）或 WPS 表格（.et）；{SAVE_AS}。"),
        (ole("WordDocument"), "这是 Word 文档，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (
            ole("EncryptionInfo", "EncryptedPackage"),
            "文件设有打开密码；请在 Excel 或 WPS 中取消密码，另存为 .xlsx 后再上传。",
        ),
        (b"%PDF-1.7\n1 0 obj", "这是 PDF 文件，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "这是图片，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "这是图片，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (b"Rar!\x1a\x07\x00" + bytes(20), "这是压缩包，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (b"MZ\x90\x00" + bytes(20), "这是程序，不是 Excel 工作簿；请上传 .xlsx 工作簿。"),
        (b"\r\n<html><table><tr><td>1", f"这是网页文件，只是改了扩展名；{SAVE_AS}。"),
        ("\ufeff<table><tr>".encode(), f"这是网页文件，只是改了扩展名；{SAVE_AS}。"),
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook>',
            f"这是 XML 表格，不是 .xlsx 工作簿；{SAVE_AS}。",
        ),
        (
            "企业名称,职工人数\r\n甲,3".encode("gb18030"),
            f"这是文本文件（如 CSV），不是 Excel 工作簿；{SAVE_AS}。",
        ),
        ("企业名称\t职工人数".encode("utf-16"), f"这是文本文件（如 CSV），不是 Excel 工作簿；{SAVE_AS}。"),
        (b"\x01\x02\x00\x03" * 50, f"这不是 Excel 工作簿；{SAVE_AS}。"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(data, said):
    assert sentence(data) == said


@pytest.mark.parametrize("kept", [4, 100, 0.5, 0.9, -1])
def test_a_truncated_workbook_is_damaged(kept):
    data = good()
    cut = data[: int(len(data) * kept)] if isinstance(kept, float) else data[:kept]
    assert sentence(cut).startswith("文件已损坏或没有传完整；")


def test_a_workbook_with_a_flipped_byte_is_refused():
    data = bytearray(good())
    start = data.index(SHEET.encode()) + len(SHEET) + 20
    data[start] ^= 0xFF
    assert "；请在 Excel 或 WPS 中打开" in sentence(bytes(data))


def test_a_file_over_the_limit_is_not_opened():
    assert sentence(good(), max_bytes=1000) == (
        "文件超过 1 MB；请删除多余的空行、空列、图片和工作表，只保留填报内容后再上传。"
    )


# Packages of another kind


def package(content_type: str, **parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/main.xml" ContentType="{content_type}"/></Types>',
        )
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        (f"{OFFICE}wordprocessingml.document.main+xml", "这是 Word 文档，不是 Excel 工作簿"),
        (f"{OFFICE}presentationml.presentation.main+xml", "这是演示文稿，不是 Excel 工作簿"),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "工作簿带有宏"),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "这是二进制工作簿（.xlsb）"),
        ("application/zip", "这是压缩包，不是 Excel 工作簿"),
    ],
)
def test_other_packages_are_called_by_their_names(content_type, said):
    assert sentence(package(content_type)).startswith(said + "；")


def test_an_opendocument_file_and_a_plain_zip_are_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert sentence(out.getvalue()) == f"这是 OpenDocument 文件；{SAVE_AS}。"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("推荐汇总表.xlsx", good())
    assert sentence(out.getvalue()).startswith("这是压缩包，不是 Excel 工作簿；请解压后上传")


def test_macros_are_refused_under_any_name():
    data = rebuilt(good(), **{"xl/vbaProject.bin": b"macro"})
    assert sentence(data) == "工作簿带有宏；请在 Excel 或 WPS 中另存为不带宏的 .xlsx 后再上传。"


# Hostile packages


BOMB = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>'


def with_doctype(xml: bytes) -> bytes:
    return BOMB + xml[xml.index(b"?>") + 2 :] if xml.startswith(b"<?xml") else BOMB + xml


@pytest.mark.parametrize(
    "part",
    [
        SHEET,
        "xl/workbook.xml",
        "xl/styles.xml",
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "docProps/core.xml",
    ],
)
def test_a_document_type_in_any_part_is_refused(part):
    assert sentence(rebuilt(good(), {part: with_doctype})) == f"文件里带有不安全的 XML 声明；{SAVE_AS}。"


def test_a_document_type_in_another_encoding_or_under_another_name_is_refused():
    def utf16(xml: bytes) -> bytes:
        text = (
            with_doctype(xml)
            .decode()
            .replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-16"?>')
        )
        return text.encode("utf-16")

    def ebcdic(xml: bytes) -> bytes:
        head = b'<?xml version="1.0" encoding="cp037"?>'
        return head + with_doctype(xml)[len(b'<?xml version="1.0"?>') :].decode().encode("cp037", "replace")

    assert "不安全的 XML 声明" in sentence(rebuilt(good(), {SHEET: utf16}))
    with pytest.raises(WorkbookRefused):
        read(rebuilt(good(), {SHEET: ebcdic}), COLUMNS)
    assert "不安全的 XML 声明" in sentence(rebuilt(good(), **{"xl/worksheets/sheet2.dat": BOMB + b"<a/>"}))


def test_more_cells_than_an_office_fills_are_refused_in_bounded_memory():
    row = '<row r="9">' + "<c><v>1</v></c>" * 600_000 + "</row></sheetData>"
    data = rebuilt(good(), {SHEET: lambda xml: xml.replace(b"</sheetData>", row.encode())})
    tracemalloc.start()
    before = time.perf_counter()
    assert sentence(data).startswith("文件解压后过大；")
    assert time.perf_counter() - before < 10
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_text_longer_than_a_cell_can_be_is_refused():
    def of_length(length: int) -> bytes:
        row = f'<row r="3"><c t="inlineStr"><is><t>{"x" * length}</t></is></c></row></sheetData>'
        return rebuilt(good(), {SHEET: lambda xml: xml.replace(b"</sheetData>", row.encode())})

    assert len(names(of_length(32_767))) == 2
    assert "无法读出" in sentence(of_length(32_768))


def test_more_merged_ranges_than_a_form_can_have_are_refused():
    merges = "</sheetData><mergeCells>" + '<mergeCell ref="A9:B9"/>' * 20_001 + "</mergeCells>"
    data = rebuilt(good(), {SHEET: lambda xml: xml.replace(b"</sheetData>", merges.encode())})
    assert "无法读出" in sentence(data)


def test_a_document_type_behind_a_long_prologue_is_refused():
    padded = b'<?xml version="1.0"?>' + b"<!-- pad -->" * 20_000 + BOMB[21:] + b"<worksheet/>"
    assert "不安全的 XML 声明" in sentence(rebuilt(good(), {SHEET: lambda _: padded}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(MAX_UNPACKED // 2**20 + 10):
            part.write(bytes(2**20))
    tracemalloc.start()
    before = time.perf_counter()
    assert sentence(out.getvalue()).startswith("文件解压后过大；")
    assert time.perf_counter() - before < 1
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_a_part_that_packs_too_well_is_refused():
    assert sentence(rebuilt(good(), {"xl/theme/theme1.xml": lambda _: b"<a/>" + b" " * 2**23})).startswith(
        "文件解压后过大；"
    )


def test_a_package_of_too_many_parts_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(MAX_PARTS + 1):
            made.writestr(f"{number}.xml", "<a/>")
    assert sentence(out.getvalue()).startswith("文件解压后过大；")


def test_a_part_that_stands_twice_is_refused():
    out = io.BytesIO(good())
    with zipfile.ZipFile(out, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr(SHEET, "<worksheet/>")
    assert sentence(out.getvalue()).startswith("文件已损坏或没有传完整；")


def test_a_locked_zip_entry_is_a_password():
    data = bytearray(good())
    place = data.index(b"PK\x01\x02")
    data[place + 8 : place + 10] = struct.pack("<H", 1)
    assert sentence(bytes(data)).startswith("文件设有打开密码；")


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_package_without_one_of_its_parts_is_refused_in_a_sentence(part):
    assert "；请" in sentence(rebuilt(good(), drop=[part]))


def test_a_workbook_without_styles_is_still_a_workbook():
    assert names(rebuilt(good(), drop=["xl/styles.xml"])) == ["砺石（演示）公司"]


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<worksheet",
        f"<worksheet xmlns='{MAIN}'><sheetData><row r='x'/></sheetData></worksheet>",
        f"<worksheet xmlns='{MAIN}'><sheetData><row><c><v>one</v></c></row></sheetData></worksheet>",
        f"<worksheet xmlns='{MAIN}'><sheetData><row><c r='?'><v>1</v></c></row></sheetData></worksheet>",
        f"<worksheet xmlns='{MAIN}'><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>",
        f"<worksheet xmlns='{MAIN}'>{'<a>' * 3000}",
    ],
)
def test_a_broken_sheet_is_refused_in_a_sentence(xml):
    assert "；请" in sentence(rebuilt(good(), {SHEET: lambda _: xml.encode()}))


def test_a_workbook_as_excel_itself_writes_it_is_read():
    """Shared strings, in runs and with a reading above them; a shared formula beside; no references."""
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>企业名称</t></si><si><t>职工人数</t></si>'
        "<si><r><t>砺石</t></r><r><rPr><b/></rPr><t>（演示）公司</t></r>"
        "<rPh sb='0' eb='1'><t>lishi</t></rPh></si></sst>"
    )
    sheet = (
        f'<worksheet xmlns="{MAIN}"><cols><col min="1" max="16384" width="9"/></cols><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2"><c t="s"><v>2</v></c><c><v>289</v></c>'
        '<c r="C2"><f t="shared" ref="C2:C9" si="0">B2*2</f><v>578</v></c></row>'
        "</sheetData></worksheet>"
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"

    def listed(xml: bytes) -> bytes:
        entry = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
        return xml if kind.encode() in xml else xml.replace(b"</Types>", entry.encode())

    data = rebuilt(
        good(),
        {SHEET: lambda _: sheet.encode(), "[Content_Types].xml": listed},
        drop=["xl/sharedStrings.xml"],
        **{"xl/sharedStrings.xml": strings.encode()},
    )
    row = read(data, COLUMNS).rows[0]
    assert row.values == {"name": "砺石（演示）公司", "staff": 289}


def test_a_sheet_that_claims_to_be_endless_costs_nothing():
    def endless(xml: bytes) -> bytes:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return xml.replace(b"A1:B2", b"A1:XFD1048576").replace(b"</sheetData>", far)

    before = time.perf_counter()
    assert names(rebuilt(good(), {SHEET: endless})) == ["砺石（演示）公司"]
    assert time.perf_counter() - before < 1


# What breaks other readers and must not break this one


def test_odd_properties_links_and_names_do_no_harm():
    def names_that_lead_nowhere(xml: bytes) -> bytes:
        odd = (
            b'<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">#REF!</definedName>'
            b'<definedName name="x">[1]Sheet1!$A$1</definedName></definedNames><calcPr'
        )
        return xml.replace(b"<calcPr", odd, 1)

    def odd_conditions(xml: bytes) -> bytes:
        return xml.replace(
            b"</sheetData>", b'</sheetData><conditionalFormatting sqref="?"><cfRule/></conditionalFormatting>'
        )

    data = rebuilt(
        good(),
        {
            "xl/workbook.xml": names_that_lead_nowhere,
            SHEET: odd_conditions,
            "docProps/core.xml": lambda xml: xml.replace(b"Z</dcterms:created>", b"lately</dcterms:created>"),
        },
        **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"},
    )
    assert names(data) == ["砺石（演示）公司"]
