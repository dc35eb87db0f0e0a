"""Whether a form was sent by a page of ours, where that page is kept for everybody and holds no token."""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.views.decorators.csrf import csrf_exempt


def from_here(request) -> bool:
    """What the browser says of the page a request comes from; one that says nothing is not believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(said)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin in (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)


def same_origin(view):
    """Instead of the token: only for what writes nothing but a cookie of the visitor's own browser."""

    @csrf_exempt
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and not from_here(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
