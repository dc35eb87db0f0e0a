"""Which rules of an edition may no longer be changed, before all of them are frozen."""

from collections.abc import Collection
from dataclasses import dataclass

from nominations.models import Edition
from nominations.order import preceding
from nominations.states import StepKind
from portal.errors import N_, Listing, Refused

#: The key under which `rules_of` has the dimensions and their weights.
DIMENSIONS = "dimension_weights"
#: What the expert score, and who is nominated by it, follow from.
SCORED = frozenset({"min_sheets", "trim_from", "nominees", "seats", DIMENSIONS})
#: What only the poll is held by.
OF_THE_POLL = frozenset({"min_picks", "max_picks", "ballots_per"})
EVERY = frozenset({*Edition.RULES, DIMENSIONS})
#: Once the last step before the publicity is closed: no older finding may be let pass, no period shortened.
NOT_RAISED = ("finding_days",)
NOT_LOWERED = ("notice_workdays", "accept_workdays", "decide_workdays", "extend_workdays")


@dataclass(frozen=True)
class Closed:
    rules: frozenset[str] = frozenset()
    #: Since when, in a few words.
    why: str = ""


def closed_rules(edition: Edition) -> Closed:
    """委员会决定: who is scored already is scored by the rules as they were then.

    From the first review task on what the expert score follows from is closed, from the closing of the
    review on everything but what the poll is held by; the freezing closes the rest.
    """
    if edition.frozen_at:
        return Closed(EVERY, N_("评选规则已经冻结"))
    review = edition.step(StepKind.REVIEW)
    if review.enabled and review.closed_at:
        return Closed(EVERY - OF_THE_POLL, N_("专家评审已经关闭"))
    if edition.nominations.filter(assignments__isnull=False).exists():
        return Closed(SCORED, N_("评审任务已经下发"))
    return Closed()


def refuse_closed(closed: Closed, changed: Collection[str]) -> None:
    """Raise where something changed that is closed, naming which."""
    titles = [_title(name) for name in (*Edition.RULES, DIMENSIONS) if name in closed.rules & {*changed}]
    if titles:
        raise Refused(
            "{why}，不能再改的有：{rules}。请恢复原来的设置，再保存其他改动。",
            why=closed.why,
            rules=Listing(titles),
        )


def refuse_loosened(before: dict, edition: Edition) -> None:
    """委员会决定: once only the publicity is left, no period is shortened, no older finding let pass."""
    last = edition.step(preceding(StepKind.PUBLICITY, edition.enabled))
    if not last.closed_at:
        return
    step = str(last.get_kind_display())
    for name in NOT_RAISED:
        if getattr(edition, name) > before[name]:
            raise Refused(
                "“{step}”环节已经关闭，“{rule}”只能比原来的 {number} 少，不能多。",
                step=step,
                rule=_title(name),
                number=before[name],
            )
    for name in NOT_LOWERED:
        if getattr(edition, name) < before[name]:
            raise Refused(
                "“{step}”环节已经关闭，“{rule}”只能比原来的 {number} 多，不能少。",
                step=step,
                rule=_title(name),
                number=before[name],
            )


def _title(name: str):
    return N_("评审维度及权重") if name == DIMENSIONS else Edition._meta.get_field(name).verbose_name
