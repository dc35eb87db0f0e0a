"""利害关系: what stands between members and nominations, and who of the office steps aside."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.desk import Chip
from nominations.states import StepKind
from portal.asking import ask
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import can, require
from review import tasks
from review.forms.assigning import OfficeRecusalForm, PinForm, ReasonForm
from review.models import Assignment, Conflict, OfficeRecusal, kept_from
from review.services import conflicts, office_recusals
from review.views.draw import find_member
from review.views.finding import find_nomination, find_review, framed

PAGE = 50
State, Source = Conflict.State, Conflict.Source
SHOWS = {
    "found": {"source": Source.FOUND},
    "declared": {"source": Source.DECLARED, "state": State.CONFLICT},
    "pinned": {"state__in": conflicts.PINNED},
}


def board(request, pk):
    """Every pair something is said of, except plain declarations that nothing stands in the way."""
    edition = find_review(request, pk)
    require(request.hat, "review.see_scores", edition)
    rows = (
        Conflict.objects.filter(member__edition=edition)
        .exclude(state=State.CLEAR)
        .exclude(nomination__in=kept_from(request.hat).values("pk"))
    )
    show, q = request.GET.get("show", ""), request.GET.get("q", "").strip()[:60]
    words = {"found": _("系统发现"), "declared": _("专家申报"), "pinned": _("办公室认定")}
    chips = [Chip(_("全部"), "?", show not in SHOWS, rows.count())]
    chips += [
        Chip(words[name], f"?show={name}", show == name, rows.filter(**asked).count())
        for name, asked in SHOWS.items()
    ]
    shown = rows.filter(**SHOWS.get(show, {}))
    if q:
        shown = shown.filter(nomination__subject_name__icontains=q) | shown.filter(
            member__expert__name__icontains=q
        )
    shown = shown.select_related("member__expert", "nomination", "set_by__user").order_by(
        "nomination__subject_key", "member__code"
    )
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    pairs = {(each.member_id, each.nomination_id) for each in page}
    given = Assignment.objects.filter(
        member__in={each for each, _one in pairs}, nomination__in={one for _each, one in pairs}
    )
    sheets = {(each.member_id, each.nomination_id): each for each in given.select_related("sheet", "recusal")}
    open_step = edition.is_open(StepKind.REVIEW)
    context = framed(
        request,
        edition,
        page=page,
        rows=[(each, _what_becomes(sheets.get((each.member_id, each.nomination_id)), each)) for each in page],
        chips=chips,
        q=q,
        keep=[("show", show)] if show in SHOWS else [],
        total=_("共 {n} 处").format(n=page.paginator.count),
        settling=can(request.hat, "review.pin_conflict", edition) and open_step,
        aside=office_recusals.standing(edition),
        members=edition.panel.select_related("expert") if open_step else [],
        nominations=edition.nominations.filter(state="review")
        .exclude(pk__in=kept_from(request.hat).values("pk"))
        .order_by("subject_key"),
    )
    return render(request, "review/conflicts.html", context)


def _what_becomes(task, conflict) -> str:
    """What has become of the work between the two."""
    if task is None:
        return _("未分配")
    if hasattr(task, "recusal"):
        return _("已回避")
    sheet = getattr(task, "sheet", None)
    if conflict.state not in Conflict.STANDING:
        return _("已评分") if sheet else _("已分配")
    return _("评分表不计入成绩") if sheet else _("已分配，不能打开")


def find(request, pk):
    """Look at every member and nomination once more."""
    edition = find_review(request, pk)
    require(request.hat, "review.assign", edition)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.perform(conflicts.find_conflicts, edition, by=request.hat, now=timezone.now()):
            ask(tasks.rebalance, edition.pk)
            messages.success(request, _("已核对，新发现 {n} 处。").format(n=len(form.result)))
    return redirect("review:conflicts", edition.pk)


def choose(request, pk):
    """From the two lists on the board to the page of the pair."""
    edition = find_review(request, pk)
    require(request.hat, "review.pin_conflict", edition)
    member = edition.panel.filter(pk=_number(request.GET.get("member"))).first()
    nomination = edition.nominations.filter(pk=_number(request.GET.get("nomination"))).first()
    if member is None or nomination is None:
        messages.info(request, _("请选择专家和企业。"))
        return redirect("review:conflicts", edition.pk)
    return redirect("review:pin", member.pk, nomination.pk)


def _number(text) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def pin(request, pk, nomination):
    """Settle one pair with a reason; what is set aside by it is said first."""
    member = find_member(request, pk)
    edition = member.edition
    require(request.hat, "review.pin_conflict", edition)
    mine = edition.nominations.exclude(pk__in=kept_from(request.hat).values("pk"))
    subject = get_object_or_404(mine.select_related("edition"), pk=nomination)
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.perform(
        conflicts.pin, member, subject, by=request.hat, now=timezone.now()
    ):
        ask(tasks.rebalance, edition.pk)
        messages.success(request, _("已认定：{state}。").format(state=form.result.get_state_display()))
        return redirect("review:conflicts", edition.pk)
    now_is = Conflict.objects.filter(member=member, nomination=subject).select_related("set_by__user").first()
    task = Assignment.objects.filter(member=member, nomination=subject).select_related("sheet").first()
    sentences = [
        _("现在：{state}（{source}）{reason}").format(
            state=now_is.get_state_display(), source=now_is.get_source_display(), reason=now_is.reason
        )
        if now_is
        else _("现在：没有发现，也没有申报。")
    ]
    if task is None:
        sentences.append(_("这一家没有分配给这位专家；认定须回避后，也不会分配。"))
    elif getattr(task, "sheet", None):
        sentences.append(_("这位专家已有这一家的评分表；认定须回避后，评分表留存，不计入成绩。"))
    else:
        sentences.append(_("这一家已分配给这位专家；认定须回避后，专家不能再打开材料。"))
    sentences.append(_("认定须回避后，系统立即为这一家补派专家；没有可以补派的，通知办公室。"))
    sentences.append(
        _("办公室的认定，系统核对和专家申报都不再改变；专家本人申请的回避，不能认定为无须回避。")
    )
    context = framed(
        request,
        edition,
        form=form,
        title=_("认定利害关系：{code} {name} 与{subject}").format(
            code=member.code, name=member.expert.name, subject=subject.subject_name
        ),
        sentences=sentences,
        verb=_("认定"),
        cancel_url=reverse("review:conflicts", args=[edition.pk]),
    )
    return render(request, "review/confirm.html", context)


def recuse_office(request, pk):
    """Somebody of the office steps aside for an enterprise."""
    nomination = find_nomination(request, pk)
    edition = nomination.edition
    require(request.hat, "review.recuse_office", nomination)
    people = office_recusals.colleagues(edition)
    form = OfficeRecusalForm(request.POST or None, colleagues=people)
    back = reverse("review:conflicts", args=[edition.pk])
    if request.method == "POST" and form.perform(
        office_recusals.record, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已登记。"))
        return redirect(back)
    context = framed(
        request,
        edition,
        form=form,
        title=_("登记工作人员回避：{name}").format(name=nomination.subject_name),
        sentences=[
            _(
                "与这家企业有利害关系的办公室工作人员，登记后看不到这一家的评审：分数、评语、进度和导出都不显示。"
            ),
            _("登记立即生效，由其他工作人员才能解除。"),
        ],
        verb=_("登记回避"),
        cancel_url=back,
    )
    return render(request, "review/confirm.html", context)


def lift_office(request, pk):
    found = OfficeRecusal.objects.filter(lifted_at__isnull=True).select_related(
        "user", "nomination__edition__host"
    )
    if request.hat is not None and request.hat.role == Role.OFFICE:
        found = found.filter(nomination__edition__host=request.hat.organisation)
    row = get_object_or_404(found.prefetch_related("nomination__edition__steps"), pk=pk)
    require(request.hat, "review.recuse_office", row.nomination)
    edition = row.nomination.edition
    back = reverse("review:conflicts", args=[edition.pk])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.perform(
        office_recusals.lift, row, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已解除。"))
        return redirect(back)
    context = framed(
        request,
        edition,
        form=form,
        title=_("解除{name}对“{subject}”的回避").format(name=row.user, subject=row.nomination.subject_name),
        sentences=[
            _("解除后，这位工作人员又能看到这一家的评审。"),
            _("登记时的理由：{reason}").format(reason=row.reason),
        ],
        verb=_("解除回避"),
        cancel_url=back,
    )
    return render(request, "review/confirm.html", context)
