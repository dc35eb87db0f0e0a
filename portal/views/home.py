"""The front door: the public page for anybody, what waits for me for those who have signed in."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.home import home_of
from portal.landing import landing


@login_not_required
def home(request):
    now = timezone.now()
    if not request.user.is_authenticated:
        return render(request, "portal/landing.html", landing(now))
    if request.hat is None:
        return render(request, "portal/no_hat.html")
    return render(request, "portal/home.html", {"home": home_of(request.hat, now=now)})


@login_not_required
def front(request):
    """The public page, also for those who have signed in."""
    return render(request, "portal/landing.html", landing(timezone.now()))


@require_POST
def wear(request, pk):
    """Put on another of one's own hats; a hat of somebody else is passed over in silence."""
    if any(hat.pk == pk for hat in request.hats):
        request.session["hat"] = pk
    return redirect("portal:home")


@login_not_required
@require_POST
def letters(request):
    """Large letters or normal ones, remembered for a year."""
    response = redirect(_back(request))
    wanted = "large" if request.POST.get("letters") == "large" else "normal"
    response.set_cookie(
        "letters", wanted, max_age=365 * 86400, samesite="Lax", secure=request.is_secure(), httponly=True
    )
    return response


def _back(request) -> str:
    for address in (request.POST.get("next"), request.headers.get("Referer")):
        if address and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "portal:home"
