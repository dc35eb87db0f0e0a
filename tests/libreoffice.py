"""Papers opened by LibreOffice, as an office without Word and Excel does."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="soffice (LibreOffice) is not installed")

#: What it says when all is well: one line for each paper, and that it found no Java, which none needs.
_WELL = re.compile(
    r"convert .+ (as a (Writer|Calc) document )?-> .+ using filter ?: \w+"
    r"|Warning: failed to launch javaldx - java may not function correctly"
)


def saved(data: bytes, folder: Path, kind: str = "xlsx") -> bytes:
    """The bytes LibreOffice makes of these; `folder` is empty and ours, its profile lives there too."""
    source, out = folder / "book.xlsx", folder / "out"
    source.write_bytes(data)
    _convert([source], kind, out, folder)
    return (out / f"book.{kind}").read_bytes()


@dataclass
class Opened:
    """A paper as LibreOffice shows it: its pages as text, and as pictures beside the PDF."""

    pdf: Path
    texts: list[str]
    pictures: list[Path]
    #: Glyphs no face has, and whatever stands outside of the page.
    faults: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(re.sub(r"\s", "", text) for text in self.texts)


def opened(papers: list[Path], folder: Path) -> tuple[dict[str, Opened], list[str]]:
    """Every paper by its file name, and the lines LibreOffice had to say beside those of success."""
    done = _convert(papers, "pdf", folder / "pdf", folder)
    lines = (done.stdout + done.stderr).decode().splitlines()
    warnings = [line for line in lines if line.strip() and not _WELL.fullmatch(line.strip())]
    return {paper.name: _look(folder / "pdf" / f"{paper.stem}.pdf") for paper in papers}, warnings


def _convert(papers, kind, out, folder):
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    return subprocess.run(
        [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out), *map(str, papers)],
        check=True,
        capture_output=True,
        timeout=600,
    )


def _look(pdf: Path) -> Opened:
    found = Opened(pdf, [], [])
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, start=1):
        text = page.get_textpage()
        found.texts.append(text.get_text_range())
        found.faults += _faults(page, text, number)
        picture = pdf.with_name(f"{pdf.stem}-{number}.png")
        page.render(scale=1.5).to_pil().save(picture)
        found.pictures.append(picture)
    document.close()
    return found


def _faults(page, text, number) -> list[str]:
    width, height = page.get_size()
    outside = sum(
        left < 0 or right > width or bottom < 0 or top > height
        for left, bottom, right, top in (text.get_rect(n) for n in range(text.count_rects()))
    )
    missing = sum(text.get_text_range().count(sign) for sign in "\ufffd\ufffe\u25a1")
    return [
        f"page {number}: {count} {what}"
        for count, what in ((outside, "lines reach out of the page"), (missing, "signs have no glyph"))
        if count
    ]
