"""What stands in the way of a naming: for one enterprise, for all of an edition, and when naming is over."""

from collections.abc import Iterable
from datetime import date

from portal.sentences import Sentence, sentence


def may_name(
    *,
    today: date,
    ends: date | None,
    upheld: bool = False,
    stale: Iterable[Sentence] = (),
    provisional: bool = False,
) -> tuple[Sentence, ...]:
    """S1 四.4: 公示无异议后. 委员会决定: after the last day of its own period, no objection to it upheld, the
    exclusions checked again (`stale`: what says that they were not). Empty: may be named; else every reason
    why this one may not yet."""
    reasons = []
    if ends is None:
        reasons.append(sentence("还没有公示。"))
    elif provisional:
        reasons.append(
            sentence(
                "公示期依据的放假安排尚未确认，或者按正式安排须延长。请先确认工作日历，须延长的更正公示。"
            )
        )
    elif in_period(today, ends):
        reasons.append(sentence("公示期到 {ends} 24:00 结束，其后才能命名。", ends=ends))
    if upheld:
        reasons.append(sentence("有异议成立，不得命名。"))
    return (*reasons, *stale)


def in_period(today: date, ends: date) -> bool:
    """委员会决定: the last day belongs to the period."""
    return today <= ends


def may_name_any(open_objections: int) -> tuple[Sentence, ...]:
    """S1 四.4: 公示无异议后. 委员会决定: while an objection of the edition is not answered, nobody of it is
    named."""
    if not open_objections:
        return ()
    return (sentence("本届还有 {count} 件异议没有办结，办结以前不命名。", count=open_objections),)


def naming_is_over(*, in_publicity: int, free: int, reserves: int) -> bool:
    """委员会决定: nobody waits for a naming, and no free place has anybody left to take it."""
    return in_publicity == 0 and not (free and reserves)
