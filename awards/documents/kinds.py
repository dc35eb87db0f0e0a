"""The documents whose template the office may replace: what each is called and what may stand in it.

A document of your own kind: `<kind>.docx` in this folder, one `Kind` below, and where it is made
`compose(host, "<kind>", context)`. `example` is a context of made-up data; an uploaded template is tried
with it before it is taken into use.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awards.documents import visit_letters, visit_reports


@dataclass(frozen=True)
class Kind:
    """`places`: what may stand in the template, each with a word of what it is; `needs`: what must."""

    code: str
    name: str | Promise
    places: tuple[tuple[str, str | Promise], ...]
    example: Callable[[], dict]
    needs: tuple[str, ...] = ()

    def shown(self, place: str) -> list:
        """What the example puts in this place: of a list, the names."""
        value = self.example()[place]
        return [row["name"] for row in value] if isinstance(value, list) else [value]


#: A list is written `{%tr for row in rows %}` … `{%tr endfor %}` in a table; the places of a row are `row.…`.
NOTICE_PLACES = (
    ("edition", _("届次名称")),
    ("title", _("公示标题")),
    ("subject", _("公示事项，例如“拟命名名单公示”")),
    ("basis", _("依据的文件")),
    ("procedure", _("本届已开展的环节")),
    ("minute", _("会议纪要文号，没有时为空")),
    ("count", _("名单上的家数，只有数字")),
    ("counted", _("名单上有多少，例如“2家企业”或“8项成果”")),
    ("named", _("名单中名称一栏的标题")),
    ("published", _("发布日期，带星期")),
    ("day", _("发布日期，用于落款")),
    ("workdays", _("公示期的工作日数")),
    ("starts", _("公示期第一天")),
    ("ends", _("公示期截止时间")),
    (
        "rows",
        _("名单，每行有 position、name、enterprise、recommender、division；不是企业的，注明所在企业"),
    ),
    ("contact", _("联系方式，每行有 label、value")),
    ("host", _("主办单位")),
)
#: Without the list, the end and the edition a notice is none.
NOTICE_NEEDS = ("rows", "ends", "edition")
#: Whom it is about and what was concluded.
REPORT_NEEDS = ("name", "conclusion")


def _notice() -> dict:
    return {
        "edition": "演示年度全员创新企业",
        "title": "演示年度全员创新企业拟命名名单公示",
        "subject": "拟命名名单公示",
        "basis": "《演示评选意见》（演示文号）",
        "procedure": "推荐、资格审查、专家评审、公众投票、差额考察",
        "minute": "演示纪要2026-3号",
        "count": 2,
        "counted": "2家企业",
        "named": "企业名称",
        "published": "2026年9月24日（周四）",
        "day": "2026年9月24日",
        "workdays": 5,
        "starts": "2026年9月28日（周一）",
        "ends": "2026年10月9日（周五）24:00",
        "rows": [
            {
                "position": 1,
                "name": "演示甲科技有限公司",
                "enterprise": "",
                "recommender": "演示区总工会",
                "division": "演示区",
            },
            {
                "position": 2,
                "name": "演示乙制造有限公司",
                "enterprise": "",
                "recommender": "演示市总工会",
                "division": "演示市",
            },
        ],
        "contact": [
            {"label": "联系地址", "value": "演示路1号"},
            {"label": "联系电话", "value": "0532-00000000"},
        ],
        "host": "演示市总工会",
    }


def _correction() -> dict:
    return {
        **_notice(),
        "title": "演示年度全员创新企业拟命名名单公示（更正）",
        "reason": "演示丙集团有限公司自愿退出",
        "earlier": "2026年9月21日（周一）",
        "changes": ["撤下：演示丙集团有限公司", "列入：演示乙制造有限公司"],
        "restarted": True,
    }


def _decision() -> dict:
    return {
        "title": "关于命名演示年度全员创新企业的决定",
        "host": "演示市总工会",
        "number": "演示工发2026-10号",
        "paragraphs": ["决定命名下列2家企业为“演示年度全员创新企业”。"],
        "named": "企业名称",
        "rows": [
            {
                "position": 1,
                "number": "2026-QYCX-01",
                "name": "演示甲科技有限公司",
                "recommender": "演示区总工会",
            },
            {
                "position": 2,
                "number": "2026-QYCX-02",
                "name": "演示乙制造有限公司",
                "recommender": "演示市总工会",
            },
        ],
        "day": "2026年10月10日",
    }


def _certificate() -> dict:
    return {
        "heading": "证书",
        "name": "演示甲科技有限公司",
        "paragraphs": ["命名你单位为“演示年度全员创新企业”。", "特发此证。"],
        "number": "2026-QYCX-01",
        "host": "演示市总工会",
        "day": "2026年10月10日",
        "address": "https://example.org/awards/verify/0123456789abcdef/",
        "qr": "[二维码]",
    }


LETTER_PLACES = (
    ("title", _("标题")),
    ("number", _("受理编号")),
    ("subject", _("被异议企业")),
    ("about", _("被异议的成果等，写成“的”加名称；是企业的，为空")),
    ("notice", _("公示标题")),
    ("outcome", _("办理结果")),
    ("contact", _("联系方式，没有时为空")),
    ("host", _("主办单位")),
    ("day", _("日期，用于落款")),
)


def _letter() -> dict:
    return {
        "number": "YY20260925-7KQ3",
        "subject": "演示甲科技有限公司",
        "about": "",
        "notice": "演示年度全员创新企业拟命名名单公示",
        "outcome": "异议不成立。经核查，所反映的问题不属实。",
        "contact": "演示路1号，0532-00000000",
        "host": "演示市总工会",
        "day": "2026年10月9日",
    }


def _to_objector() -> dict:
    return {
        **_letter(),
        "title": "关于对“演示甲科技有限公司”异议的答复",
        "addressee": "演示人员",
        "lodged": "2026年9月25日（周五）",
        "received": "经审查，于2026年9月28日（周一）受理。",
        "answer": ["您反映的情况已核查，数据与台账一致。"],
    }


def _to_enterprise() -> dict:
    return {
        **_letter(),
        "title": "关于异议办理结果的告知函",
        "matter": ["申报的建议采纳数量与公示不一致。"],
        "decision": ["调阅台账并走访车间，申报数据属实。"],
        "upheld": False,
    }


KINDS = {
    kind.code: kind
    for kind in (
        Kind("notice", _("公示公告"), NOTICE_PLACES, _notice, NOTICE_NEEDS),
        Kind("replacement", _("递补公示公告"), NOTICE_PLACES, _notice, NOTICE_NEEDS),
        Kind(
            "correction",
            _("更正公示公告"),
            (
                *NOTICE_PLACES,
                ("reason", _("更正理由")),
                ("earlier", _("原公示的发布日期")),
                ("changes", _("更正内容，每行一句")),
                ("restarted", _("公示期是否重新计算，用于条件")),
            ),
            _correction,
            (*NOTICE_NEEDS, "reason"),
        ),
        Kind("visit_report", _("实地考察报告"), visit_reports.PLACES, visit_reports.example, REPORT_NEEDS),
        Kind(
            "decision",
            _("命名决定"),
            (
                ("title", _("标题")),
                ("number", _("命名文号")),
                ("paragraphs", _("正文，每段一项")),
                ("named", _("名单中名称一栏的标题")),
                ("rows", _("命名名单，每行有 position、number、name、recommender")),
                ("host", _("命名单位")),
                ("day", _("命名日期")),
            ),
            _decision,
        ),
        Kind(
            "certificate",
            _("证书"),
            (
                ("heading", _("标题")),
                ("name", _("企业名称；命名的不是企业的，是其名称和所在企业")),
                ("paragraphs", _("正文，每段一项")),
                ("number", _("命名编号")),
                ("qr", _("查验二维码的位置，单独占一段")),
                ("address", _("查验网址")),
                ("host", _("命名单位")),
                ("day", _("命名日期")),
            ),
            _certificate,
        ),
        Kind(
            "objection_objector",
            _("异议答复函"),
            (
                *LETTER_PLACES,
                ("addressee", _("异议人姓名或单位名称")),
                ("lodged", _("提出异议的日期")),
                ("received", _("受理情况")),
                ("answer", _("答复意见，每段一项")),
            ),
            _to_objector,
        ),
        Kind(
            "objection_subject",
            _("异议办理结果告知函"),
            (
                *LETTER_PLACES,
                ("matter", _("转告企业的内容，每段一项")),
                ("decision", _("核查意见，每段一项")),
                ("upheld", _("异议是否成立，用于条件")),
            ),
            _to_enterprise,
        ),
        Kind("visit_letter", _("考察通知（企业）"), visit_letters.PLACES, visit_letters.example),
        Kind("union_letter", _("考察通知（工会）"), visit_letters.PLACES, visit_letters.example),
    )
}
