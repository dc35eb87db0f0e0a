from awards.models import Objection
from portal.models import Role

#: Who reads of objections on the record page; an enterprise reads of what was put to it.
READERS = (Role.OFFICE, Role.AUDITOR)


def objections_to(hat, nomination) -> list[Objection]:
    seen = Objection.objects.visible_to(hat) if hat.role in READERS else Objection.objects.put_to(hat)
    return list(seen.filter(nomination=nomination))
