"""Which hat a person wears while asking for a page."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect

from portal.models import Membership, Role

GUARDED = (Role.OFFICE, Role.ADMIN)
# Where the second factor is set up, and what those pages and a watchman need.
OPEN_PATHS = ("/accounts/", "/static/", "/i18n/", "/letters/", "/healthz", "/readyz")


def hats_of(request):
    if not request.user.is_authenticated:
        return []
    return list(
        Membership.objects.active()
        .filter(user=request.user)
        .select_related("user", "organisation", "organisation__parent")
    )


def worn(request):
    if not request.hats:
        return None
    chosen = request.session.get("hat")
    return next((hat for hat in request.hats if hat.pk == chosen), request.hats[0])


def hat(get_response):
    """Put `request.hats` and `request.hat` on the request; keep office and admin to a second factor."""

    def middleware(request):
        # Not lazily: a lazy nobody is not None, and who may would ask it for its role.
        request.hats = hats_of(request)
        request.hat = worn(request)
        if needs_second_factor(request):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware


def needs_second_factor(request) -> bool:
    if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
        return False
    if request.path.startswith(OPEN_PATHS):
        return False
    guarded = request.user.is_staff or any(hat.role in GUARDED for hat in request.hats)
    return guarded and not is_mfa_enabled(request.user)
