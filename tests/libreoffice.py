"""A workbook opened and saved again by LibreOffice, as an office without Excel does."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="soffice (LibreOffice) is not installed")


def saved(data: bytes, folder: Path, kind: str = "xlsx") -> bytes:
    """The bytes LibreOffice makes of these; `folder` is empty and ours, its profile lives there too."""
    source, out = folder / "book.xlsx", folder / "out"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    subprocess.run(
        [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return (out / f"book.{kind}").read_bytes()
