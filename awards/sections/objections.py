from awards.models import Objection
from portal.models import Role

#: Who reads of objections on the record page; the others read the public page.
HANDLERS = (Role.OFFICE, Role.AUDITOR)


def objections_to(hat, nomination) -> list[Objection]:
    if hat.role not in HANDLERS:
        return []
    return list(Objection.objects.visible_to(hat).filter(nomination=nomination))
