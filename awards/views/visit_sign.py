"""Signing a visit: what one stands by, who has signed, and the three ways."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from awards.forms.signing import HereForm, PaperSignForm, SelfForm
from awards.services import signing, visiting
from awards.views.framing import framed
from awards.views.visit import visit_of
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def sign_visit(request, pk):
    visit = visit_of(request, pk)
    require(request.hat, "awards.sign_visit", visit)
    if visit.verdict:
        return redirect("awards:inspection", pk)
    facts = visiting.facts(visit)
    people = _unsigned(visit, facts)
    forms = _forms(request, people, facts.digest)
    way = request.POST.get("way") if request.method == "POST" else ""
    if way in forms:
        done = _signed(request, visit, way, forms[way])
        if done is not None:
            return done
        visit = visit_of(request, pk)
        facts = visiting.facts(visit)
        _renew(forms[way], facts.digest)
    context = {
        "visit": visit,
        "nomination": visit.nomination,
        "record": facts,
        "digest": facts.digest,
        "hindered": _hindered(visit),
        "forms": forms,
        "back": reverse("awards:inspection", args=[pk]),
    }
    return render(request, "awards/visit_sign.html", framed(request, visit.nomination.edition, **context))


def _unsigned(visit, facts):
    """Who may still sign: of the members one is enough."""
    parts = {each.part for each in facts.signatures if each.digest == facts.digest}
    return [each for each in signing.signers_of(visit) if each.part not in parts]


def _forms(request, people, digest):
    """The ways open to this hat, unbound but for the one that was sent."""
    initial = {"digest": digest}
    mine = next((each for each in people if each.user == request.user), None)
    there = any(each == request.user for each in (one.user for one in people)) or request.hat.role != "office"
    others = [each.user for each in people if each.user and each.user != request.user]
    makers = {}
    if mine:
        makers["self"] = lambda *sent: SelfForm(*sent, initial=initial, auto_id="self_%s")
    if others and there:
        makers["here"] = lambda *sent: HereForm(
            *sent, request=request, people=others, initial=initial, auto_id="here_%s"
        )
    if people:
        makers["paper"] = lambda *sent: PaperSignForm(
            *sent, people=[each.name for each in people], initial=initial, auto_id="paper_%s"
        )
    way = request.POST.get("way")
    return {
        name: make(request.POST, request.FILES) if name == way else make() for name, make in makers.items()
    }


def _signed(request, visit, way, form):
    service = {"self": signing.sign_self, "here": signing.sign_here, "paper": signing.sign_on_paper}[way]
    if not form.perform(service, visit, by=request.hat, now=timezone.now()):
        return None
    visit, name = form.result, visit.nomination.subject_name
    if visit.verdict:
        said_so = _("“{name}”的考察结论已登记：{verdict}。")
        messages.success(request, said_so.format(name=name, verdict=visit.get_verdict_display()))
        return redirect("awards:inspections", visit.nomination.edition_id)
    messages.success(request, _("已签名，还差另一人签名。"))
    return redirect("awards:sign_visit", visit.pk)


def _renew(form, digest):
    """After a refusal the page shows the record as it is now; who signs next signs that."""
    form.data = form.data.copy()
    form.data["digest"] = digest


def _hindered(visit) -> str:
    """What is still missing before anybody may sign; "" for nothing."""
    try:
        signing.refuse_unready(visit, now=timezone.now())
    except Refused as refusal:
        return said(refusal)
    return ""
