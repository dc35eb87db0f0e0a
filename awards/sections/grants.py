from awards.models import Grant


def reads_grant(hat, honour) -> bool:
    """The money is for those who may open its ledger."""
    return honour is not None and Grant.objects.visible_to(hat).filter(honour=honour).exists()
