from collections import Counter

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.editions import EditionForm
from nominations.forms.recommending import ConcludeForm, SubmitForm
from nominations.models import Category, Edition, Nomination
from nominations.reading import freezing_words, rule_rows, state_counts
from nominations.services import conclusion, editions
from nominations.states import StepKind
from nominations.stepper import stepper
from portal.errors import Listing
from portal.permissions import can, require
from portal.speech import said


def found(request, pk):
    """The edition, where this hat may find it, with its steps at hand."""
    mine = Edition.objects.visible_to(request.hat).select_related("host", "category", "poll")
    return get_object_or_404(mine.prefetch_related("steps"), pk=pk)


def framed(request, edition, **context):
    """What every page of an edition is given."""
    return {"edition": edition, "steps": stepper(edition, request.hat, now=timezone.now()), **context}


def list_all(request):
    """Every edition this hat has to do with."""
    rows = Edition.objects.visible_to(request.hat).select_related("host", "category")
    mine = Nomination.objects.visible_to(request.hat).order_by().values_list("edition", "pk").distinct()
    counts = Counter(edition for edition, _pk in mine)
    rows = [(edition, counts[edition.pk]) for edition in rows.prefetch_related("steps")]
    return render(
        request,
        "nominations/editions.html",
        {"rows": rows, "office": can(request.hat, "nominations.create_edition")},
    )


def show(request, pk):
    edition = found(request, pk)
    counts = state_counts(Nomination.objects.visible_to(request.hat).filter(edition=edition))
    context = framed(
        request,
        edition,
        rules=rule_rows(edition),
        freezing=freezing_words(edition),
        counts=counts,
        total=sum(number for _state, number in counts),
        concludable=_concludable(request.hat, edition),
    )
    return render(request, "nominations/edition.html", context)


def _concludable(hat, edition) -> bool:
    """Whether to show the way to its end: in the last step, and earlier where nobody is left."""
    if not can(hat, "nominations.conclude", edition) or edition.concluded_at:
        return False
    step = edition.current_step
    return step is None or step.kind == StepKind.PUBLICITY or not conclusion.preview_conclude(edition).blocks


def new(request):
    require(request.hat, "nominations.create_edition")
    now, categories = timezone.now(), list(Category.objects.all())
    category = _chosen(categories, request.POST.get("category") or request.GET.get("category"))
    form = EditionForm(request.POST or None, category=category, year=timezone.localdate(now).year)
    saved = request.method == "POST" and form.perform(
        editions.create_edition, by=request.hat, now=now, host=request.hat.organisation
    )
    if saved:
        messages.success(request, _("已设立。发布前，推荐单位看不到这一届。"))
        _tell(request, form)
        return redirect("nominations:edition", form.result.pk)
    context = {"form": form, "fresh": True, "category": category, "categories": categories}
    return render(request, "nominations/edition_form.html", context)


def _chosen(categories, wanted):
    """The category that was asked for, the first of all where none was; 404 for one that is not there."""
    if not wanted and categories:
        return categories[0]
    found = next((each for each in categories if str(each.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def _tell(request, form):
    """What the form set by itself."""
    for words in form.notes:
        messages.info(request, words)


def edit(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.change_edition", edition)
    form = EditionForm(request.POST or None, edition=edition)
    if request.method == "POST" and form.perform(
        editions.change_edition, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("设置已保存。"))
        _tell(request, form)
        return redirect("nominations:edition", edition.pk)
    return render(request, "nominations/edition_form.html", framed(request, edition, form=form))


def publish(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.publish_edition", edition)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        editions.publish_edition, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已发布，推荐单位可以开始推荐。"))
        return redirect("nominations:edition", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        title=_("发布“{edition}”").format(edition=edition.title),
        sentences=[
            _("发布后，推荐单位和参加评选的各方都能看到这一届及其规则。"),
            _("发布后仍可修改设置。"),
            freezing_words(edition),
        ],
        verb=_("发布这一届"),
        cancel_url=edition.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def close_recommendation(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.close_recommendation", edition)
    preview = conclusion.preview_close_recommendation(edition)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        conclusion.close_recommendation, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(
            request, _("组织推荐已关闭，{n} 家进入资格审查。").format(n=len(form.result.goes_on))
        )
        return redirect("nominations:desk", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        title=_("关闭组织推荐环节"),
        sentences=[
            _("{n} 家已推荐的企业进入资格审查。").format(n=len(preview.goes_on)),
            _("{n} 家还没有完成推荐，不进入资格审查，申报内容保留。").format(n=len(preview.stays)),
        ],
        blocks=[said(block) for block in preview.blocks],
        moves=[_named(row) for row in preview.goes_on],
        moves_title=_("进入资格审查"),
        stays=[_named(row, state=True) for row in preview.stays],
        stays_title=_("未完成推荐，留在本环节"),
        undo_note=_("关闭后不能再提交和推荐，也不能重新打开。"),
        verb=_("关闭推荐，{n} 家进入资格审查").format(n=len(preview.goes_on)),
        cancel_url=reverse("nominations:desk", args=[edition.pk]),
    )
    return render(request, "nominations/confirm.html", context)


def conclude(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.conclude", edition)
    preview = conclusion.preview_conclude(edition)
    form = ConcludeForm(request.POST if request.method == "POST" else None, unheld=bool(preview.unheld))
    if request.method == "POST" and form.perform(
        conclusion.conclude, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("这一届已办结。"))
        return redirect("nominations:edition", edition.pk)
    ended = [_named(row, state=True) for row in (*preview.rejected, *preview.withdrawn)]
    unheld = Listing(str(step.get_kind_display()) for step in preview.unheld)
    context = framed(
        request,
        edition,
        form=form,
        title=_("办结“{edition}”").format(edition=edition.title),
        sentences=[
            _("已命名 {n} 家。").format(n=len(preview.named)),
            _("其余 {n} 家候补结束，记为“未入选”。").format(n=len(preview.rejected)),
            _("{n} 家未完成推荐的，记为撤回。").format(n=len(preview.withdrawn)),
            *([_("没有办完的环节一并关闭：{steps}。").format(steps=unheld)] if unheld else []),
        ],
        blocks=[said(block) for block in preview.blocks],
        moves=[_named(row) for row in preview.named],
        moves_title=_("已命名"),
        stays=ended,
        stays_title=_("就此结束"),
        undo_note=_("办结后这一届不能再作任何处理。"),
        verb=_("办结这一届"),
        cancel_url=edition.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def _named(row, *, state=False) -> str:
    extra = f"{row.recommender.short_name} · {row.state_label}" if state else row.recommender.short_name
    return f"{row.subject_name}（{extra}）"
