"""The official papers of publicity and naming, composed from rows; `portal.documents` sets them."""

from datetime import date

from django.utils import timezone

from awards.documents.templates import built_in, compose, template_for
from nominations.states import StepKind
from portal import documents
from portal.clauses import S1

__all__ = [
    "built_in",
    "compose",
    "day_text",
    "notice_subject",
    "notice_text",
    "notice_title",
    "render_notice",
    "template_for",
]

WEEKDAYS = "一二三四五六日"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def notice_subject(kind: str) -> str:
    return "递补名单公示" if kind == "replacement" else "拟命名名单公示"


def notice_title(edition, kind: str) -> str:
    return f"{edition.title}{notice_subject(kind)}"


def notice_text(notice, preview) -> str:
    """The notice in paragraphs: basis and procedure, period, how to object."""
    edition = notice.edition
    steps = "、".join(
        str(StepKind(step.kind).label)
        for step in edition.steps.all()
        if step.enabled and step.kind != StepKind.PUBLICITY
    )
    decided = f"，经委员会会议研究（{notice.minute}）" if notice.minute else ""
    opening = (
        f"根据{S1}，本届评选依次开展了{steps}{decided}，"
        + ("递补" if notice.kind == "replacement" else "拟命名")
        + f"下列{len(preview.rows)}家企业为“{edition.title}”，现予公示，接受社会监督。"
    )
    published = timezone.localdate(notice.published_at)
    period = (
        f"本公示于{day_text(published)}发布，公示期为{preview.workdays}个工作日，发布当日不计入，"
        f"自{day_text(preview.starts_on)}起，至{day_text(preview.ends_on)}24时止。"
    )
    how = (
        "对公示名单有异议的，请在公示期内实名提出，写明事实和理由，并附证据或者线索。"
        "个人提出的，签署真实姓名；单位提出的，加盖单位公章；均须留下联系地址和电话。"
        "匿名或者逾期提出的，不予受理。异议人的信息只由经办人员查看，依法保密。"
    )
    return "\n".join((opening, period, how))


def render_notice(notice, rows: list[dict]) -> bytes:
    """公示公告.docx of a notice; a row has position, name, recommender and division."""
    edition = notice.edition
    opening, period, how = notice.text.split("\n")[:3]
    contact = [
        (label, value)
        for label, value in (
            ("联系地址", edition.contact_address),
            ("联系电话", edition.contact_phone),
            ("电子邮箱", edition.contact_mail),
        )
        if value
    ]
    context = {
        "title": notice.title,
        "edition": edition.title,
        "subject": notice_subject(notice.kind),
        "opening": opening,
        "period": period,
        "how": how,
        "rows": rows,
        "contact": contact or [("受理单位", f"{edition.host.name}办公室")],
        "host": edition.host.name,
        "published": documents.plain_day(timezone.localdate(notice.published_at)),
    }
    return documents.render("awards", "notice.docx", context)
