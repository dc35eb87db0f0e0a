from django.utils.functional import SimpleLazyObject

from portal.models import Notification, Role
from portal.rail import rail_of


def frame(request):
    """What every page's frame needs; the rail is only worked out where a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {
        "unread_notices": Notification.objects.unread(user).count(),
        # Whose phone may hold something of a visit that has to go when this person signs out.
        "may_visit": any(hat.role in (Role.INSPECTOR, Role.OFFICE) for hat in getattr(request, "hats", ())),
        "rail": SimpleLazyObject(lambda: rail_of(request)),
    }
