"""The list a department answers on: one page for those with an account and for those who come by a link."""

from dataclasses import dataclass, field
from types import SimpleNamespace

from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from portal.errors import Refused
from portal.models import Membership
from portal.speech import said
from portal.templatetags.portal import cndate, cndatetime
from review.forms.answering import EXPLAIN, OpinionListForm, OpinionRowForm
from review.models import AnswerLink, Batch, Consultation, Opinion
from review.services import links, standing
from review.services import opinions as service

PAGE = 50
FILTERS = {
    "": lambda cell: True,
    "open": lambda cell: cell.open,
    "problem": lambda cell: not cell.open and cell.opinion.answer == Opinion.Answer.PROBLEM,
    "unable": lambda cell: not cell.open and cell.opinion.answer == Opinion.Answer.UNABLE,
    "clear": lambda cell: not cell.open and cell.opinion.answer == Opinion.Answer.CLEAR,
}


@dataclass(frozen=True)
class Desk:
    """Where somebody answers: what is asked, who answers, and how the addresses are called here."""

    edition: Edition
    hat: Membership
    questions: list[Consultation]
    link: AnswerLink | None = None
    token: str = ""
    #: The context that the frame around the page needs.
    around: dict = field(default_factory=dict)

    @property
    def frame(self) -> str:
        return "public.html" if self.link else "base.html"

    def url(self, name: str, *args) -> str:
        if self.link:
            name = "by_link" if name == "list" else f"by_link_{name}"
            return reverse(f"review:{name}", args=[self.token, *args])
        name = {
            "list": "screening",
            "row": "answer_row",
            "rest": "answer_rest",
            "template": "answer_template",
            "workbook": "answer_workbook",
            "proof": "proof",
        }[name]
        return reverse(f"review:{name}", args=[*(() if name == "proof" else (self.edition.pk,)), *args])

    @property
    def urls(self) -> dict[str, str]:
        names = ["list", "row", "rest", "template", "workbook", *(["finish"] if self.link else [])]
        return {name: self.url(name) for name in names}

    def hand_in(self, edition, *, replies, proofs=None, by, now) -> list[Opinion]:
        if self.link:
            return links.answer_by_link(self.link, replies=replies, proofs=proofs, now=now)
        return service.answer_list(edition, replies=replies, proofs=proofs, by=by, now=now)

    def left(self, now) -> tuple[int, int]:
        """(answered, asked) of this department."""
        lines = standing.progress([self.edition], today=localdate(now), department=self.hat.organisation)
        return sum(each.done for each in lines), sum(each.there for each in lines)


def list_page(request, desk: Desk):
    now = timezone.now()
    cells = standing.cells_of(desk.edition, desk.questions, today=localdate(now))
    show, query = request.GET.get("show", ""), request.GET.get("q", "").strip()
    show = show if show in FILTERS else ""
    if request.method == "POST":
        page = None
        shown = [each for each in cells if f"version_{each.nomination}_{each.question.pk}" in request.POST]
    else:
        page = _page(request, desk, [each for each in cells if FILTERS[show](each)], query)
        shown = list(page)
    nominations = _nominations(shown)
    form = OpinionListForm(
        request.POST or None,
        request.FILES or None,
        cells=_with_papers(shown),
        names={pk: each.subject_name for pk, each in nominations.items()},
        today=localdate(now),
    )
    if request.method == "POST" and form.perform(desk.hand_in, desk.edition, by=desk.hat, now=now):
        return redirect(request.get_full_path())
    done = sum(1 for cell in cells if not cell.open)
    dues = sorted({each.asked.due_on for each in cells if each.open and each.asked.due_on})
    context = {
        **desk.around,
        "desk": desk,
        "edition": desk.edition,
        "form": form,
        "rows": [{**row, "nomination": nominations[row["cell"].nomination]} for row in form.rows()],
        "page": page,
        "choices": [(value, str(word)) for value, word in Opinion.Answer.choices],
        "several": len(desk.questions) > 1,
        "again": any(each.asked.kind == Batch.Kind.RECHECK for each in cells),
        "sent_back": _sent_back(cells),
        "chips": _chips(cells, show, query),
        "q": query,
        "keep": [("show", show)] if show else [],
        "done": done,
        "of": len(cells),
        "left": len(cells) - done,
        "dues": dues,
        "today": localdate(now),
        "closed": desk.edition.step("screening").closed_at,
        "answered": [] if cells else answered(desk.questions),
    }
    return render(request, "review/answer_list.html", context, status=422 if form.errors else 200)


def _sent_back(cells) -> list[tuple[Nomination, str]]:
    """Whom a visit sent back, with why: what the department is to look at."""
    asked = {each.nomination: each.asked for each in cells if each.asked.kind == Batch.Kind.REFERRAL}
    if not asked:
        return []
    notes = dict(
        Batch.objects.filter(pk__in={each.batch for each in asked.values()}).values_list("pk", "note")
    )
    names = Nomination.objects.in_bulk(asked)
    return [(names[pk], notes[each.batch]) for pk, each in asked.items()]


def _page(request, desk, cells, query):
    """The page of the list: those still to answer first; within, the order of the recommendations."""
    found = desk.edition.nominations.filter(pk__in={each.nomination for each in cells})
    for word in query.split():
        found = found.filter(subject_name__icontains=word) | found.filter(subject_key__icontains=word)
    places = {
        pk: n
        for n, pk in enumerate(
            found.order_by("recommender__position", "rank", "pk").values_list("pk", flat=True)
        )
    }
    cells = [each for each in cells if each.nomination in places]
    cells.sort(key=lambda each: (not each.open, places[each.nomination]))
    return Paginator(cells, PAGE).get_page(request.GET.get("page"))


def _nominations(cells) -> dict[int, Nomination]:
    found = Nomination.objects.select_related("enterprise", "recommender")
    return found.in_bulk({each.nomination for each in cells})


def _with_papers(cells):
    prefetch_related_objects([each.opinion for each in cells if each.opinion], "proofs")
    return cells


def _chips(cells, show, query):
    labels = {
        "": _("全部"),
        "open": _("未答复"),
        "problem": _("有问题"),
        "unable": _("无法核查"),
        "clear": _("无异议"),
    }
    return [
        SimpleNamespace(
            label=label,
            on=key == show,
            count=sum(1 for cell in cells if FILTERS[key](cell)),
            url="?" + urlencode({name: value for name, value in (("show", key), ("q", query)) if value}),
        )
        for key, label in labels.items()
    ]


def answered(questions):
    """When nothing is asked any more, what this department had answered."""
    return (
        Opinion.objects.filter(consultation__in=questions)
        .select_related("nomination", "consultation__department")
        .order_by("nomination__recommender__position", "nomination__rank", "pk")[:200]
    )


def save_row(request, desk: Desk) -> JsonResponse:
    """One row. 200: saved; 409: somebody else was quicker, and what they said; 422: what is wrong."""
    now = timezone.now()
    form = OpinionRowForm(request.POST, request.FILES)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"error": str(first)}, status=422)
    data = form.cleaned_data
    if data["answer"] != Opinion.Answer.CLEAR and not data["explanation"]:
        return JsonResponse({"error": str(EXPLAIN), "field": "explanation"}, status=422)
    try:
        [opinion] = desk.hand_in(desk.edition, replies=form.replies, proofs=form.proofs, by=desk.hat, now=now)
    except service.Overtaken as refusal:
        return JsonResponse({"error": said(refusal), **_theirs(refusal.opinion)}, status=409)
    except links.LinkClosed as refusal:
        return JsonResponse({"error": said(refusal)}, status=404)
    except Refused as refusal:
        return JsonResponse({"error": said(refusal)}, status=422)
    done, there = desk.left(now)
    return JsonResponse(
        {
            "version": opinion.version,
            "saved": _("已保存，查询于 {day}").format(day=cndate(opinion.looked_up_on)),
            "done": done,
            "of": there,
            "papers": [
                {"title": each.title, "url": desk.url("proof", each.pk)} for each in opinion.proofs.all()
            ],
        }
    )


def _theirs(opinion: Opinion | None) -> dict:
    if opinion is None:
        return {"version": 0, "theirs": None}
    opinion = Opinion.objects.select_related("answered_by__user").get(pk=opinion.pk)
    return {
        "version": opinion.version,
        "theirs": {
            "answer": opinion.answer,
            "explanation": opinion.explanation,
            "since": opinion.since.isoformat() if opinion.since else "",
            "words": _("{who} {when} 答复：{answer} {explanation}").format(
                who=opinion.answered_by.user,
                when=cndatetime(opinion.answered_at),
                answer=opinion.get_answer_display(),
                explanation=opinion.explanation,
            ),
        },
    }


def rest_context(desk: Desk, form, rest) -> dict:
    """The page that names whom 无异议 would be said of."""
    names = list(dict.fromkeys(nomination.subject_name for nomination, _question, _version in rest))
    return {
        **desk.around,
        "desk": desk,
        "edition": desk.edition,
        "form": form,
        "moves": names,
        "title": _("对其余 {count} 家答复“无异议”").format(count=len(names)),
        "sentences": [
            _("下列企业您单位还没有答复，将一并记为“无异议”，查询日期如下。"),
            _("已经答复的不受影响；在办公室关闭之前可以逐家更正。"),
        ],
        "moves_title": _("将答复“无异议”的企业"),
        "verb": _("对这 {count} 家答复“无异议”").format(count=len(names)),
        "cancel_url": desk.url("list"),
    }
