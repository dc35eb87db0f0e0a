"""The documents whose template the office may replace: what each is called and what may stand in it.

A document of your own kind: `<kind>.docx` in this folder, one `Kind` below, and where it is made
`compose(host, "<kind>", context)`. `example` is a context of made-up data; an uploaded template is tried
with it before it is taken into use.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """`places`: what may stand in the template, each with a word of what it is."""

    code: str
    name: str | Promise
    places: tuple[tuple[str, str | Promise], ...]
    example: Callable[[], dict]


#: A list is written `{%tr for row in rows %}` … `{%tr endfor %}` in a table; the places of a row are `row.…`.
NOTICE_PLACES = (
    ("edition", _("届次名称")),
    ("title", _("公示标题")),
    ("subject", _("公示事项，例如“拟命名名单公示”")),
    ("basis", _("依据的文件")),
    ("procedure", _("本届已开展的环节")),
    ("minute", _("会议纪要文号，没有时为空")),
    ("count", _("名单上的企业数")),
    ("published", _("发布日期")),
    ("workdays", _("公示期的工作日数")),
    ("starts", _("公示期第一天")),
    ("ends", _("公示期截止时间")),
    ("rows", _("名单，每行有 position、name、recommender、division")),
    ("contact", _("联系方式，每行有 label、value")),
    ("host", _("主办单位")),
)


def _notice() -> dict:
    return {
        "edition": "演示年度全员创新企业",
        "title": "演示年度全员创新企业拟命名名单公示",
        "subject": "拟命名名单公示",
        "basis": "《演示评选意见》（演示文号）",
        "procedure": "推荐、资格审查、专家评审、公众投票、差额考察",
        "minute": "演示纪要2026-3号",
        "count": 2,
        "published": "2026年9月24日（周四）",
        "workdays": 5,
        "starts": "2026年9月28日（周一）",
        "ends": "2026年10月9日（周五）24:00",
        "rows": [
            {
                "position": 1,
                "name": "演示甲科技有限公司",
                "recommender": "演示区总工会",
                "division": "演示区",
            },
            {
                "position": 2,
                "name": "演示乙制造有限公司",
                "recommender": "演示市总工会",
                "division": "演示市",
            },
        ],
        "contact": [
            {"label": "联系地址", "value": "演示路1号"},
            {"label": "联系电话", "value": "0532-00000000"},
        ],
        "host": "演示市总工会",
        "reason": "企业名称登记有误",
        "earlier": "2026年9月21日（周一）",
        "changes": ["撤下：演示丙集团有限公司"],
        "restarted": "更正改变了公示名单，公示期重新计算。",
    }


KINDS = {
    kind.code: kind
    for kind in (
        Kind("notice", _("公示公告"), NOTICE_PLACES, _notice),
        Kind("replacement", _("递补公示公告"), NOTICE_PLACES, _notice),
        Kind(
            "correction",
            _("更正公示公告"),
            (
                *NOTICE_PLACES,
                ("reason", _("更正理由")),
                ("earlier", _("原公示的发布日期")),
                ("changes", _("更正内容，每行一句")),
                ("restarted", _("公示期是否重新计算，一句话")),
            ),
            _notice,
        ),
    )
}
