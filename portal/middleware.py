"""Which hat a person wears while asking for a page."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django_structlog.middlewares import RequestMiddleware

from portal.logs import is_objecting
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


class RequestLog(RequestMiddleware):
    """The log of requests; whoever is signed in and objects, objects as a citizen, so no line says who."""

    @staticmethod
    def bind_user_id(request):
        if not is_objecting(request.path):
            RequestMiddleware.bind_user_id(request)


class Hat:
    """Put `request.hats` and `request.hat` on the request; keep office and admin to a second factor."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Not lazily: a lazy nobody is not None, and who may would ask it for its role.
        request.hats = hats_of(request)
        request.hat = worn(request)
        if needs_second_factor(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Who wears no hat has no business behind the front door; public pages and sign-in stay open.

        The back room asks on its own account: an operator without a hat may look and change nothing.
        """
        elsewhere = (*OPEN_PATHS, reverse("admin:index"))
        public = not getattr(view, "login_required", True) or request.path.startswith(elsewhere)
        if request.user.is_authenticated and request.hat is None and not public:
            raise PermissionDenied


def needs_second_factor(request) -> bool:
    if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
        return False
    if request.path.startswith(OPEN_PATHS):
        return False
    guarded = request.user.is_staff or any(hat.role in GUARDED for hat in request.hats)
    return guarded and not is_mfa_enabled(request.user)
