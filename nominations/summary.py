"""推荐汇总表: the sheet the unions sign, read and written in the same nineteen columns."""

from collections.abc import Iterable, Iterator

from nominations import rules
from nominations.models import Edition, Nomination
from nominations.states import State
from portal.workbook import Column

TITLE = "推荐汇总表"

COLUMNS = [
    Column("序号", "serial", "integer", minimum=1),
    Column("推荐单位", "recommender", required=True, max_length=120),
    Column("推荐排序", "rank", "integer", minimum=1, maximum=9999),
    Column("企业名称", "name", required=True, max_length=120),
    Column("统一社会信用代码", "credit_code", required=True, code=True, check=rules.credit_code),
    Column("所属区市", "division_name", required=True, max_length=30),
    Column("企业性质", "nature", required=True, max_length=20, check=rules.parse_nature),
    Column("所属行业", "industry", required=True, max_length=40),
    Column("十强产业", "key_industry", max_length=20, check=rules.parse_key_industry),
    Column("职工人数", "employees", "integer", required=True, minimum=1, maximum=9_999_999),
    Column("工会成立时间", "union_founded_on", "date", required=True),
    Column("工会会员数", "union_members", "integer", required=True, minimum=0, maximum=9_999_999),
    Column("省部级以上认定", "recognitions", multiline=True, check=rules.parse_recognitions),
    Column("独立法人", "independent", "boolean", required=True),
    Column(
        "一线职工教育经费占比(%)",
        "frontline_share",
        "decimal",
        percent=True,
        places=2,
        minimum=0,
        maximum=100,
    ),
    Column("联系人", "contact_name", required=True, max_length=40),
    Column("联系电话", "contact_phone", required=True, code=True, max_length=40),
    Column("主要事迹", "deeds", required=True, multiline=True, max_length=2000),
    Column("备注", "note", max_length=500),
]


def declared(values: dict) -> dict:
    """The cells of a row as the fields of a declaration."""
    return {
        "nature": rules.parse_nature(values["nature"]),
        "industry": values["industry"],
        "key_industry": rules.parse_key_industry(values["key_industry"]),
        "division_name": values["division_name"],
        "independent": values["independent"],
        "employees": values["employees"],
        "union_founded_on": values["union_founded_on"],
        "union_members": values["union_members"],
        "recognitions": list(rules.parse_recognitions(values["recognitions"])),
        "frontline_share": values["frontline_share"],
        "contact_name": values["contact_name"],
        "contact_phone": values["contact_phone"],
        "deeds": values["deeds"],
        "note": values["note"] or "",
    }


def rows_of(nominations: Iterable[Nomination]) -> Iterator[dict]:
    """Nominations, with declaration, enterprise and recommender at hand, as rows of the sheet."""
    for serial, nomination in enumerate(nominations, start=1):
        facts = nomination.declaration
        yield {
            "serial": serial,
            "recommender": nomination.recommender.name,
            "rank": nomination.rank,
            "name": nomination.subject_name,
            "credit_code": nomination.enterprise.credit_code,
            **{column.key: getattr(facts, column.key) for column in COLUMNS[5:]},
            "recognitions": "、".join(facts.recognitions),
        }


def handed_in(edition: Edition):
    """What stands on the sheet: everything handed in and not withdrawn, in the unions' order."""
    return (
        edition.nominations.exclude(state__in=(State.DRAFT, State.WITHDRAWN))
        .select_related("enterprise", "recommender", "declaration")
        .order_by("recommender__position", "recommender__code", "rank", "pk")
    )
