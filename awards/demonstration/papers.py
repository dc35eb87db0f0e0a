"""Papers and pictures of the demonstration: small, generated, plainly not real ones."""

import io
from datetime import datetime
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import ExifTags, Image, ImageDraw, ImageFont

SIZE = (960, 640)


def document(title: str, lines: list[str], name: str = "演示材料.pdf", *, more: int = 0) -> ContentFile:
    """A PDF of Chinese text, set in the reader's own Song face: nothing is embedded. `more` pages follow."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (7 + 2 * page) for page in range(more + 1)), more + 1),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /W [1 95 500] >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page in range(more + 1):
        head = title if not page else f"{title}（第 {page + 1} 页）"
        stream = _page(head, lines)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R /F2 6 0 R >> >> >>" % (8 + 2 * page),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    return ContentFile(_pdf(objects), name=name)


def _page(title: str, lines: list[str]) -> bytes:
    text = [f"BT /F1 20 Tf 72 760 Td <{_hex(title)}> Tj ET"]
    for number, line in enumerate(lines):
        text.append(f"BT /F1 12 Tf 72 {720 - 22 * number} Td <{_hex(line)}> Tj ET")
    # In Latin letters too, for a reader that knows no Chinese face.
    text.append("BT /F2 12 Tf 72 72 Td (DEMO ONLY - NOT A REAL DOCUMENT) Tj ET")
    return "\n".join(text).encode()


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex()


def _pdf(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def photograph(random: Random, caption: str, taken_at: datetime) -> ContentFile:
    """A drawn workshop: hall, windows, machines. `caption` is in Latin letters; the clock is the camera's."""
    image = Image.new("RGB", SIZE, (226, 230, 233))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 420, *SIZE), fill=_shade(random, 150))
    for left in range(40, 900, 150):
        pen.rectangle((left, 60, left + 110, 200), fill=(196, 216, 232), outline=(120, 130, 140), width=4)
    for left in range(60, 860, 200):
        height = random.randint(90, 190)
        shade = _shade(random, 110)
        pen.rectangle((left, 500 - height, left + 140, 500), fill=shade, outline=(60, 66, 72), width=3)
        pen.ellipse((left + 45, 520 - height, left + 95, 570 - height), fill=(235, 238, 240))
        pen.rectangle((left + 10, 470, left + 130, 480), fill=(180, 40, 40))
    pen.rectangle((0, 590, *SIZE), fill=(32, 36, 40))
    pen.text((24, 600), f"DEMO  {caption}", fill=(255, 255, 255), font=ImageFont.load_default(24))
    exif = Image.Exif()
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = f"{timezone.localtime(taken_at):%Y:%m:%d %H:%M:%S}"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, exif=exif)
    return ContentFile(out.getvalue(), name="考察照片.jpg")


def certificate(caption: str) -> ContentFile:
    """A drawn certificate that certifies nothing. `caption` is in Latin letters."""
    image = Image.new("RGB", (720, 510), (250, 246, 232))
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 696, 486), outline=(150, 110, 40), width=6)
    pen.ellipse((560, 350, 650, 440), outline=(180, 40, 40), width=6)
    for top, text, size in ((120, "CERTIFICATE", 48), (220, caption, 28), (300, "DEMO ONLY - NOT VALID", 28)):
        pen.text((360, top), text, fill=(70, 60, 40), font=ImageFont.load_default(size), anchor="ma")
    out = io.BytesIO()
    image.save(out, "PNG")
    return ContentFile(out.getvalue(), name="认定证书.png")


def _shade(random: Random, base: int) -> tuple[int, int, int]:
    return tuple(base + random.randint(-25, 25) for _channel in range(3))
