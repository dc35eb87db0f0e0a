"""专家库: the list, a person, and the register by Excel."""

import io
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.desk import Chip
from portal.errors import Refused
from portal.forms import ServiceForm
from portal.permissions import can, require
from portal.speech import said
from portal.workbook.writing import attachment
from review.forms.experts import ExpertForm, RegisterFileForm
from review.models import Expert
from review.services import register, register_files

PAGE = 50
KEPT_FOR = 3600  # seconds between a preview and its confirmation
SHOWS = {"in": True, "out": False}


def experts(request):
    require(request.hat, "review.see_register")
    asked = _asked(request)
    rows = register.found(**_filters(asked))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "q": asked["q"],
        "keep": [(name, value) for name, value in asked.items() if value and name != "q"],
        "chips": _chips(asked),
        "total": _("共 {n} 位").format(n=page.paginator.count),
        "asked": _query(asked),
        "managing": can(request.hat, "review.manage_register"),
        "filtered": any(asked.values()),
    }
    return render(request, "review/register.html", context)


def _asked(request) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:60] for name in ("q", "show", "field", "district")}


def _filters(asked) -> dict:
    return {
        "q": asked["q"],
        "field": asked["field"],
        "district": asked["district"],
        "active": SHOWS.get(asked["show"]),
    }


def _query(asked, **other) -> str:
    kept = {name: value for name, value in (asked | other).items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


def _chips(asked) -> list[Chip]:
    """In or out of the register, then fields and districts that somebody has; a chip that is on goes off."""
    rows = list(Expert.objects.values_list("fields", "division_name", "active"))
    inside = sum(active for _fields, _place, active in rows)
    chips = [
        Chip(_("全部"), _query(asked, show=""), not asked["show"], len(rows)),
        Chip(_("在库"), _query(asked, show="in"), asked["show"] == "in", inside),
        Chip(_("不在库"), _query(asked, show="out"), asked["show"] == "out", len(rows) - inside),
    ]
    fields = sorted({word for words, _place, _active in rows for word in words})
    places = sorted({place for _words, place, _active in rows if place})
    for name, words in (("field", fields), ("district", places)):
        for word in words:
            on = asked[name] == word
            chips.append(Chip(word, _query(asked, **{name: "" if on else word}), on, None))
    return chips


def expert(request, pk):
    """One person: what is known, where they sat, how many sheets they handed in; never a score."""
    require(request.hat, "review.see_register")
    person = get_object_or_404(Expert.objects.select_related("user"), pk=pk)
    context = {
        "expert": person,
        "panels": register.past(person),
        "managing": can(request.hat, "review.manage_register"),
        "facts": [
            (_("工作单位"), person.employer),
            (_("工作单位信用代码"), person.employer_code),
            (_("专业领域"), "、".join(person.fields)),
            (_("职称职务"), person.title),
            (_("所在区市"), person.division_name),
            (_("账户"), person.user.username if person.user else _("无账户")),
            (_("联系电话"), person.phone),
            (_("电子邮箱"), person.mail),
            (_("备注"), person.note),
        ],
    }
    return render(request, "review/expert.html", context)


def expert_new(request):
    require(request.hat, "review.manage_register")
    form = ExpertForm(request.POST or None)
    if request.method == "POST" and form.perform(register.add_expert, by=request.hat, now=timezone.now()):
        messages.success(request, _("已加入专家库。"))
        return redirect("review:expert", form.result.pk)
    return render(request, "review/expert_form.html", {"form": form, "back": reverse("review:register")})


def expert_edit(request, pk):
    require(request.hat, "review.manage_register")
    person = get_object_or_404(Expert.objects.select_related("user"), pk=pk)
    form = ExpertForm(request.POST or None, expert=person)
    if request.method == "POST" and form.perform(
        register.change_expert, person, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已保存。"))
        return redirect("review:expert", person.pk)
    context = {"form": form, "expert": person, "back": reverse("review:expert", args=[pk])}
    return render(request, "review/expert_form.html", context)


def expert_active(request, pk):
    """Out of the register or back into it, after the consequence was read."""
    require(request.hat, "review.manage_register")
    person = get_object_or_404(Expert, pk=pk)
    back = reverse("review:expert", args=[pk])
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        register.set_active, person, not person.active, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已移回专家库。") if form.result.active else _("已移出专家库。"))
        return redirect(back)
    if person.active:
        title, verb = _("将{name}移出专家库").format(name=person.name), _("移出专家库")
        sentences = [
            _("移出后不再参加抽取；记录保留，随时可以移回。"),
            _("已在各届专家组中的席位和评分表不受影响。"),
        ]
    else:
        title, verb = _("将{name}移回专家库").format(name=person.name), _("移回专家库")
        sentences = [_("移回后可以参加抽取。")]
    context = {"form": form, "title": title, "verb": verb, "sentences": sentences, "cancel_url": back}
    return render(request, "review/confirm.html", context)


def register_import(request):
    """Upload, look, apply: all of it or nothing."""
    require(request.hat, "review.manage_register")
    if request.POST.get("token"):
        return _apply(request)
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(register_files.read_register, by=request.hat):
        if form.result:
            token = signing.dumps(register_files.as_kept(form.result), salt=_salt(request), compress=True)
            context = {
                "new": [each for each in form.result if each.expert is None],
                "changed": [each for each in form.result if each.expert],
                "token": token,
            }
            return render(request, "review/register_preview.html", context)
        messages.info(request, _("文件中的内容与专家库现有的相同，没有需要改的。"))
        return redirect("review:register_import")
    return render(request, "review/register_import.html", {"form": form})


def _apply(request):
    try:
        rows = signing.loads(request.POST["token"], salt=_salt(request), max_age=KEPT_FOR)
        added, changed = register_files.apply_register(rows, by=request.hat, now=timezone.now())
    except signing.BadSignature:
        messages.error(request, _("预览已过期，请重新上传文件。"))
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request, _("已导入：新增 {added} 位，更新 {changed} 位。").format(added=added, changed=changed)
        )
        return redirect("review:register")
    return redirect("review:register_import")


def _salt(request) -> str:
    return f"review.register.{request.hat.pk}"


def register_form(request):
    out = io.BytesIO()
    register_files.write_blank(out, by=request.hat)
    return attachment(_("专家库登记表.xlsx"), out.getvalue())


def register_export(request):
    out = io.BytesIO()
    register_files.write_register(out, by=request.hat, **_filters(_asked(request)))
    return attachment(_("专家库.xlsx"), out.getvalue())
