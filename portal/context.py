from django.utils.functional import SimpleLazyObject

from portal.models import Notification
from portal.rail import rail_of


def frame(request):
    """What every page's frame needs; the rail is only worked out where a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {
        "unread_notices": Notification.objects.unread(user).count(),
        "rail": SimpleLazyObject(lambda: rail_of(request)),
    }
