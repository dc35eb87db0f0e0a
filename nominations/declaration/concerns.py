"""What does not refuse and yet deserves a look: figures that do not go together (S1 三.2 and plain sense)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from portal.errors import N_

#: S1 三.2: of the training money, at least so many per cent for those at the front line.
FRONTLINE_LEAST = Decimal(60)

# The part, the whole it is a part of, and what to say when it is larger.
_PARTS = (
    ("union_members", "employees", N_("工会会员数 {part} 多于职工人数 {whole}，请核对。")),
    ("frontline_employees", "employees", N_("一线职工 {part} 多于职工人数 {whole}，请核对。")),
    ("participants", "employees", N_("参与职工 {part} 多于职工人数 {whole}，请核对。")),
    ("suggestions_adopted", "suggestions_made", N_("采纳 {part} 条多于提出 {whole} 条，请核对。")),
    ("results_applied", "results", N_("转化 {part} 项多于成果 {whole} 项，请核对。")),
    ("patents_invention", "patents", N_("发明专利 {part} 件多于授权专利 {whole} 件，请核对。")),
    ("training_frontline", "training_fund", N_("用于一线的 {part} 元多于提取的 {whole} 元，请核对。")),
)


@dataclass(frozen=True)
class Concern:
    """A sentence (`message`, `params`) that belongs at a field."""

    field: str
    message: str
    params: dict = field(default_factory=dict)


def concerns(facts: Mapping) -> list[Concern]:
    """委员会决定: said beside the field, and never a reason to refuse."""
    found = []
    for part, whole, message in _PARTS:
        if part in facts and whole in facts and Decimal(facts[part]) > Decimal(facts[whole]):
            found.append(Concern(part, message, {"part": str(facts[part]), "whole": str(facts[whole])}))
    share = Decimal(facts["frontline_share"]) if "frontline_share" in facts else None
    worked_out = frontline_share(facts.get("training_fund"), facts.get("training_frontline"))
    if share is not None and share < FRONTLINE_LEAST:
        found.append(Concern("frontline_share", N_("低于 60%，请核对。")))
    if share is not None and worked_out is not None and abs(share - worked_out) >= 1:
        message = N_("按上面两项经费计算是 {share}%，与填写的不一致，请核对。")
        found.append(Concern("frontline_share", message, {"share": str(worked_out)}))
    return found


def frontline_share(fund: object, frontline: object) -> Decimal | None:
    """S1 三.2: per cent of the training money that went to the front line, half up to two places."""
    if fund is None or frontline is None or not Decimal(fund):
        return None
    return (Decimal(frontline) * 100 / Decimal(fund)).quantize(Decimal("0.01"), ROUND_HALF_UP)
