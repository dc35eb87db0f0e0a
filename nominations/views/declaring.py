from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations import rules
from nominations.forms.declaring import DeclarationForm, NewNominationForm
from nominations.forms.recommending import SubmitForm, WithdrawForm
from nominations.services import declaring
from nominations.services.duplicates import near_names
from nominations.services.intake import city_prefixes
from nominations.states import State
from nominations.views.editions import found, framed
from nominations.views.records import nomination_of
from portal.permissions import require


def new(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.create", edition)
    form = NewNominationForm(request.POST or None, edition=edition, hat=request.hat)
    if request.method == "POST" and form.perform(
        declaring.create_nomination, edition, by=request.hat, now=timezone.now()
    ):
        _look_twice(request, form.result)
        messages.success(request, _("草稿已保存。填写完整并上传佐证后提交。"))
        return redirect(form.result)
    return render(request, "nominations/declaration.html", framed(request, edition, form=form))


def edit(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.edit", nomination)
    form = DeclarationForm(request.POST or None, declaration=nomination.declaration)
    if request.method == "POST" and form.perform(
        declaring.save_declaration, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已保存（第 {n} 版）。").format(n=form.result.version))
        return redirect(nomination)
    context = framed(request, nomination.edition, form=form, nomination=nomination)
    return render(request, "nominations/declaration.html", context)


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
    missing = declaring.missing_of(nomination)
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
        cancel_url=nomination.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def withdraw(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.withdraw", nomination)
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
        undo_note=_("撤回后不能恢复；要再参加须重新申报。"),
        verb=_("撤回这一家"),
        danger=True,
        cancel_url=nomination.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def _look_twice(request, nomination):
    """Say what does not refuse and yet deserves a look."""
    code = nomination.enterprise.credit_code
    prefixes = city_prefixes(nomination.edition)
    if prefixes and rules.out_of_city(code, prefixes):
        messages.warning(
            request,
            _("信用代码的登记地不在本市（{division}），请核对注册地。").format(division=code[2:8]),
        )
    for each in near_names({code: nomination.subject_name}).get(code, ()):
        messages.warning(
            request,
            _("与已登记的“{name}”（{code}）名称相近，请核对不是同一家。").format(
                name=each.name, code=each.credit_code
            ),
        )
