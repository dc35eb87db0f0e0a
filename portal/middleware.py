"""Which hat a person wears while asking for a page."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal.models import Membership, Role

GUARDED = (Role.OFFICE, Role.ADMIN)


def hats_of(request):
    if not request.user.is_authenticated:
        return []
    return list(
        Membership.objects.active()
        .filter(user=request.user)
        .select_related("user", "organisation", "organisation__parent")
    )


def worn(request):
    hats = request.hats
    chosen = request.session.get("hat")
    return next((hat for hat in hats if hat.pk == chosen), hats[0] if hats else None)


def hat(get_response):
    """Put `request.hats` and `request.hat` on the request; keep office and admin to a second factor."""

    def middleware(request):
        request.hats = SimpleLazyObject(lambda: hats_of(request))
        request.hat = SimpleLazyObject(lambda: worn(request))
        if needs_second_factor(request):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return middleware


def needs_second_factor(request) -> bool:
    if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
        return False
    if request.path.startswith((reverse("account_login"), "/accounts/", "/static/")):
        return False
    guarded = request.user.is_staff or any(hat.role in GUARDED for hat in request.hats)
    return guarded and not is_mfa_enabled(request.user)
