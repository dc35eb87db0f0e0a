"""The checklist of a visit: what was claimed, line by line, and what was found."""

from datetime import date

from nominations.models import Nomination
from portal.errors import N_, Refused
from portal.figures import decimal_text

#: What the committee looks at beside the declared figures: the three dimensions of S1 四.3③.
ON_SITE = (
    N_("职工创新成果奖励、分配制度的落实"),
    N_("创新工作室、实训基地等平台载体的实际运行"),
    N_("职工参与面与创新成果的台账、证书"),
)


def checklist_of(nomination: Nomination) -> list[dict]:
    """What the enterprise claims, line by line, and what is looked at on site; nothing found yet."""
    claims = nomination.declaration
    figures = (
        (N_("企业性质"), claims.nature),
        (N_("职工人数"), _text(claims.employees)),
        (N_("工会成立时间"), _text(claims.union_founded_on)),
        (N_("工会会员数"), _text(claims.union_members)),
        (N_("十强产业"), claims.key_industry),
        (N_("省部级以上认定"), "、".join(str(each) for each in claims.recognitions)),
        (N_("一线职工教育经费占比（%）"), _text(claims.frontline_share)),
        (N_("主要事迹"), claims.deeds),
    )
    lines = [(item, claimed) for item, claimed in figures if claimed]
    lines += [(item, "") for item in ON_SITE]
    return [{"item": item, "claimed": claimed, "found": "", "agrees": None} for item, claimed in lines]


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return decimal_text(value)


def merged_lines(kept: list[dict], found: list[dict]) -> list[dict]:
    """The claims stay as they were built; only what was found, and whether it agrees, is taken over."""
    if len(kept) != len(found):
        raise Refused("核对清单与系统中的不一致，请刷新页面后再填写。")
    return [
        {**line, "found": str(new.get("found") or "").strip()[:500], "agrees": new.get("agrees")}
        for line, new in zip(kept, found, strict=True)
    ]


def refuse_unchecked(inspection, verdict):
    open_lines = [line["item"] for line in inspection.checklist if line["agrees"] is None]
    if open_lines:
        raise Refused(
            "核对清单还有 {count} 项没有选择是否相符：{items}。",
            count=len(open_lines),
            items="、".join(open_lines[:5]),
        )
    unsaid = [line["item"] for line in inspection.checklist if line["agrees"] is False and not line["found"]]
    if unsaid:
        raise Refused("“{items}”与申报不符，请写明核实情况。", items="、".join(unsaid[:5]))
