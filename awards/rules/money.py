"""What the regulation says of the grant and its uses."""

from collections.abc import Iterable
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


def balance(disbursed: Iterable[Decimal], spent: Iterable[Decimal]) -> Decimal:
    """S1 四.4: what was paid out and is not yet spent, in yuan to the fen."""
    return sum(disbursed, Decimal("0.00")) - sum(spent, Decimal("0.00"))


def check_disbursement(amount: Decimal, grant: Decimal, disbursed: Iterable[Decimal]) -> None:
    """S1 四.4: payments together never exceed the grant."""
    _check_amount(amount)
    left = grant - sum(disbursed, Decimal("0.00"))
    if amount > left:
        raise Refused("拨付 {amount} 元，超过尚未拨付的 {left} 元，请核对。", amount=amount, left=left)


def check_expense(amount: Decimal, use: str, explanation: str, available: Decimal) -> None:
    """S1 四.4: for the three named uses, or 其他 with an explanation. 委员会决定: never below zero."""
    _check_amount(amount)
    if use not in USES:
        raise Refused("请选择资金用途。")
    if use == OTHER_USE and not explanation.strip():
        raise Refused("用途为“其他”的支出，请写明具体用途。")
    if amount > available:
        raise Refused(
            "支出 {amount} 元，超过余额 {available} 元，请核对。", amount=amount, available=available
        )


def _check_amount(amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0:
        raise Refused("金额应当大于 0，请核对。")
    if amount != amount.quantize(Decimal("0.01")):
        raise Refused("金额最多写到分（两位小数），请核对。")
