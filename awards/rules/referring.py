"""What the committee decided about a matter that a visit sends back: when it can be settled, and how."""

from portal.errors import Refused


def refusal_to_settle(*, cleared: bool, unanswered: int, problems: int) -> Refused | None:
    """委员会决定: why it cannot be settled this way now; None where it can.

    Cleared only when every question is answered and no 有问题 stands; refused as soon as one stands, else
    when every question is answered. `problems` are those nobody has set aside.
    """
    if cleared and problems:
        return Refused(
            "部门答复中还有 {count} 项有问题，不能作出复审合格的结论。请作复审不合格，"
            "或先由办公室两人不采纳这一意见。",
            count=problems,
        )
    if unanswered and not problems:
        return Refused("还有 {count} 项核查没有答复，请等部门答复后再作结论。", count=unanswered)
    return None
