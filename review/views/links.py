"""Links for those without an account: the office issues and revokes, the person behind one answers."""

import functools
import io
from contextlib import suppress
from pathlib import PurePosixPath

import qrcode
from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST
from qrcode.image.svg import SvgPathFillImage

from nominations.models import IntakeFile
from nominations.services import keeping
from portal import files, gate
from portal.errors import Refused
from portal.models import Organisation
from portal.permissions import can, require
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook.writing import attachment
from review import services
from review.forms.answering import FinishForm, RestForm
from review.forms.answers import AnswersForm
from review.forms.batches import LinkForm, ReasonForm
from review.forms.uploads import UploadForm
from review.models import AnswerLink, Proof
from review.services import links as service
from review.services import opinions
from review.views.answering import Desk, list_page, rest_context, save_row
from review.views.finding import find_edition, framed
from review.views.opinions import preview_of

#: 委员会决定: wrong keys from one address in an hour.
MOST_WRONG = 30


def links(request, pk):
    """Those issued in this edition, and the form for the next."""
    edition = find_edition(request, pk)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    form = None
    if can(request.hat, "review.issue_link", edition) and not edition.concluded_at:
        asked = edition.consultations.values("department")
        form = LinkForm(
            request.POST or None,
            organisations=Organisation.objects.filter(pk__in=asked),
            initial={"valid_until": service.default_expiry(edition, today=localdate(now))},
        )
    if request.method == "POST":
        require(request.hat, "review.issue_link", edition)
        if form and form.perform(service.issue_link, edition, by=request.hat, now=now):
            return _issued(request, edition, form.result)
    rows = (
        AnswerLink.objects.visible_to(request.hat)
        .filter(edition=edition)
        .select_related("hat__user", "hat__organisation", "issued_by__user", "revoked_by__user")
    )
    rows = [(each, _state(each, now)) for each in rows]
    context = framed(request, edition, form=form, rows=rows, organisations=bool(edition.consultations.all()))
    return render(request, "review/links.html", context)


def _state(link, now) -> str:
    if link.used_at:
        return "used"
    if link.revoked_at:
        return "revoked"
    if now >= link.expires_at:
        return "expired"
    return "opened" if link.opened_at else "issued"


@sensitive_variables("issued", "address")
def _issued(request, edition, issued):
    """The only page that ever shows the address; it is nowhere kept."""
    address = request.build_absolute_uri(reverse("review:by_link", args=[issued.token]))
    context = framed(request, edition, link=issued.link, address=address, picture=_picture(address))
    response = render(request, "review/link_issued.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _picture(address: str) -> str:
    picture = qrcode.make(address, image_factory=SvgPathFillImage, box_size=10)
    return picture.to_string(encoding="unicode")


def revoke_link(request, pk):
    link = get_object_or_404(
        AnswerLink.objects.visible_to(request.hat).select_related("edition__host", "hat__user"), pk=pk
    )
    require(request.hat, "review.revoke_link", link)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.perform(
        service.revoke_link, link, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("链接已撤销，即刻不能再用。"))
        return redirect("review:links", link.edition_id)
    context = framed(
        request,
        find_edition(request, link.edition_id),
        form=form,
        title=_("撤销给{name}的答复链接").format(name=link.hat.user),
        sentences=[
            _("撤销后立即不能再打开；正在填写的，没有保存的内容不能再保存。"),
            _("已经保存的答复保留，可以由办公室更正。"),
        ],
        verb=_("撤销这个链接"),
        danger=True,
        cancel_url=reverse("review:links", args=[link.edition_id]),
    )
    return render(request, "review/confirm.html", context)


def by_key(view):
    """A page behind a key: public, kept by nobody, told to nobody else.

    No cookie gives anything here, the key in the address does; so there is nothing a forged request could
    borrow, and a browser that is told to send no referrer could not prove where it comes from.
    """

    @csrf_exempt
    @login_not_required
    @never_cache
    @functools.wraps(view)
    def opened(request, token, *args, **kwargs):
        try:
            response = view(request, _desk(request, token), *args, **kwargs)
        except service.LinkClosed as refusal:
            response = render(request, "review/link_closed.html", {"words": said(refusal)}, status=404)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


def _desk(request, token: str) -> Desk:
    who = get_client_ip_address(request) or "-"
    if gate.full("answer-link", who, most=MOST_WRONG):
        raise service.LinkClosed
    try:
        link = service.open_link(token, now=timezone.now())
    except service.LinkClosed:
        with suppress(Refused):
            gate.admit("answer-link", who, most=MOST_WRONG)
        raise
    edition = link.edition
    questions = edition.consultations.filter(department=link.hat.organisation)
    questions = list(questions.select_related("department", "edition"))
    return Desk(edition, link.hat, questions, link=link, token=token)


@by_key
def by_link(request, desk):
    answer = list_page(request, desk)
    if request.method == "POST" and answer.status_code == 302:
        messages.success(request, _("答复已保存。"))
    return answer


@by_key
@require_POST
def by_link_row(request, desk):
    return save_row(request, desk)


@by_key
def by_link_rest(request, desk):
    now = timezone.now()
    rest = opinions.unanswered(desk.edition, desk.hat.organisation, today=localdate(now))
    named = sorted({nomination.pk for nomination, _question, _version in rest})
    initial = {"looked_up_on": localdate(now), "named": ",".join(map(str, named))}
    form = RestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.perform(service.answer_rest_by_link, desk.link, now=now):
        messages.success(request, _("已对 {count} 项答复“无异议”。").format(count=len(form.result)))
        return redirect(desk.url("list"))
    return render(request, "review/answer_rest.html", rest_context(desk, form, rest))


@by_key
def by_link_template(request, desk):
    out = io.BytesIO()
    try:
        services.handout_answers(desk.edition, desk.hat.organisation, out, by=desk.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(desk.url("list"))
    name = _("部门意见-{department}.xlsx").format(department=desk.hat.organisation.short_name)
    return attachment(name, out.getvalue())


@by_key
def by_link_workbook(request, desk):
    """Bring the workbook; it is looked at before it is entered."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        services.keep_answers, desk.edition, by=desk.hat, now=timezone.now()
    ):
        return redirect(desk.url("file", form.result.pk))
    return render(request, "review/link_workbook.html", {"desk": desk, "edition": desk.edition, "form": form})


@by_key
def by_link_file(request, desk, kept):
    now = timezone.now()
    mine = IntakeFile.objects.filter(edition=desk.edition, kind=IntakeFile.Kind.ANSWERS, uploaded_by=desk.hat)
    kept = get_object_or_404(mine.select_related("edition", "handout"), pk=kept)
    if keeping.standing(kept).state != "preview":
        return redirect(desk.url("list"))
    try:
        diff = services.read_answers(desk.edition, kept.file, by=desk.hat, now=now)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(desk.url("workbook"))
    form = AnswersForm(request.POST if request.method == "POST" else None, diff=diff)
    if request.method == "POST" and form.perform(service.apply_by_link, desk.link, kept=kept, now=now):
        messages.success(request, _("已导入 {count} 项答复。").format(count=len(form.result)))
        return redirect(desk.url("list"))
    context = {"desk": desk, "edition": desk.edition, "kept": kept, "form": form, "diff": diff}
    problems = keeping.problems_of(WorkbookRefused(diff.errors)) if diff.errors else []
    return render(request, "review/link_preview.html", {**context, "problems": problems, **preview_of(diff)})


@by_key
def by_link_finish(request, desk):
    """提交全部答复: after this the link opens nothing."""
    now = timezone.now()
    left = service.still_open(desk.link, today=localdate(now))
    form = FinishForm(request.POST if request.method == "POST" else None, left=left)
    if request.method == "POST" and form.perform(_finish, desk.link, by=desk.hat, now=now):
        done = {"edition": desk.edition, "desk": desk, "at": now}
        return render(request, "review/link_done.html", done)
    sentences = [_("提交后这个链接即告用完，不能再打开；已经保存的答复全部有效。")]
    if left:
        sentences.insert(0, _("还有 {count} 项没有答复。").format(count=left))
    context = {
        "desk": desk,
        "edition": desk.edition,
        "form": form,
        "title": _("提交全部答复"),
        "sentences": sentences,
        "undo_note": _("提交后如需更正，请联系办公室。"),
        "verb": _("提交全部答复"),
        "cancel_url": desk.url("list"),
    }
    return render(request, "review/answer_rest.html", context)


def _finish(link, *, by, now, anyway=False):
    return service.finish_link(link, anyway=anyway, by=by, now=now)


@by_key
def by_link_proof(request, desk, pk) -> HttpResponse:
    paper = get_object_or_404(
        Proof.objects.visible_to(desk.hat).filter(nomination__edition=desk.edition), pk=pk
    )
    return files.serve(request, paper.file, file_name(paper))


def file_name(paper: Proof) -> str:
    ending = PurePosixPath(paper.file.name).suffix
    return paper.title if paper.title.lower().endswith(ending) else f"{paper.title}{ending}"
