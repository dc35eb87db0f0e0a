"""What stands behind each parameter of an edition: a clause, or nothing but the committee's own decision."""

from dataclasses import dataclass, replace

from portal.clauses import COMMITTEE
from portal.errors import N_


@dataclass(frozen=True)
class Basis:
    """`clause` is what the chip opens; `says` is what the regulation says of it, or that it is silent.

    `steps`: asked and shown only where the edition has all of these.
    """

    clause: str
    says: str
    unit: str = ""
    steps: tuple[str, ...] = ()


SILENT = N_("法规未作规定，由委员会决定。")

_REVIEW, _VOTING, _INSPECTION = ("review",), ("voting",), ("inspection",)

BASES = {
    "steps": Basis(
        COMMITTEE,
        N_(
            "法规列出六个环节（四.3）。组织推荐、资格审查和提名公示每届都有；专家评审和公众投票至少设一项，"
            "只设一项的，综合排序只看这一项；不设差额考察的，按综合排序和命名名额直接提出公示名单。"
            "不设的环节，下面的规则和日期不用填。组织推荐关闭后不能再改。"
        ),
    ),
    "seats": Basis("S1 二", N_("市级每年命名 10 家；区（市）每年至少 10 家（五.1）。"), N_("家")),
    "nominees": Basis(
        COMMITTEE,
        N_("法规未定提名家数，由委员会决定；常取名额的两倍。"),
        N_("家"),
        steps=(*_REVIEW, *_VOTING),
    ),
    "expert_weight": Basis(
        COMMITTEE, N_("法规要求依据投票结果和评审成绩（四.3⑤），未定比例，由委员会决定。"), "%", steps=_REVIEW
    ),
    "vote_weight": Basis(COMMITTEE, N_("与专家评审权重合计为 100。"), "%", steps=_VOTING),
    "ratio": Basis("S1 四.3⑤", N_("法规定为 1∶1.2，写作 6/5；不足一家的进一。"), steps=_INSPECTION),
    "tie_break": Basis("S1 四.1", N_("条件相同时，法规优先民营企业（四.1）、有认定的十强产业企业（四.2）。")),
    "min_sheets": Basis(COMMITTEE, N_("法规未定专家人数；少于此数不出结果。"), N_("份"), steps=_REVIEW),
    "trim_from": Basis(
        COMMITTEE, N_("达到此数时去掉一个最高分和一个最低分；法规未作规定。"), N_("份"), steps=_REVIEW
    ),
    "sheets_each": Basis(
        COMMITTEE, N_("法规未定每家由几位专家评审；填 0 为每位专家评全部企业。"), N_("位"), steps=_REVIEW
    ),
    "comment_below": Basis(
        COMMITTEE, N_("某一维度低于此分的，须写明评语；不填不要求。"), N_("分"), steps=_REVIEW
    ),
    "comment_above": Basis(
        COMMITTEE, N_("某一维度高于此分的，须写明评语；不填不要求。"), N_("分"), steps=_REVIEW
    ),
    "same_district_conflict": Basis(
        COMMITTEE, N_("法规未作规定；选中后，与推荐单位同属一个区市的专家不评这一家。"), steps=_REVIEW
    ),
    "discussion": Basis(
        COMMITTEE,
        N_("法规未作规定；选中后，可在关闭前让专家看过匿名的离散情况再改一次，两版都留存。"),
        steps=_REVIEW,
    ),
    "guidance": Basis(
        COMMITTEE, N_("法规只列出三个方面，未定评分要点；由委员会决定，显示给专家。"), steps=_REVIEW
    ),
    "min_picks": Basis(COMMITTEE, N_("法规未定投票办法；少于此数的整张选票无效。"), N_("家"), steps=_VOTING),
    "max_picks": Basis(COMMITTEE, N_("法规未定投票办法；多于此数的整张选票无效。"), N_("家"), steps=_VOTING),
    "ballots_per": Basis(COMMITTEE, SILENT, steps=_VOTING),
    "totals": Basis(COMMITTEE, SILENT, steps=_VOTING),
    "notice_workdays": Basis(
        COMMITTEE, N_("法规要求公示（四.3⑥），未定天数；公示当日不计。"), N_("个工作日")
    ),
    "accept_workdays": Basis(
        COMMITTEE, N_("法规未定异议受理期限；自提出之日起计，当日不计。"), N_("个工作日")
    ),
    "decide_workdays": Basis(
        COMMITTEE, N_("法规未定异议办结期限；自受理之日起计，当日不计。"), N_("个工作日")
    ),
    "extend_workdays": Basis(COMMITTEE, N_("法规未作规定；确需延长的，至多延长一次。"), N_("个工作日")),
    "evidence_required": Basis(
        COMMITTEE, N_("法规未列申报须附的材料，由委员会决定；列为必交的，交齐后才能提交或推荐。")
    ),
    "finding_days": Basis(COMMITTEE, N_("核查结果超过此期限须重新查询；法规未作规定。"), N_("天")),
    "allow_former": Basis(COMMITTEE, N_("法规未禁止往届命名企业再次参加，由委员会决定。")),
    "grant_amount": Basis("S1 四.4", N_("法规定为 30 万元。"), N_("元")),
    "dimensions": Basis(
        "S1 四.3③", N_("法规列出三个方面，未定权重；权重由委员会决定，合计为 100。"), "%", steps=_REVIEW
    ),
    "quota": Basis(COMMITTEE, N_("法规要求逐级推荐（四.3①），未定名额。"), N_("家")),
}
#: What the regulation says of enterprises only is, for any other kind of subject, the committee's.
_ELSE = {
    "seats": Basis(COMMITTEE, N_("法规只定了企业的命名数量，这一类别由委员会决定。")),
    "grant_amount": Basis(COMMITTEE, N_("法规的资助金额是对企业的，这一类别由委员会决定。"), N_("元")),
    "dimensions": Basis(
        COMMITTEE,
        N_("法规列出的三个方面是对企业的；评审维度和权重随类别带出，由委员会决定，合计为 100。"),
        "%",
        steps=_REVIEW,
    ),
    # Numbers of subjects: 家 is said of enterprises only.
    **{name: replace(BASES[name], unit="") for name in ("nominees", "min_picks", "max_picks")},
}


def bases_of(*, enterprise: bool) -> dict[str, Basis]:
    """The same for an edition whose subject is, or is not, the enterprise itself."""
    return BASES if enterprise else BASES | _ELSE


TIE_WORDS = {
    "private": N_("民营企业优先"),
    "recognised_key_industry": N_("有认定的十强产业企业优先"),
    "expert_score": N_("专家得分高者优先"),
}
