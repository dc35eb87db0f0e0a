"""The draw of a panel: whom the committee wants, who is in the pool, the lot, and how to repeat it."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.asking import ask
from portal.models import Role
from portal.permissions import require
from review import tasks
from review.forms.drawing import AnswerForm, DrawForm, LeavingForm
from review.models import Draw, PanelMember
from review.services import drawing
from review.views.finding import find_review, framed

Standing = PanelMember.Standing


def draw(request, pk):
    """Criteria, then the pool with who is out and why, then the lot."""
    edition = find_review(request, pk)
    require(request.hat, "review.seat_panel", edition)
    form = DrawForm(request.POST or None)
    preview = None
    if request.method == "POST":
        confirmed = "confirm" in request.POST
        if confirmed and form.perform(drawing.draw_panel, edition, by=request.hat, now=timezone.now()):
            messages.success(request, _("已抽取，邀请已发出。"))
            return redirect("review:drawn", form.result.pk)
        if form.is_valid():
            preview = drawing.preview_draw(edition, form.cleaned_data["criteria"])
    context = framed(
        request,
        edition,
        form=form,
        preview=preview,
        criteria=preview and form.cleaned_data["criteria"],
        seed=preview and form.cleaned_data["seed"],
        out=[(expert, _(drawing.WHY_OUT[why])) for expert, why in preview.out] if preview else [],
        carried=_carried(form, preview) if preview else [],
        open_step=edition.is_open(StepKind.REVIEW),
        draws=edition.draws.select_related("drawn_by__user"),
    )
    return render(request, "review/draw.html", context)


def _carried(form, preview) -> list[tuple[str, str]]:
    """What the confirmation sends again, as it was typed, and the pool it was shown with."""
    pairs = []
    for name in ("size", "reserves", "most", "seed", "rotate"):
        if value := form.data.get(name):
            pairs.append((name, value))
    pairs += [("fields_wanted", value) for value in form.data.getlist("fields_wanted")]
    return [*pairs, ("shown", preview.digest)]


def drawn(request, pk):
    """One draw with all that is needed to repeat it; recomputed when asked."""
    found = Draw.objects.select_related("edition", "drawn_by__user")
    if request.hat is not None and request.hat.role == Role.OFFICE:
        found = found.filter(edition__host=request.hat.organisation)
    row = get_object_or_404(found, pk=pk)
    edition = find_review(request, row.edition_id)
    require(request.hat, "review.see_scores", edition)
    names = dict(row.pool)
    members = {
        str(each.expert_id): each for each in PanelMember.objects.filter(Q(draw=row)).select_related("expert")
    }
    context = framed(
        request,
        edition,
        draw=row,
        size=row.criteria["size"],
        order=[(names[key], key, members.get(key)) for key in row.order],
        pool=row.pool,
        same=drawing.recompute(row) if "check" in request.GET else None,
        criteria=_in_words(row.criteria),
    )
    return render(request, "review/drawn.html", context)


def _in_words(criteria: dict) -> list[tuple[str, str]]:
    return [
        (_("抽取人数"), _("{n} 位").format(n=criteria["size"])),
        (_("候补人数"), _("{n} 位").format(n=criteria["reserves"])),
        (_("专业领域"), "、".join(criteria["fields"]) or _("不限")),
        (
            _("同一年度最多担任"),
            _("{n} 届").format(n=criteria["most"]) if criteria["most"] is not None else _("不限"),
        ),
        (_("轮换"), _("上一届担任过的不抽") if criteria["rotate"] else _("不轮换")),
    ]


def find_member(request, pk) -> PanelMember:
    """A member of a panel of the office's own; any other is not found."""
    found = PanelMember.objects.select_related("edition__host", "expert", "user")
    if request.hat is not None and request.hat.role == Role.OFFICE:
        found = found.filter(edition__host=request.hat.organisation)
    return get_object_or_404(found.prefetch_related("edition__steps"), pk=pk)


def answer_for(request, pk):
    """The office writes down what a member said on the phone."""
    member = find_member(request, pk)
    require(request.hat, "review.seat_panel", member.edition)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.perform(
        drawing.answer_invitation, member, by=request.hat, now=timezone.now()
    ):
        ask(tasks.rebalance, member.edition_id)
        messages.success(request, _("已登记 {code} 的答复。").format(code=member.code))
        return redirect("review:panel", member.edition_id)
    context = framed(
        request,
        member.edition,
        form=form,
        title=_("登记 {code} {name} 的答复").format(code=member.code, name=member.expert.name),
        sentences=[
            _("用于专家以电话等方式答复的情形，留痕中记为代为登记。"),
            _("谢绝后，由候补第一位递补；没有候补的，请再抽取或另行聘请。"),
        ],
        verb=_("登记答复"),
        cancel_url=reverse("review:panel", args=[member.edition_id]),
    )
    return render(request, "review/confirm.html", context)


def replace(request, pk):
    """A member leaves: what becomes of the work is said first."""
    member = find_member(request, pk)
    require(request.hat, "review.seat_panel", member.edition)
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.perform(
        drawing.replace_member, member, by=request.hat, now=timezone.now()
    ):
        if form.result is None:
            ask(tasks.rebalance, member.edition_id)
            messages.success(request, _("已替换 {code}，没有候补可以递补。").format(code=member.code))
        else:
            messages.success(
                request,
                _("已替换 {code}，已邀请候补 {name}。").format(
                    code=member.code, name=form.result.expert.name
                ),
            )
        return redirect("review:panel", member.edition_id)
    leaving = drawing.preview_replace(member)
    follower = leaving.follower
    context = framed(
        request,
        member.edition,
        form=form,
        title=_("替换 {code} {name}").format(code=member.code, name=member.expert.name),
        sentences=[
            _("已提交的 {n} 份评分表继续计入成绩。").format(n=leaving.submitted),
            _("写了一半的 {n} 份留存备查，不计入成绩，不能再改。").format(n=leaving.drafts),
            _("还没有动笔的 {n} 份收回，连同写了一半的，另派其他专家。").format(n=leaving.untouched),
            _("将邀请候补 {name}（{code}）。").format(name=follower.expert.name, code=follower.code)
            if follower
            else _("没有候补，替换后这一席空缺，请再抽取或另行聘请。"),
        ],
        undo_note=_("替换后不能恢复这位专家在本届的席位。"),
        danger=True,
        verb=_("替换 {code}").format(code=member.code),
        cancel_url=reverse("review:panel", args=[member.edition_id]),
    )
    return render(request, "review/confirm.html", context)
