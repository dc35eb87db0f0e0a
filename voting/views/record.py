"""The public record of a poll, for everybody: checkpoints and proofs while it runs, then the files."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from voting.models import Case, Poll, Publication
from voting.services import counting, publishing, record
from voting.services.keys import signer

MIME = {"jsonl": "application/x-ndjson", "json": "application/json", "txt": "text/plain"}
#: What never changes, and what the sequencer may have replaced meanwhile.
FOR_EVER, FOR_NOW = "public, max-age=31536000, immutable", "public, max-age=3"


@login_not_required
@require_safe
def about(request, pk):
    """What the record is, how far it goes, and how to check it."""
    poll = _poll(pk)
    publication = Publication.objects.filter(poll=poll).first()
    figures = counting.published(poll) if poll.closed_at else None
    context = {
        "edition": poll.edition,
        "poll": poll,
        "checkpoint": record.checkpoint_of(poll),
        "publication": publication,
        "files": _files(publication) if publication else [],
        "figures": figures,
        "grounds": _named(figures.grounds) if figures else [],
        "lines": [(each, _named(each.aside)) for each in figures.candidates] if figures else [],
        "key": signer().verifier,
    }
    return render(request, "voting/record.html", context)


@login_not_required
@require_safe
def checkpoint(request, pk, size=None):
    """The newest signed note, or the one of a size."""
    found = record.checkpoint_of(_poll(pk), size)
    if found is None:
        raise Http404
    response = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = FOR_NOW if size is None else FOR_EVER
    return response


@login_not_required
@require_safe
def inclusion(request, pk, name=None):
    """The proof for one ballot: by the record on its receipt (32 hex digits), or by its place in the log."""
    poll = _poll(pk)
    try:
        size = _number(request, "size", None)
        if name is None:
            proof = record.prove_inclusion(poll, place=_number(request, "leaf"), size=size)
        else:
            proof = record.prove_inclusion(poll, record=UUID(hex=name), size=size)
    except ValueError:
        return _wrong(400, _("请写明记录号或序号；张数和序号都是整数。"))
    if proof is None:
        return _wrong(404, _("所指的检查点中没有这张选票。刚投的票几秒后入册，请稍后再查。"))
    return _answer(proof, size)


@login_not_required
@require_safe
def consistency(request, pk):
    """The proof that the log of one checkpoint is the beginning of a later one's."""
    poll = _poll(pk)
    try:
        old, new = _number(request, "from"), _number(request, "to", None)
    except ValueError:
        return _wrong(400, _("请写明从多少张到多少张，都是整数。"))
    proof = record.prove_consistency(poll, old, new)
    if proof is None:
        return _wrong(404, _("没有这样的一前一后两个检查点。"))
    return _answer(proof, new)


@login_not_required
@require_safe
def file(request, pk, name):
    """A published file, as it lies on disk; it never changes."""
    found = publishing.file_of(_poll(pk), name)
    if found is None:
        raise Http404
    path, said = found
    etag = f'"{said["sha256"]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = FileResponse(
            path.open("rb"), content_type=f"{MIME[path.suffix[1:]]}; charset=utf-8", filename=name
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _poll(pk) -> Poll:
    return get_object_or_404(Poll.objects.public().select_related("edition__host"), pk=pk)


def _files(publication):
    contents = {
        publishing.BALLOTS: _("全部选票，一行一张"),
        publishing.CHECKPOINTS: _("全部检查点"),
        publishing.CASES: _("隔离和恢复的每一案"),
        publishing.TALLY: _("投票规则和计票结果"),
        publishing.STATEMENT: _("以上各文件的签名声明"),
        publishing.KEY: _("公钥，仅为方便"),
    }
    return [(name, words, publication.files[name]) for name, words in contents.items()]


def _named(grounds: dict[str, int]) -> list[tuple[str, int]]:
    return [(Case.Grounds(code).label, number) for code, number in sorted(grounds.items())]


def _number(request, name, *default):
    text = request.GET.get(name, "")
    if not text and default:
        return default[0]
    if not text.isascii() or not text.isdigit() or int(text) > record.MOST:
        raise ValueError(name)
    return int(text)


def _answer(proof, asked):
    response = JsonResponse(proof)
    response.headers["Cache-Control"] = FOR_NOW if asked is None else FOR_EVER
    return response


def _wrong(status, sentence):
    response = JsonResponse({"message": sentence}, status=status, json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = FOR_NOW
    return response
