"""The folder of a nomination: uploading, replacing, setting aside, and looking through it."""

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.folder import Paper, folder_of
from nominations.forms.evidence import AttachForm, ReplaceForm, VoidForm
from nominations.models import Evidence
from nominations.services import evidence as services
from nominations.viewer import has_thumbnail, is_picture, viewer_of
from nominations.views.editions import framed
from nominations.views.records import nomination_of
from portal import pictures
from portal.errors import Refused
from portal.files import MB, serve, show
from portal.permissions import can, require
from portal.speech import said


def attach(request, pk):
    """The folder, and more for it: a form for all files at once, or one request a file that wants JSON."""
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.attach", nomination)
    form = AttachForm(
        request.POST or None,
        request.FILES or None,
        nomination=nomination,
        initial={"kind": request.GET.get("kind", "")},
    )
    if request.method == "POST":
        kept = form.perform(services.attach_several, nomination, by=request.hat, now=timezone.now())
        if "application/json" in request.headers.get("Accept", ""):
            return _told(form)
        if kept and any(each.evidence for each in form.result):
            _tell(request, form.result)
            return redirect("nominations:attach", nomination.pk)
        for each in form.result or ():
            form.add_error("file", said(each.refusal))
    closed, folder = _closed(request, nomination), _folder(request, nomination)
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        form=form,
        closed=closed,
        folder=folder,
        voidable={
            each.evidence.pk for each in folder.papers if services.is_voidable(each.evidence, nomination)
        },
        acts={
            "attach": not closed,
            "void": not closed and can(request.hat, "nominations.void_evidence", nomination),
        },
        limits={"documents": services.MOST_DOCUMENTS, "megabytes": services.MOST_BYTES // MB},
    )
    return render(request, "nominations/attach.html", context)


def replace(request, pk):
    """A new version of one document; the old one stays behind it."""
    document, nomination = _found(request, pk)
    require(request.hat, "nominations.attach", nomination)
    form = ReplaceForm(request.POST or None, request.FILES or None, evidence=document)
    if request.method == "POST" and form.perform(
        services.attach_evidence, nomination, by=request.hat, now=timezone.now(), replaces=document
    ):
        messages.success(request, _("“{title}”已替换，原来的一份仍可查阅。").format(title=form.result.title))
        return redirect("nominations:attach", nomination.pk)
    closed = _closed(request, nomination)
    context = framed(
        request, nomination.edition, nomination=nomination, form=form, document=document, closed=closed
    )
    return render(request, "nominations/evidence_replace.html", context)


def void(request, pk):
    """Set one document aside, in words before it happens."""
    document, nomination = _found(request, pk)
    require(request.hat, "nominations.void_evidence", nomination)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.perform(
        services.void_evidence, document, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{title}”已作废。").format(title=document.title))
        return redirect("nominations:attach", nomination.pk)
    blocks = (
        [] if services.is_voidable(document, nomination) else [_("这一份已上报、已替换或已作废，不能作废。")]
    )
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        form=form,
        title=_("作废“{title}”").format(title=document.title),
        sentences=[
            _("作废后这一份不再算作佐证，部门、专家和考察组看不到它。"),
            _("文件和作废理由留在记录中，不会删除。"),
        ],
        undo_note=_("作废后不能恢复；需要时重新上传。"),
        blocks=blocks,
        verb=_("作废这一份"),
        danger=True,
        cancel_url=reverse("nominations:attach", args=[nomination.pk]),
    )
    return render(request, "nominations/confirm.html", context)


def view(request, pk):
    """All documents one may see of a nomination, one large at a time."""
    nomination = nomination_of(request, pk)
    mine = list(Evidence.objects.visible_to(request.hat).filter(nomination=nomination))
    papers = folder_of(nomination, mine).papers
    asked = request.GET.get("doc", "")
    if asked and asked not in {str(paper.evidence.pk) for paper in papers}:
        # An earlier version, or one set aside, is looked at alone.
        papers = [Paper(each, []) for each in mine if str(each.pk) == asked]
        if not papers:
            raise Http404
    viewer = viewer_of(papers, request.GET, reverse("nominations:evidence_view", args=[nomination.pk]))
    context = framed(request, nomination.edition, nomination=nomination, viewer=viewer)
    return render(request, "nominations/evidence_view.html", context)


def download(request, pk):
    """One document, as a download."""
    document = get_object_or_404(Evidence.objects.visible_to(request.hat), pk=pk)
    extension = document.file.name.rsplit(".", 1)[-1]
    title = document.title.removesuffix(f".{extension}")
    return serve(request, document.file, f"{title}.{extension}")


def thumbnail(request, pk):
    """A small picture of it: the one made on upload, or the first page of a PDF."""
    document = get_object_or_404(Evidence.objects.visible_to(request.hat), pk=pk)
    if document.thumbnail:
        return show(_opened(document.thumbnail), "image/webp")
    if not has_thumbnail(document):
        raise Http404
    drawn = pictures.page_of(document.file, 1, longest=pictures.THUMBNAIL)
    # A PDF that cannot be drawn is no fault of the page: the plate behind the picture shows through.
    return show(drawn or pictures.NOTHING, "image/webp")


def page(request, pk, number):
    """One page of it as a picture, for the viewer."""
    document = get_object_or_404(Evidence.objects.visible_to(request.hat), pk=pk)
    if is_picture(document) and number == 1:
        return show(_opened(document.file), document.mime)
    return _drawn(document, number, pictures.LARGE if "large" in request.GET else pictures.PAGE)


def _found(request, pk):
    document = get_object_or_404(Evidence.objects.visible_to(request.hat), pk=pk)
    document.nomination = nomination_of(request, document.nomination_id)
    return document, document.nomination


def _folder(request, nomination):
    rows = Evidence.objects.visible_to(request.hat).filter(nomination=nomination)
    return folder_of(nomination, list(rows.select_related("uploaded_by__user", "voided_by__user")))


def _closed(request, nomination) -> str:
    """Why nothing more can be added, or nothing. The service asks again."""
    try:
        services.require_attachable(nomination, by=request.hat, now=timezone.now())
    except Refused as refusal:
        return said(refusal)
    return ""


def _told(form) -> JsonResponse:
    """What became of each file, for the page that sent them one by one."""
    uploads = form.result or []
    sentences = [error for errors in form.errors.values() for error in errors]
    sentences += [said(each.refusal) for each in uploads if each.refusal]
    kept = [each.evidence.title for each in uploads if each.evidence]
    return JsonResponse({"kept": kept, "refused": sentences}, status=422 if sentences else 200)


def _tell(request, uploads) -> None:
    kept = [each for each in uploads if each.evidence]
    if kept:
        titles = "、".join(each.evidence.title for each in kept)
        messages.success(request, _("已上传 {n} 份：{titles}。").format(n=len(kept), titles=titles))
    for each in uploads:
        if each.refusal:
            messages.error(request, said(each.refusal))


def _drawn(document, number: int, longest: int):
    if document.mime != "application/pdf":
        raise Http404
    picture = pictures.page_of(document.file, number, longest=longest)
    if picture is None:
        raise Http404
    return show(picture, "image/webp")


def _opened(file):
    try:
        return file.storage.open(file.name)
    except FileNotFoundError:
        raise Http404 from None
