from awards.models import Honour


def honour_of(nomination) -> Honour | None:
    return Honour.objects.filter(nomination=nomination).select_related("grant").first()
