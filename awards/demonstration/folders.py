"""The evidence of the demonstration: what an edition requires, and a picture or two, for each nomination."""

from datetime import datetime
from random import Random

from awards.demonstration import papers
from nominations.models import Evidence, Nomination
from nominations.services.evidence import attach_evidence
from portal.models import Membership

Kind = Evidence.Kind
#: What the demonstration's editions require, but for the city's of last year.
REQUIRED = [Kind.LICENCE.value, Kind.UNION.value, Kind.CONGRESS.value, Kind.PUBLICITY.value]
#: By kind: the title, the lines under name and code, and how many pages follow the first.
PAPERS = {
    Kind.LICENCE: ("营业执照（演示）", ("登记机关：演示市场监督管理局",), 0),
    Kind.UNION: ("工会法人资格证（演示）", ("发证机关：演示市总工会",), 0),
    Kind.CONGRESS: (
        "职代会记录（演示）",
        ("议题：职工创新成果奖励办法、职工教育经费使用情况", "表决：到会代表过半数同意，予以通过"),
        2,
    ),
    Kind.PUBLICITY: ("单位公示件（演示）", ("公示地点：厂区公告栏、企业网站", "公示五个工作日，无异议"), 0),
}
NO_FORCE = "本件为演示材料，不具有任何效力。"


def hand_over(nomination: Nomination, kinds: list[str], *, by: Membership, now: datetime) -> None:
    """A document of each kind, in the name of the enterprise."""
    who = [f"企业名称：{nomination.subject_name}", f"统一社会信用代码：{nomination.subject_key}"]
    for kind in kinds:
        title, lines, more = PAPERS[kind]
        file = papers.document(title, [*who, *lines, NO_FORCE], f"{title}.pdf", more=more)
        attach_evidence(nomination, kind=kind, title=title, file=file, by=by, now=now)


def show(nomination: Nomination, random: Random, *, by: Membership, now: datetime) -> None:
    """Pictures: of the studio, and of the certificate where something was certified."""
    common = {"by": by, "now": now}
    attach_evidence(
        nomination,
        kind=Kind.PHOTO,
        title="创新工作室照片（演示）",
        file=papers.photograph(random, nomination.subject_key, now),
        **common,
    )
    for name in nomination.declaration.recognitions[:1]:
        attach_evidence(
            nomination,
            kind=Kind.RECOGNITION,
            title="认定证书（演示）",
            about=name,
            file=papers.certificate(nomination.subject_key),
            **common,
        )
