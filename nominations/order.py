"""Which step follows which, where the committee leaves some of the six out."""

from collections.abc import Collection
from fractions import Fraction

from portal.errors import Refused

STEPS = ("recommendation", "screening", "review", "voting", "inspection", "publicity")
#: The others carry what S1 itself asks of every list: who is put forward, the five exclusions, the publicity.
OPTIONAL = ("review", "voting", "inspection")
#: Those that give a score.
SCORING = ("review", "voting")


def check_steps(enabled: Collection[str]) -> None:
    """委员会决定: what an edition may leave out of the six steps of S1 四.3.

    Only 专家评审, 公众投票 and 差额考察 may be left out, and one that scores stays: a list needs an order.
    """
    if any(step not in enabled for step in STEPS if step not in OPTIONAL):
        raise Refused("组织推荐、资格审查和提名公示不能停用。")
    if not any(step in enabled for step in SCORING):
        raise Refused("专家评审和公众投票至少启用一项，名单排序须有依据。")


def check_weights(expert: Fraction, vote: Fraction, enabled: Collection[str]) -> None:
    """委员会决定: both weights make 100, and what is left out weighs nothing."""
    if expert + vote != 100:
        raise Refused("专家评审权重与公众投票权重之和应为 100，请调整后再保存。")
    if "review" not in enabled and expert:
        raise Refused("本届不设专家评审，专家评审权重应为 0，公众投票权重应为 100。")
    if "voting" not in enabled and vote:
        raise Refused("本届不设公众投票，公众投票权重应为 0，专家评审权重应为 100。")


def following(step: str, enabled: Collection[str]) -> str:
    """S1 四.3: the step that comes next in an edition with these; raises StopIteration after the last."""
    return next(each for each in STEPS[STEPS.index(step) + 1 :] if each in enabled)


def preceding(step: str, enabled: Collection[str]) -> str:
    """S1 四.3: the step that comes before in an edition with these; raises IndexError at the first."""
    return [each for each in STEPS[: STEPS.index(step)] if each in enabled][-1]


def scored_last(enabled: Collection[str]) -> str:
    """委员会决定: the last step that scores; after it the order is computed."""
    return [each for each in SCORING if each in enabled][-1]
