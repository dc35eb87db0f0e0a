from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nominations.declaration import shape_from
from nominations.forms.categories import CategoryChangeForm, CategoryFileForm
from nominations.models import Category
from nominations.papers import blank as paper
from nominations.services import categories
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from portal.workbook.writing import disposition

#: What a question is answered by, and whether it must be, as an office reads it.
_KINDS = {
    "text": gettext_lazy("一行文字"),
    "long": gettext_lazy("长文字"),
    "integer": gettext_lazy("整数"),
    "decimal": gettext_lazy("数字"),
    "money": gettext_lazy("金额"),
    "percent": gettext_lazy("百分比"),
    "date": gettext_lazy("日期"),
    "boolean": gettext_lazy("是或否"),
    "choice": gettext_lazy("选一项"),
    "choices": gettext_lazy("选多项"),
    "rows": gettext_lazy("表格"),
    "details": gettext_lazy("各项明细"),
    "evidence": gettext_lazy("佐证"),
}
_NEEDS = {
    "submit": gettext_lazy("必填"),
    "advised": gettext_lazy("建议填写"),
    "optional": gettext_lazy("可不填"),
}


def list_all(request):
    """Every category: what is selected, how much its form asks, what experts score."""
    require(request.hat, "nominations.see_categories")
    rows = [
        (each, sum(1 for _field in shape_from(each.form)), each.rubric)
        for each in Category.objects.annotate(editions=Count("edition")).order_by("position", "pk")
    ]
    return render(request, "nominations/categories.html", {"rows": rows})


def show(request, pk):
    category = _found(request, pk)
    shape, names = shape_from(category.form), {row["code"]: row["name"] for row in category.rubric}
    sections = [
        (
            _(section.title),
            _(names.get(section.dimension, "")) if section.dimension else "",
            [(each, _KINDS[each.kind], _NEEDS[each.need]) for each in section.fields],
        )
        for section in shape.sections
    ]
    context = {
        "category": category,
        "sections": sections,
        "asked": len(shape.by_key),
        "needed": len(shape.needed()),
        "editions": category.edition_set.visible_to(request.hat).select_related("host")[:20],
        "may_change": can(request.hat, "nominations.change_category", category),
    }
    return render(request, "nominations/category.html", context)


def blank(request, pk):
    """The form as a page to print, with nothing filled in."""
    return HttpResponse(paper.blank_page(_found(request, pk)))


def take_out(request, pk):
    """The form and the rubric as a file, to be changed and brought back."""
    category = _found(request, pk)
    answer = HttpResponse(categories.write_category(category), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = disposition(
        _("{name}的申报表和评审维度.json").format(name=category)
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def change(request, pk):
    """A file is brought, what it changes is shown, and what was shown is confirmed: three times this page."""
    category = _found(request, pk)
    require(request.hat, "nominations.change_category", category)
    form = CategoryFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and "was" in request.POST:
        confirm = CategoryChangeForm(request.POST)
        if confirm.perform(categories.change_category, category, by=request.hat, now=timezone.now()):
            messages.success(request, _("已写入新的申报表和评审维度。"))
            return redirect(category)
        for sentence in confirm.non_field_errors() or [_("页面已过期，请重新上传文件。")]:
            messages.error(request, sentence)
        return redirect("nominations:category_change", category.pk)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"].read(categories.MOST_BYTES + 1)
        try:
            preview = categories.read_change(category, data, by=request.hat)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _preview(request, category, preview, data)
    return render(request, "nominations/category_change.html", {"category": category, "form": form})


def _preview(request, category, preview, data):
    confirm = CategoryChangeForm(initial={"text": data.decode("utf-8-sig"), "was": preview.was})
    sentences = [
        _("新设立的届用新的申报表和评审维度。"),
        _("{n} 届尚未发布、还没有推荐，改用新的申报表；评审维度有修改的，也改用新的。").format(
            n=len(preview.follow)
        )
        if preview.follow
        else _("没有尚未发布的届要随之改动。"),
    ]
    context = {
        "category": category,
        "form": confirm,
        "title": _("修改“{name}”的申报表和评审维度").format(name=category),
        "sentences": sentences,
        "moves": [said(line) for line in preview.lines],
        "moves_title": _("改动"),
        "stays": [each.title for each in preview.keep],
        "stays_title": _("已发布或已有推荐，保持原来的申报表和评审维度"),
        "verb": _("写入这 {n} 处改动").format(n=len(preview.lines)),
        "cancel_url": category.get_absolute_url(),
    }
    return render(request, "nominations/category_confirm.html", context)


def _found(request, pk) -> Category:
    require(request.hat, "nominations.see_categories")
    return get_object_or_404(Category, pk=pk)
