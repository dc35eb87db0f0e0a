"""The letters before a visit: to the enterprise, and to its union. What their templates are given."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from nominations import subjects
from portal.documents import plain_day

PLACES = (
    ("number", _("文号")),
    ("enterprise", _("企业名称")),
    ("about", _("列入名单的成果等，写成“的”加名称；列入的是企业的，为空")),
    ("edition", _("届次名称")),
    ("basis", _("依据的文件")),
    ("team", _("考察组名称")),
    ("lines", _("时间、地点、考察组等，每行有 label、value")),
    ("papers", _("请备好原件的材料，没有时为空")),
    ("contact", _("联系方式，每行有 label、value")),
    ("host", _("主办单位")),
    ("issued", _("制发日期")),
)


def example() -> dict:
    return {
        "number": "考察〔2026〕1号",  # noqa: RUF001
        "enterprise": "演示甲科技有限公司",
        "about": "",
        "edition": "演示年度全员创新企业",
        "basis": "《演示评选意见》（演示文号）",
        "team": "第1考察组",
        "lines": [
            {"label": "考察时间", "value": "2026年6月30日（周二）上午"},
            {"label": "考察地点", "value": "演示区演示路1号"},
            {"label": "考察组", "value": "组长演示甲，成员演示乙、演示丙"},
        ],
        "papers": "营业执照、职代会记录",
        "contact": [{"label": "联系电话", "value": "0532-00000000"}],
        "host": "演示市总工会",
        "issued": "2026年6月24日",
    }


def series(year: int) -> str:
    """委员会决定: how the numbers of a host's letters begin in a year, to enterprises and unions alike."""
    return f"考察〔{year}〕"  # noqa: RUF001


def letter_context(
    visit, *, number: str, basis: str, when: str, place: str, papers: Sequence[str], issued: date
) -> dict:
    """What the template is given; the names are those that stand on the visit."""
    edition = visit.nomination.edition
    people = f"组长{visit.leader_name}"
    if visit.member_names:
        people += f"，成员{visit.member_names}"
    return {
        "number": number,
        "enterprise": subjects.beside(visit.nomination) or visit.nomination.subject_name,
        "about": subjects.of_it(visit.nomination),
        "edition": edition.title,
        "basis": basis,
        "team": visit.team.name,
        "lines": [
            {"label": label, "value": value}
            for label, value in (("考察时间", when), ("考察地点", place), ("考察组", people))
            if value
        ],
        "papers": "、".join(papers),
        "contact": [
            {"label": label, "value": value}
            for label, value in (
                ("联系地址", edition.contact_address),
                ("联系电话", edition.contact_phone),
                ("电子邮箱", edition.contact_mail),
            )
            if value
        ],
        "host": edition.host.name,
        "issued": plain_day(issued),
    }
