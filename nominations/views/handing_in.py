from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.recommending import SubmitForm, WithdrawForm
from nominations.services import declaring
from nominations.services.completeness import missing_of
from nominations.states import State
from nominations.views.editions import framed
from nominations.views.records import nomination_of
from portal.permissions import require
from portal.speech import said


def submit(request, pk):
    nomination = nomination_of(request, pk)
    back = declaring.open_return(nomination)
    repairing = back is not None and back.from_state == State.SCREENING
    require(request.hat, "nominations.repair" if repairing else "nominations.submit", nomination)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        declaring.submit, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{name}”已提交。").format(name=nomination.subject_name))
        return redirect(nomination)
    where = _("资格审查") if repairing else nomination.recommender.name
    missing = missing_of(nomination)
    titles = "、".join(_(each.title) for each in missing)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=_("提交“{name}”的申报").format(name=nomination.subject_name),
        sentences=[
            _("提交到：{where}。").format(where=where),
            _("提交后申报内容不能再由企业修改；需要修改时由推荐单位或办公室退回。"),
        ],
        blocks=[_("申报表还缺：{missing}。补齐后才能提交。").format(missing=titles)] if missing else [],
        moves=[nomination.subject_name],
        moves_title=_("提交"),
        verb=_("提交这一家"),
        mend_url=f"{nomination.get_absolute_url()}#gaps",
        cancel_url=nomination.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def withdraw(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.withdraw", nomination)
    refusal = declaring.why_not_withdrawn(nomination, request.hat)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.perform(
        declaring.withdraw, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{name}”已撤回。").format(name=nomination.subject_name))
        return redirect(nomination)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=_("撤回“{name}”").format(name=nomination.subject_name),
        sentences=[
            _("这一家不再参加本届评选，材料和办理经过保留。"),
            _("占用的推荐名额退还给{unit}。").format(unit=nomination.recommender.name),
        ],
        blocks=[said(refusal)] if refusal else [],
        undo_note=_("撤回后不能恢复；要再参加须重新申报。"),
        verb=_("撤回这一家"),
        danger=True,
        cancel_url=nomination.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)
