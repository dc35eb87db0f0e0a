"""The honours of an edition, and one honour: its person for the medal, what it is put forward for."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.honours import MedalForm, OutcomeForm, PromoteForm, ReasonForm, RevokeForm
from awards.models import Honour, Promotion
from awards.services import honour_tables, promoting, promotion_tables, revoking
from awards.services.path import path_of
from awards.views.framing import edition_of, framed, workbook
from nominations.subjects import beside
from portal.permissions import can, require
from portal.templatetags.portal import yuan


def honours(request, pk):
    edition = edition_of(request, pk)
    rows = honour_tables.honours_of(edition)
    may_conclude = can(request.hat, "nominations.conclude", edition) and not edition.concluded_at
    context = {
        "honours": rows,
        "decisions": edition.decisions.order_by("issued_on", "pk"),
        "lists": [
            (to, title, promotion_tables.promotions_of(edition, to).count())
            for to, title in promotion_tables.TITLES.items()
            if to != Promotion.To.MODEL_WORKER or edition.category.medal
        ],
        "may_conclude": may_conclude and edition.current_step is None,
        "may_issue": can(request.hat, "awards.issue_paper", edition),
        "may_enter_former": can(request.hat, "awards.enter_former"),
        "people": sum(hasattr(row, "person") for row in rows),
    }
    return render(request, "awards/honours.html", framed(request, edition, **context))


def honours_export(request, pk):
    edition = edition_of(request, pk)
    return workbook(
        "命名名单.xlsx", lambda out: honour_tables.write_honours_table(edition, out, by=request.hat)
    )


def promotions_export(request, pk, to):
    edition = edition_of(request, pk)
    if to not in Promotion.To.values:
        raise Http404
    return workbook(
        f"{promotion_tables.TITLES[to]}.xlsx",
        lambda out: promotion_tables.write_promotions(edition, to, out, by=request.hat),
    )


def honour(request, pk):
    """One honour: what it came to, and what may be done about it."""
    found = found_honour(request, pk)
    standing = {each.to: each for each in found.promotions.all() if each.ended_at is None}
    context = {
        "honour": found,
        "person": getattr(found, "person", None),
        "money": revoking.consequence(found),
        "promotions": found.promotions.select_related("decided_by__user"),
        "free": [
            (to, label)
            for to, label in Promotion.To.choices
            if to not in standing and (to != Promotion.To.MODEL_WORKER or found.category.medal)
        ],
        "may_change": can(request.hat, "awards.promote", found) and not found.revoked_on,
        "may_set_medal": found.certificate and found.category.medal and _may(request, "awards.name", found),
        "may_set_person": bool(found.medal_name) and _may(request, "awards.set_medal_person", found),
        "may_read_person": can(request.hat, "awards.read_medal_person", found),
        "may_issue": _may(request, "awards.issue_paper", found),
        "may_correct": found.nomination_id is None and _may(request, "awards.enter_former", found),
        "back": _back(request, found),
        "path": path_of(found.enterprise, hat=request.hat),
    }
    return _page(request, found, "awards/honour.html", context)


def _may(request, act, found) -> bool:
    return not found.revoked_on and can(request.hat, act, found)


def honour_medal(request, pk):
    found = found_honour(request, pk, "awards.name")
    initial = {"name": found.medal_name, "office": found.medal_office, "position": found.medal_position}
    form = MedalForm(request.POST or None, initial=initial)
    title = _("五一劳动奖章人选：{name}").format(name=found.subject_name)
    return edited(request, found, form, promoting.set_medal, title)


def promote(request, pk, to):
    found = found_honour(request, pk, "awards.promote")
    if to not in Promotion.To.values:
        raise Http404
    form = PromoteForm(request.POST or None, to=to)
    title = _("{list}：{name}").format(list=Promotion.To(to).label, name=found.subject_name)
    note = _("没有达到的条件须写明情况。条件由委员会决定。")

    def service(thing, **given):
        return promoting.promote(thing, to=to, **given)

    return edited(request, found, form, service, title, note=note, template="awards/promote.html")


def end_promotion(request, pk):
    promotion, found = _promotion(request, pk)
    form = ReasonForm(request.POST or None)
    title = _("取消{list}：{name}").format(list=promotion.get_to_display(), name=found.subject_name)

    def service(_thing, **given):
        return promoting.end_promotion(promotion, **given)

    return edited(request, found, form, service, title)


def promotion_outcome(request, pk):
    promotion, found = _promotion(request, pk)
    initial = {
        "outcome": promotion.outcome,
        "day": promotion.outcome_on,
        "number": promotion.outcome_number,
    }
    form = OutcomeForm(request.POST or None, initial=initial)
    title = _("{list}的结果：{name}").format(list=promotion.get_to_display(), name=found.subject_name)

    def service(_thing, **given):
        return promoting.record_outcome(promotion, **given)

    return edited(request, found, form, service, title)


def _promotion(request, pk):
    rows = Promotion.objects.filter(honour__in=Honour.objects.visible_to(request.hat))
    promotion = get_object_or_404(rows.select_related("honour"), pk=pk)
    return promotion, found_honour(request, promotion.honour_id, "awards.promote")


def edited(request, found, form, service, title, *, note="", template="awards/form.html"):
    """A form about one honour; when it is done, back to the honour."""
    back = reverse("awards:honour", args=[found.pk])
    if request.method == "POST" and form.perform(service, found, by=request.hat, now=timezone.now()):
        messages.success(request, _("已保存。"))
        return redirect(back)
    return _page(request, found, template, {"form": form, "title": title, "note": note, "back": back})


def honour_revoke(request, pk):
    found = found_honour(request, pk, "awards.revoke_honour")
    back = reverse("awards:honour", args=[found.pk])
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.perform(
        revoking.revoke_honour, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已撤销命名。"))
        return redirect(back)
    context = {
        "form": form,
        "title": _("撤销“{name}”的命名").format(name=found.subject_name),
        "sentences": list(_consequences(found)),
        "undo_note": _("撤销后不能恢复。"),
        "verb": _("撤销命名") if beside(found) else _("撤销这一家的命名"),
        "danger": True,
        "cancel_url": back,
    }
    return _page(request, found, "awards/confirm.html", context)


def _consequences(found):
    yield _("{number} “{name}”在公开名录和证书查验页上显示为已撤销，并写明理由。").format(
        number=found.number, name=found.subject_name
    )
    standing = [each for each in found.promotions.all() if each.ended_at is None]
    for each in standing:
        yield _("{list}随之取消。").format(list=each.get_to_display())
    if money := revoking.consequence(found):
        if money.unpaid > 0:
            yield _("资助资金已拨付 {paid}，尚未拨付的 {unpaid} 不再拨付。").format(
                paid=yuan(money.paid), unpaid=yuan(money.unpaid)
            )
        else:
            yield _("资助资金 {paid} 已全部拨付。").format(paid=yuan(money.paid))
        if money.unspent > 0:
            yield _("已拨付未使用的 {unspent} 由委员会决定是否退回。").format(unspent=yuan(money.unspent))


def found_honour(request, pk, act: str = "") -> Honour:
    rows = Honour.objects.visible_to(request.hat).select_related(
        "enterprise",
        "category",
        "host",
        "naming",
        "grant",
        "person",
        "revoked_by__user",
        "nomination__edition__host",
    )
    found = get_object_or_404(rows, pk=pk)
    if act:
        require(request.hat, act, found)
    return found


def _back(request, found) -> str:
    if found.nomination and can(request.hat, "awards.export", found):
        return reverse("awards:honours", args=[found.nomination.edition_id])
    return ""


def _page(request, found, template, context):
    """Within the frame of its edition; one of former years has none."""
    if found.nomination is not None:
        context = framed(request, found.nomination.edition, **context)
    return render(request, template, context)
