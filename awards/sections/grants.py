from awards.models import Honour


def reads_grant(hat, honour) -> bool:
    """The money is for those who may see the honour among their own."""
    return honour is not None and Honour.objects.visible_to(hat).filter(pk=honour.pk).exists()
