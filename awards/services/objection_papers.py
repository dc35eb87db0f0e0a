"""The papers of an objection: checked by content, kept encrypted with their names, opened in memory only."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.base import ContentFile

from awards import sealed
from awards.models import Objection, ObjectionPaper
from portal import files
from portal.errors import Refused

#: 委员会决定: so many papers with one objection; together as much as the web server lets through at once.
MOST = 10
MOST_BYTES = 24 * files.MB


def checked(papers: Sequence, letter=None) -> list[tuple[str, bytes, bool]]:
    """Of everything that came its name, its content, and whether it is the letter under seal.

    Pictures lose what they tell of place and device. `Refused` before anything is kept.
    """
    uploads = [*((paper, False) for paper in papers), *([(letter, True)] if letter else [])]
    if len(uploads) > MOST:
        raise Refused("最多上传 {most} 份材料，请合并后再提交。", most=MOST)
    kept = []
    for upload, is_letter in uploads:
        kind = files.inspect(upload)
        source = files.clean_image(upload) if kind.is_image else upload
        source.seek(0)
        kept.append((PurePosixPath(upload.name).name[:200], source.read(), is_letter))
    if sum(len(data) for _name, data, _letter in kept) > MOST_BYTES:
        raise Refused("材料合计超过 {limit} MB，请压缩后再提交。", limit=MOST_BYTES // files.MB)
    return kept


def keep(objection: Objection, papers: list[tuple[str, bytes, bool]], *, now: datetime) -> None:
    for name, data, is_letter in papers:
        paper = ObjectionPaper(
            objection=objection,
            name_sealed=sealed.seal_bytes(name.encode()),
            seal_letter=is_letter,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            uploaded_at=now,
        )
        # A plain file under its own name would say both what it is and who sent it.
        paper.file.save("paper", ContentFile(sealed.seal_bytes(data)), save=False)
        paper.save()


def opened(paper: ObjectionPaper) -> tuple[str, bytes]:
    """Its name and content in the clear. Who may have them was asked before."""
    with paper.file.open("rb") as stored:
        data = sealed.unseal_bytes(stored.read())
    if hashlib.sha256(data).hexdigest() != paper.sha256:
        raise Refused("这份材料与提交时不一致，请联系系统管理员。")
    return sealed.unseal_bytes(paper.name_sealed).decode(), data
