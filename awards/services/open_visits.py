"""A visit under lock, for whoever changes it, and whether it is still open to change."""

from awards.models import Inspection
from portal.errors import Refused


def locked(inspection):
    return (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("nomination__edition", "nomination__enterprise")
        .get(pk=inspection.pk)
    )


def refuse_recorded(inspection):
    if inspection.verdict:
        raise Refused("“{name}”的考察结论已经登记，不能重复登记。", name=str(inspection.nomination))
