"""What must always hold: every check in words, and where it did not at the last look."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.invariants import all_checks, run
from portal.models import InvariantRun
from portal.permissions import require


def invariants(request):
    require(request.hat, "portal.check_invariants")
    last = InvariantRun.objects.first()
    failures = last.failures if last else {}
    context = {
        "last": last,
        "broken": [(check, failures[check.name]) for check in all_checks() if check.name in failures],
        "sound": [check for check in all_checks() if check.name not in failures],
        "runs": InvariantRun.objects.all()[:30],
    }
    return render(request, "portal/invariants.html", context)


@require_POST
def run_invariants(request):
    kept = run(by=request.hat, now=timezone.now())
    if kept.failures:
        messages.error(request, _("有 {n} 项不符，请联系系统管理员。").format(n=len(kept.failures)))
    else:
        messages.success(request, _("{n} 项全部相符。").format(n=kept.checks))
    return redirect("portal:invariants")
