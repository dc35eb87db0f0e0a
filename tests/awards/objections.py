"""Objections for tests: somebody who objects, their papers, and the steps the office takes."""

import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from awards.services import handling, lodging
from tests import factories
from tests.awards.stage import PUBLISHING, at_rank, office_of, published

WHO = {"name": "演示反映人甲", "contact": "青岛市演示路9号 19911112222", "unit": "演示单位"}
DURING = PUBLISHING + timedelta(days=1)


def lodge(notice, rank=1, now=DURING, **given):
    answers = WHO | {"grounds": "演示事实和理由"} | given
    by = answers.pop("by", None) or factories.hat("public")
    return lodging.lodge_objection(notice, at_rank(notice.edition, rank), **answers, by=by, now=now)


def accepted(notice=None, now=DURING, **given):
    """One the office has accepted, and who handles it."""
    one = lodge(notice or published(), now=now, **given).objection
    office = office_of(one.notice.edition)
    return handling.accept_objection(one, by=office, now=now), office


def act(name, one, office, now=DURING):
    words = {"by": office, "now": now}
    outcome = {"public_outcome": "演示结果"}
    match name:
        case "accept":
            handling.accept_objection(one, **words)
        case "decline":
            handling.decline_objection(one, reason="没有证据或者线索", **outcome, **words)
        case "uphold":
            handling.decide_objection(one, upheld=True, decision="属实", **outcome, **words)
        case "dismiss":
            handling.decide_objection(one, upheld=False, decision="不属实", **outcome, **words)
        case "answer":
            handling.answer_objection(one, answer="演示答复", **words)


def picture(name="证据.jpg"):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue())


def pdf(name="说明.pdf", words=b"demo"):
    return SimpleUploadedFile(name, b"%PDF-1.4\n" + words + b"\n%%EOF")
