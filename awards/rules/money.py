"""What the regulation says of the grant and its uses. Sums are yuan, exact to the fen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.errors import N_, Refused

GRANT = Decimal("300000.00")  # S1 四.4, in yuan
OTHER_USE = "other"
USES = {
    "reward": N_("职工创新成果奖励"),
    "platform": N_("全员创新平台建设"),
    "activity": N_("群众性创新活动开展与实施推进"),
    OTHER_USE: N_("其他"),
}
PAID, SPENT, REPAID = "paid", "spent", "repaid"
NONE = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One line of a ledger. What takes another back has the other's kind and a sum below zero."""

    day: date
    kind: str
    amount: Decimal
    use: str = ""

    @property
    def signed(self) -> Decimal:
        """What the line adds to the balance."""
        return self.amount if self.kind == PAID else -self.amount


def total(lines: Iterable[Line], kind: str) -> Decimal:
    """S1 四.4: what was paid out, spent or given back, what was taken back taken off."""
    return sum((line.amount for line in lines if line.kind == kind), NONE)


def balance(lines: Iterable[Line]) -> Decimal:
    """S1 四.4: what was paid out and is neither spent nor given back."""
    return sum((line.signed for line in lines), NONE)


def lowest(lines: Iterable[Line], since: date | None = None) -> Decimal:
    """委员会决定: the lowest the balance is at the end of a day: of `since` or any later day, else of any."""
    flows: dict[date, Decimal] = {}
    level = NONE
    for line in lines:
        if since is not None and line.day <= since:
            level += line.signed
        else:
            flows[line.day] = flows.get(line.day, NONE) + line.signed
    least = level
    for day in sorted(flows):
        level += flows[day]
        least = min(least, level)
    return least


def check_disbursement(amount: Decimal, grant: Decimal, disbursed: Decimal) -> None:
    """S1 四.4: payments together never exceed the grant."""
    check_amount(amount)
    left = grant - disbursed
    if amount > left:
        raise Refused("拨付 {amount} 元，超过尚未拨付的 {left} 元，请核对。", amount=amount, left=left)


def check_expense(amount: Decimal, use: str, explanation: str, available: Decimal) -> None:
    """S1 四.4: for the three named uses, or 其他 with an explanation. 委员会决定: no day below zero."""
    check_amount(amount)
    if use not in USES:
        raise Refused("请选择资金用途。")
    if use == OTHER_USE and not explanation.strip():
        raise Refused("用途为“其他”的支出，请写明具体用途。")
    if amount > available:
        raise Refused(
            "支出 {amount} 元，超过自支出日期起可用的余额 {available} 元，请核对金额和日期。",
            amount=amount,
            available=available,
        )


def check_repayment(amount: Decimal, available: Decimal) -> None:
    """委员会决定: what is given back is unused; the balance is below zero on no day."""
    check_amount(amount)
    if amount > available:
        raise Refused(
            "退回 {amount} 元，超过自退回日期起未使用的 {available} 元，请核对金额和日期。",
            amount=amount,
            available=available,
        )


def check_taking_back(lines: Sequence[Line], taken: Line) -> None:
    """委员会决定: a payment is taken back only while what it paid is not spent."""
    if lowest([*lines, taken]) < 0:
        raise Refused(
            "这一笔拨付中已有支出或退回：冲正 {amount} 元后余额会低于零。请先冲销相应的支出。",
            amount=-taken.amount,
        )


@dataclass(frozen=True)
class Planned:
    """One matter of a plan, in yuan."""

    use: str
    matter: str
    amount: Decimal


def check_plan(planned: Sequence[Planned], grant: Decimal) -> None:
    """S1 四.4: the uses named there, or 其他. 委员会决定: a plan says what for, and adds up to the grant."""
    if not planned:
        raise Refused("请至少填写一项计划事项。")
    for number, each in enumerate(planned, start=1):
        if each.use not in USES:
            raise Refused("第 {number} 项没有选择用途，请选择。", number=number)
        if not each.matter.strip():
            raise Refused("第 {number} 项没有写明事项，请填写。", number=number)
        check_amount(each.amount)
    together = sum((each.amount for each in planned), NONE)
    if together != grant:
        raise Refused(
            "各项合计 {together} 元，与资助金额 {grant} 元不一致，请核对各项金额。",
            together=together,
            grant=grant,
        )


def check_amount(amount: Decimal) -> None:
    """委员会决定: a sum is above zero and exact to the fen."""
    if not amount.is_finite() or amount <= 0:
        raise Refused("金额应当大于 0，请核对。")
    if amount != amount.quantize(Decimal("0.01")):
        raise Refused("金额最多写到分（两位小数），请核对。")
