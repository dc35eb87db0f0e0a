"""What the phone asks for while it is away from a desk: its parcels, its photographs, its worker."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awards.models import Inspection
from awards.services import photos, syncing
from portal.errors import Refused
from portal.permissions import can
from portal.speech import said

MOST = 1_000_000  # bytes of one parcel
MANY = 300


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def sync_visit(request, pk):
    """GET: the visit as the portal has it, and a fresh token. POST: a parcel, answered thing by thing.

    Answers are JSON whatever happens, as nobody is there to read a page: 401 signed out, 403 another's visit,
    409 nothing can be taken any more, 400 no parcel at all. What is refused stays on the phone.
    """
    visit, refusal = _reached(request, pk)
    if refusal:
        return refusal
    if request.method == "POST":
        if _sender(request) != str(request.user.pk):
            return _another()
        try:
            outcome = syncing.sync_visit(visit, **_parcel(request), by=request.hat, now=timezone.now())
        except Refused as refused:
            return _no(409, "closed", said(refused))
        except (ValueError, TypeError, KeyError, AttributeError):
            return _no(400, "malformed", _("这部手机发来的内容不完整，请刷新页面后再试。"))
        return JsonResponse({**_greeting(request), "outcome": outcome})
    return JsonResponse({**_greeting(request), "state": syncing.state_of(visit)})


@never_cache
@login_not_required
@require_POST
def add_photo(request, pk):
    """One photograph; `age` is how many milliseconds ago the phone says it was taken."""
    visit, refusal = _reached(request, pk)
    if refusal:
        return refusal
    if request.POST.get("user") != str(request.user.pk):
        return _another()
    now = timezone.now()
    try:
        client_id = UUID(request.POST["client_id"])
        age = request.POST.get("age", "")
        taken = now - timedelta(milliseconds=int(age)) if age else None
        file = request.FILES["photo"]
    except (ValueError, KeyError, OverflowError):
        return _no(400, "malformed", _("这部手机发来的内容不完整，请刷新页面后再试。"))
    try:
        kept = photos.add_photo(
            visit,
            file=file,
            client_id=client_id,
            caption=request.POST.get("caption", ""),
            line=request.POST.get("line", ""),
            taken_at=taken,
            by=request.hat,
            now=now,
        )
    except Refused as refused:
        return _no(409, "closed" if _closed(visit) else "refused", said(refused))
    return JsonResponse(
        {**_greeting(request), "photo": kept.pk, "url": reverse("awards:photo", args=[kept.pk])}
    )


@login_not_required
@require_GET
def worker(request):
    """The worker that keeps a visit's page readable without a net: it may only act below the visits."""
    path = finders.find("js/visit-worker.js")
    if path is None:
        raise Http404
    answer = FileResponse(open(path, "rb"), content_type="text/javascript")  # noqa: PTH123, SIM115  closed by the answer
    answer.headers["Service-Worker-Allowed"] = reverse("awards:inspection", args=[0]).removesuffix("0/")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _reached(request, pk):
    """The visit, or the answer that says why not."""
    if not request.user.is_authenticated:
        sentence = _("您已退出登录或登录已过期。填写的内容都还在这部手机上，请重新登录后再发送。")
        return None, _no(401, "signed_out", sentence)
    # Who wears no hat any more is let through to here, as the address asks for itself who is there.
    visit = request.hat and Inspection.objects.visible_to(request.hat).filter(pk=pk).first()
    if not visit or not can(request.hat, "awards.record_inspection", visit):
        sentence = _("您当前的身份不能登记这次考察。填写的内容都还在这部手机上，请切换身份或联系办公室。")
        return None, _no(403, "not_yours", sentence)
    return visit, None


def _closed(visit) -> bool:
    """Whether nothing at all can be taken any more, this photograph as little as any other."""
    visit.refresh_from_db()
    return bool(visit.verdict)


def _sender(request) -> str:
    """Who typed what is sent, by the parcel itself."""
    try:
        return str(json.loads(request.body)["user"])
    except (ValueError, TypeError, KeyError):
        return str(request.user.pk)  # no parcel at all: said as such


def _another():
    """Two who share a phone do not write in each other's name."""
    sentence = _("这部手机上的内容是另一个人填的，请由本人登录后再发送。")
    return _no(403, "other", sentence)


def _greeting(request):
    return {"user": request.user.pk, "token": get_token(request), "hat": request.hat.pk}


def _no(status, reason, message):
    return JsonResponse({"reason": reason, "message": message}, status=status)


def _parcel(request) -> dict:
    """The arguments of `syncing.sync_visit` out of a parcel. Any error in it makes it no parcel."""
    if len(request.body) > MOST:
        raise ValueError
    sent = json.loads(request.body)
    now = timezone.now()
    phone_now = _moment(sent["sent_at"])

    def moment(text):
        """A time by the phone's clock as it is by ours: how long ago it was is what the phone knows best."""
        return now - max(phone_now - _moment(text), timedelta())

    lines, documents, interviews = (_several(sent, name) for name in ("lines", "documents", "interviews"))
    return {
        "client_id": UUID(sent["client_id"]),
        "lines": lines,
        "head": sent.get("head") and dict(sent["head"]),
        "documents": [
            {
                "client_id": UUID(each["client_id"]),
                **{name: str(each.get(name) or "") for name in ("title", "number", "issuer", "note", "line")},
                "original": each.get("original") is True,
                "seen_at": moment(each["at"]),
            }
            for each in documents
        ],
        "interviews": [
            {
                "client_id": UUID(each["client_id"]),
                **{name: str(each.get(name) or "") for name in ("name", "post", "kind", "words")},
                "held_at": moment(each["at"]),
            }
            for each in interviews
        ],
    }


def _several(sent, name) -> list[dict]:
    found = [dict(each) for each in sent.get(name) or ()]
    if len(found) > MANY:
        raise ValueError
    return found


def _moment(text) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found
