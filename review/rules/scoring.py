"""What the committee decided of scoring: sheets, the panel's score, who is nominated."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median

from nominations.rules import competition_ranks
from portal.errors import N_, Refused
from portal.figures import decimal_text, exact_text, settled
from portal.sentences import Sentence, sentence

# S1 四.3③: the three dimensions, in the order of the clause; their weights are the edition's
DIMENSIONS = {
    "mechanism": N_("全员创新机制建设"),
    "platform": N_("全员创新平台载体建设"),
    "effect": N_("全员创新效果"),
}


def weights_sum_100(weights: Mapping[str, Decimal], titles: Mapping[str, str] = DIMENSIONS) -> None:
    """委员会决定: the weights of the dimensions are none below zero and sum to 100."""
    for code, weight in weights.items():
        if weight < 0:
            raise Refused("“{title}”的权重不能小于 0，请修改。", title=titles.get(code, code))
    if (total := sum((Fraction(w) for w in weights.values()), Fraction(0))) != 100:
        raise Refused("各维度权重合计应为 100，现为 {total}，请调整。", total=exact_text(total))


def check_sheet(
    scores: Mapping[str, Decimal | int | None],
    dimensions: Mapping[str, str] = DIMENSIONS,
    step: Decimal = Decimal("0.5"),
    top: int = 100,
) -> None:
    """委员会决定: every dimension is scored from 0 to `top` in steps of `step`."""
    for code, title in dimensions.items():
        score = scores.get(code)
        if score is None:
            raise Refused("还没有给“{title}”打分，请打分后再提交。", title=title)
        value = Decimal(score)
        if not value.is_finite() or not 0 <= value <= top:
            raise Refused(
                "“{title}”的得分 {score} 不在 0 到 {top} 之间，请修改。", title=title, score=score, top=top
            )
        if value % step:
            raise Refused(
                "“{title}”的得分 {score} 不是 {step} 的整数倍，请修改。",
                title=title,
                score=decimal_text(value),
                step=decimal_text(step),
            )
    if extra := sorted(set(scores) - set(dimensions)):
        raise Refused("评分表里没有“{name}”这一维度，请删去。", name=extra[0])


def sheet_total(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> Fraction:
    """委员会决定: Σ dimension × weight ÷ 100, exact."""
    return (
        sum((Fraction(scores[code]) * Fraction(weight) for code, weight in weights.items()), Fraction(0))
        / 100
    )


@dataclass(frozen=True)
class ExpertScore:
    """The panel's score for one nomination, None with a reason where the valid sheets are too few.

    `low` and `high` are the totals set aside, None where none were. `variance` is the population's.
    """

    score: Fraction | None
    valid: int
    low: Fraction | None = None
    high: Fraction | None = None
    mean: Fraction | None = None
    median: Fraction | None = None
    variance: Fraction | None = None
    reason: Sentence | None = None

    @property
    def stdev(self) -> Decimal | None:
        """For display alone: the root of the exact variance, half up to two places."""
        if self.variance is None:
            return None
        root = (Decimal(self.variance.numerator) / Decimal(self.variance.denominator)).sqrt()
        return root.quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_panel(min_sheets: int, trim_from: int | None) -> None:
    """委员会决定: at least one sheet makes a result; trimming two leaves at least one (None: never trim)."""
    if min_sheets < 1:
        raise Refused("最少有效评分表数应当至少为 1，请修改。")
    if trim_from is not None and trim_from < 3:
        raise Refused("有效评分表至少 3 份才能去掉一个最高分和一个最低分，请修改。")


def expert_score(totals: Iterable[Fraction], *, min_sheets: int, trim_from: int | None) -> ExpertScore:
    """委员会决定: from `trim_from` valid sheets on, one highest and one lowest are set aside, then the mean;
    below that the mean of all; below `min_sheets` there is no result.

    `totals` are of valid sheets only: a recused or unfinished one is not among them.
    """
    check_panel(min_sheets, trim_from)
    ordered = sorted(Fraction(total) for total in totals)
    n = len(ordered)
    if n == 0:
        return ExpertScore(None, 0, reason=_too_few(0, min_sheets))
    mean = sum(ordered) / n
    variance = sum((total - mean) ** 2 for total in ordered) / n
    facts = {"mean": mean, "median": Fraction(median(ordered)), "variance": variance}
    if n < min_sheets:
        return ExpertScore(None, n, reason=_too_few(n, min_sheets), **facts)
    if trim_from is None or n < trim_from:
        return ExpertScore(mean, n, **facts)
    kept = ordered[1:-1]
    return ExpertScore(sum(kept) / len(kept), n, ordered[0], ordered[-1], **facts)


def _too_few(valid: int, minimum: int) -> Sentence:
    return sentence(
        "有效评分表 {valid} 份，少于最低的 {minimum} 份，不能得出专家成绩，请补派专家。",
        valid=valid,
        minimum=minimum,
    )


@dataclass(frozen=True)
class Nominees:
    """Who goes to the vote and who does not, best first; equals stand in an order that means nothing."""

    chosen: tuple[Hashable, ...]
    missed: tuple[Hashable, ...]
    cut: Fraction | None
    grew_by: int
    warning: Sentence | None = None


def nominees(scores: Mapping[Hashable, Fraction], count: int) -> Nominees:
    """S1 四.3③: the panel decides who is nominated. 委员会决定: how many; all who tie at the cut are in.

    `count` 0: no vote follows, so nobody is nominated and nobody is cut.
    """
    ranks = competition_ranks(scores)
    ordered = sorted(settled(scores), key=ranks.__getitem__)
    chosen = tuple(each for each in ordered if ranks[each] <= count)
    cut = scores[chosen[-1]] if chosen else None
    grew_by = max(len(chosen) - count, 0)
    warning = None
    if len(chosen) < count:
        warning = sentence(
            "有成绩的只有 {found} 家，不足 {count} 家，全部提名。", found=len(chosen), count=count
        )
    elif grew_by:
        warning = sentence(
            "末位同分，提名增加 {grew_by} 家，共 {total} 家。", grew_by=grew_by, total=len(chosen)
        )
    return Nominees(chosen, tuple(ordered[len(chosen) :]), cut, grew_by, warning)
