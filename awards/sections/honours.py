from awards.models import Honour
from awards.services.former import former_of
from portal.models import Role

#: Who is told that an enterprise was named before.
TOLD = (Role.OFFICE, Role.AUDITOR, Role.RECOMMENDER)


def honour_of(nomination) -> Honour | None:
    return Honour.objects.filter(nomination=nomination).select_related("grant").first()


def former(hat, nomination):
    """That the enterprise was named before, for those who look at it now."""
    if hat.role in TOLD and (found := former_of([nomination])):
        yield "awards/_former.html", {"former": [(nomination, found[nomination.pk])]}
