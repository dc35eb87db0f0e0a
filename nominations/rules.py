"""What the regulation says of a declaration: who it names, whether it is complete, how many may come."""

import hashlib
import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn import uscc

from portal.errors import N_, Refused

CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_LENGTH = 18

# 十强产业, named by S1 四.2; the ten are those of the provincial plan
KEY_INDUSTRIES = (
    N_("新一代信息技术"),
    N_("高端装备"),
    N_("新能源新材料"),
    N_("现代海洋"),
    N_("医养健康"),
    N_("高端化工"),
    N_("现代高效农业"),
    N_("文化创意"),
    N_("精品旅游"),
    N_("现代金融"),
)

# S1 四.2: the eight provincial-or-higher recognitions
RECOGNITIONS = (
    N_("技术创新示范企业"),
    N_("创新型企业"),
    N_("科技型中小企业"),
    N_("高新技术企业"),
    N_("“专精特新”中小企业"),
    N_("独角兽企业"),
    N_("瞪羚企业"),
    N_("隐形冠军企业"),
)

PRIVATE = N_("民营")
CENTRAL_LEVELS = {N_("驻青央企所属二级单位"): 2, N_("驻青央企所属三级单位"): 3}
NATURES = (PRIVATE, N_("国有"), N_("外资"), N_("合资"), *CENTRAL_LEVELS, N_("其他"))

# 委员会决定: why a declaration goes back, few enough to be counted
OTHER_REASON = "other"
RETURN_REASONS = {
    "incomplete": N_("材料不全"),
    "mismatch": N_("内容与佐证不符"),
    "wrong": N_("填写有误"),
    "unfit": N_("不符合推荐条件"),
    "publicity": N_("公示不到位"),
    "excluded": N_("排除情形待核实"),
    OTHER_REASON: N_("其他"),
}
RETURN_CLAUSES = {"unfit": "S1 四.1", "excluded": "S1 四.1"}

_NOTHING = {"", "无", "/", "-", "—", "——", "无认定"}
_QUOTES = str.maketrans("", "", "“”‘’\"'「」『』《》")


def normalise(text: object) -> str:
    """委员会决定: width and stray spaces never make two names or codes differ."""
    folded = unicodedata.normalize("NFKC", "" if text is None else str(text))
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))


def credit_code(text: object) -> str:
    """委员会决定: an enterprise is known by its 统一社会信用代码 (GB 32100-2015), check character and all."""
    code = normalise(text).upper()
    if not code:
        raise Refused("统一社会信用代码是空的，请填写营业执照上的 18 位代码。")
    if len(code) != CODE_LENGTH:
        raise Refused(
            "统一社会信用代码应为 18 位，“{code}”是 {length} 位，请对照营业执照核对。",
            code=code,
            length=len(code),
        )
    for place, character in enumerate(code, start=1):
        if character not in CODE_ALPHABET:
            raise Refused(
                "统一社会信用代码“{code}”第 {place} 位的“{character}”不是代码用的字符"
                "（只用数字和大写字母，不用 I、O、S、V、Z），请对照营业执照核对。",
                code=code,
                place=place,
                character=character,
            )
        if 3 <= place <= 8 and not character.isdigit():
            raise Refused(
                "统一社会信用代码“{code}”第 {place} 位的“{character}”应当是数字"
                "（第 3 至 8 位是登记机关行政区划码），请对照营业执照核对。",
                code=code,
                place=place,
                character=character,
            )
    right = uscc.calc_check_digit(code[:-1])
    if code[-1] != right:
        raise Refused(
            "统一社会信用代码“{code}”的校验码不符：按前 17 位计算，末位应为“{right}”，现为“{wrong}”。"
            "请对照营业执照逐位核对。",
            code=code,
            right=right,
            wrong=code[-1],
        )
    return code


def out_of_city(code: str, prefixes: Iterable[str]) -> bool:
    """S1 四.1: registered in the city. The division in the code is a hint that warns and never refuses."""
    return not code[2:8].startswith(tuple(prefixes))


def quota_left(quota: int | None, used: int) -> int | None:
    """委员会决定: a recommender has a quota per edition; None is no quota."""
    return None if quota is None else max(quota - used, 0)


def check_quota(quota: int | None, used: int, adding: int = 1, *, recommender: str = "") -> None:
    """委员会决定: submitting past the quota is refused whole."""
    left = quota_left(quota, used)
    if left is not None and adding > left:
        raise Refused(
            "{recommender}的推荐名额为 {quota} 家，已用 {used} 家，还可推荐 {left} 家，"
            "本次要推荐 {adding} 家。请减少推荐，或请办公室调整名额。",
            recommender=recommender or N_("本单位"),
            quota=quota,
            used=used,
            left=left,
            adding=adding,
        )


def check_return(codes: Iterable[str], reason: str, deadline: date, today: date) -> tuple[str, ...]:
    """委员会决定: a return names at least one of the reasons, 其他 in words, and a day not yet past.

    Gives the codes once each, in the order of the list.
    """
    given = set(codes)
    if unknown := sorted(given - set(RETURN_REASONS)):
        raise Refused("“{code}”不在退回理由之列，请从列出的理由中选择。", code=unknown[0])
    if not given:
        raise Refused("请至少选择一类退回理由。")
    if OTHER_REASON in given and not normalise(reason):
        raise Refused("选了“其他”的，请写明退回理由。")
    if deadline < today:
        raise Refused("补正期限不能早于今天。")
    return tuple(code for code in RETURN_REASONS if code in given)


def check_publicity(
    start: date | None, end: date | None, *, has_proof: bool, required: bool, today: date
) -> None:
    """委员会决定: whether a recommender shows its list first is the edition's; S1 names no days for it.

    Where it did, the whole is said: from when, until when (a day that is not still to come), and the proof.
    """
    if start is None and end is None and not has_proof:
        if required:
            raise Refused("本届要求推荐单位先行公示，请填写公示起止日期并上传公示证明。")
        return
    if start is None or end is None:
        raise Refused("推荐单位公示的起止日期要一并填写。")
    if end < start:
        raise Refused("推荐单位公示的截止日期早于开始日期，请核对。")
    if end > today:
        raise Refused("推荐单位公示到 {day} 才结束，请在公示结束后推荐。", day=end)
    if not has_proof and required:
        raise Refused("本届要求推荐单位先行公示，请上传公示证明。")


@dataclass(frozen=True)
class Missing:
    """A field of the declaration still to be filled in, with its title in the form."""

    field: str
    title: str


def complete(facts: Mapping[str, Any], required: Mapping[str, str]) -> list[Missing]:
    """S1 四.3①: a declaration goes up when complete; what is missing, in the order of the form.

    `required` maps a field to its title. An answer of 否 or 0 is an answer.
    """
    return [Missing(name, title) for name, title in required.items() if _blank(facts.get(name))]


def _blank(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return not normalise(value)
    return isinstance(value, (tuple, list, set, frozenset, dict)) and not value


def competition_ranks(keys: Mapping[Hashable, Any]) -> dict[Hashable, int]:
    """委员会决定: the higher key is the better; equals share a rank and the next is skipped (1, 1, 3)."""
    ranks: dict[Any, int] = {}
    for place, key in enumerate(sorted(keys.values(), reverse=True), start=1):
        ranks.setdefault(key, place)
    return {each: ranks[key] for each, key in keys.items()}


def subject_key(code: str, name: str = "") -> str:
    """委员会决定: an enterprise is known by its credit code; what belongs to it, by that code and its name.

    `name` is empty for the enterprise itself. Width, case and spaces of a name make no other subject.
    """
    if not name:
        return code
    return f"{code}-{hashlib.sha256(normalise(name).casefold().encode()).hexdigest()[:12]}"


def is_of_enterprise(key: str) -> bool:
    """委员会决定: whether the key is that of something which belongs to an enterprise, not its own."""
    return "-" in key


def _plain(name: str) -> str:
    """The name without quotes and without 企业 at its end."""
    return normalise(name).translate(_QUOTES).removesuffix("企业")


_RECOGNITION_OF = {_plain(name): name for name in RECOGNITIONS}
_INDUSTRY_OF = {normalise(name): name for name in KEY_INDUSTRIES}


def parse_recognitions(text: object) -> tuple[str, ...]:
    """S1 四.2: 省部级以上认定 as typed in one cell, into the names of the eight, in their own order."""
    found = set()
    for part in re.split(r"[、，,;；\n\r]+", "" if text is None else str(text)):
        if normalise(part) in _NOTHING:
            continue
        name = _RECOGNITION_OF.get(_plain(part))
        if name is None:
            raise Refused(
                "“{part}”不是可填的省部级以上认定，请从这些中选填，用顿号隔开：{names}。",
                part=part.strip(),
                names="、".join(RECOGNITIONS),
            )
        found.add(name)
    return tuple(name for name in RECOGNITIONS if name in found)


def parse_key_industry(text: object) -> str:
    """S1 四.2: the 十强产业 an enterprise belongs to, "" for none of them."""
    name = normalise(text)
    if name in _NOTHING:
        return ""
    industry = _INDUSTRY_OF.get(name.removesuffix("产业"))
    if industry is None:
        raise Refused(
            "“{name}”不是“十强产业”之一，请从这些中选填，不属于的留空：{names}。",
            name=name,
            names="、".join(KEY_INDUSTRIES),
        )
    return industry


def parse_nature(text: object) -> str:
    """S1 四.1: 企业性质, by which private enterprises and units of central ones are known."""
    name = normalise(text).removesuffix("企业")
    if name not in NATURES:
        raise Refused(
            "“{name}”不是可填的企业性质，请从这些中选填：{names}。", name=name, names="、".join(NATURES)
        )
    return name


def recognised_key_industry(key_industry: str, recognitions: Iterable[str]) -> bool:
    """S1 四.2: in a 十强产业 and holding at least one of the eight recognitions: preferred 同等条件下."""
    return key_industry in KEY_INDUSTRIES and any(name in RECOGNITIONS for name in recognitions)


def is_private(nature: str) -> bool:
    """S1 四.1: private enterprises are preferred."""
    return nature == PRIVATE


def central_level(nature: str) -> int | None:
    """S1 四.1: 2 or 3 for such a unit of a central enterprise in the city, None for any other."""
    return CENTRAL_LEVELS.get(nature)
