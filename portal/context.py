from portal.models import Notification


def frame(request):
    """What every page's frame needs."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": Notification.objects.unread(user).count()}
