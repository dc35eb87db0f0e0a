"""Papers that prove a payment: receipts and vouchers, known by their content and kept with their digest."""

import hashlib
from dataclasses import dataclass
from typing import Any

from portal import files
from portal.errors import Refused

MOST = 20


@dataclass(frozen=True)
class Paper:
    """What is kept of an upload: its content, the name it came with, the digest of what is kept."""

    content: Any
    name: str
    sha256: str


def read_paper(upload) -> Paper:
    """An upload looked through; a picture loses what a camera hides in it."""
    kind = files.inspect(upload)
    if not kind.is_image:
        return Paper(upload, upload.name[:200], kind.sha256)
    content = files.clean_image(upload)
    return Paper(content, upload.name[:200], hashlib.sha256(content.read()).hexdigest())


def read_receipt(upload, number: str) -> Paper:
    """The one paper of a payment, with its number."""
    if not number.strip():
        raise Refused("请填写回执号。")
    if not upload:
        raise Refused("请上传回执的扫描件，PDF 或图片。")
    return read_paper(upload)


def read_vouchers(uploads, number: str) -> list[Paper]:
    """The papers of an expense: at least one, no more than twenty, none twice."""
    if not number.strip():
        raise Refused("请填写凭证号。")
    if not uploads:
        raise Refused("请上传凭证：发票、合同或签收单的扫描件，至少一份。")
    if len(uploads) > MOST:
        raise Refused("一笔支出最多上传 {most} 份凭证，请合并后再传。", most=MOST)
    papers = [read_paper(upload) for upload in uploads]
    if len({paper.sha256 for paper in papers}) < len(papers):
        raise Refused("有两份凭证内容相同，请去掉重复的一份。")
    return papers
