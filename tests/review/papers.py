"""Files as a browser hands them in."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def pdf(name="依据.pdf", words="") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f"%PDF-1.4\n%{words}\n%%EOF".encode())


def picture(name="截图.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())
