"""The honours of former years: entered by the office one at a time or as a workbook, and put right."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awards import tasks
from awards.forms.honours import CorrectFormerForm, FormerFileForm, FormerForm, FormerListForm, ReasonForm
from awards.models import Honour
from awards.services import former, former_files
from awards.services.former_checks import levels_of
from awards.views.framing import workbook
from nominations.forms.recommending import SubmitForm
from nominations.jobs import job_of
from nominations.models import IntakeFile
from nominations.services import keeping
from portal.asking import ask
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said
from portal.workbook import WorkbookRefused


def former_list(request):
    """What this office entered from papers, newest year first."""
    require(request.hat, "awards.enter_former")
    form = FormerListForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    own = _own(request)
    years = list(own.order_by("-year").values_list("year", flat=True).distinct())
    rows = own.select_related("enterprise", "category", "host").order_by("-year", "number")
    for key in ("year", "level"):
        if asked.get(key):
            rows = rows.filter(**{key: asked[key]})
    if asked.get("q"):
        rows = rows.filter(subject_name__icontains=asked["q"]) | rows.filter(
            enterprise__name__icontains=asked["q"]
        )
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    levels = levels_of(request.hat.organisation)
    context = {
        "page": page,
        "chosen": asked,
        "years": years,
        "levels": [(level, word) for level, word in Honour.Level.choices if level in levels],
        "total": _("共 {n} 项").format(n=page.paginator.count),
    }
    return render(request, "awards/former.html", context)


def former_new(request):
    require(request.hat, "awards.enter_former")
    form = FormerForm(request.POST or None, levels=levels_of(request.hat.organisation))
    if request.method == "POST" and form.perform(former.enter_former, by=request.hat, now=timezone.now()):
        messages.success(request, _("已登记“{name}”的命名。").format(name=form.result.subject_name))
        return redirect("awards:honour", form.result.pk)
    context = {
        "form": form,
        "title": _("登记历年命名"),
        "note": _("没有经过本系统评选的命名，按当时的文件逐条登记，列入公开名录。"),
        "back": reverse("awards:former"),
    }
    return render(request, "awards/form.html", context)


def former_correct(request, pk):
    found = _found(request, pk)
    values = {
        "category": found.category,
        "level": found.level,
        "year": found.year,
        "title": found.title,
        "subject": found.subject_name if found.subject_key != found.enterprise.credit_code else "",
        "name": found.enterprise.name,
        "credit_code": found.enterprise.credit_code,
        "division_name": found.division_name,
        "industry": found.industry,
        "number": found.number,
        "decision": found.decision,
        "named_on": found.named_on,
        "namer": found.namer,
    }
    if not values["subject"]:
        values["name"] = found.subject_name
    form = CorrectFormerForm(request.POST or None, levels=levels_of(request.hat.organisation), initial=values)
    back = reverse("awards:honour", args=[found.pk])
    if request.method == "POST" and form.perform(
        former.correct_former, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已更正。"))
        return redirect(back)
    context = {
        "form": form,
        "title": _("更正“{name}”的登记").format(name=found.subject_name),
        "note": _("登记与文件不符的，照文件更正；更正前后的内容和理由都留在记录上。"),
        "back": back,
    }
    return render(request, "awards/form.html", context)


def former_withdraw(request, pk):
    found = _found(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.perform(
        former.withdraw_former, found, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已撤回“{name}”的登记。").format(name=found.subject_name))
        return redirect("awards:former")
    context = {
        "form": form,
        "title": _("撤回“{name}”的登记").format(name=found.subject_name),
        "sentences": [
            _("{number} “{name}”从公开名录中去掉，登记过的内容和撤回理由留在记录上。").format(
                number=found.number, name=found.subject_name
            ),
            _("只用于误登记的：文件上没有这一项命名。命名过、后来被撤销的，用“撤销命名”。"),
        ],
        "undo_note": _("撤回后不能恢复，只能重新登记。"),
        "verb": _("撤回这一项登记"),
        "danger": True,
        "cancel_url": reverse("awards:honour", args=[found.pk]),
    }
    return render(request, "awards/confirm.html", context)


def former_form(request):
    require(request.hat, "awards.import_former")
    return workbook("历年命名表（空白）.xlsx", lambda out: former_files.write_blank(out, by=request.hat))


def former_import(request):
    require(request.hat, "awards.import_former")
    form = FormerFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        former_files.keep_former, by=request.hat, now=timezone.now()
    ):
        return redirect("awards:former_file", form.result.pk)
    columns = former_files.columns_of(levels_of(request.hat.organisation))
    context = {"form": form, "columns": [(column.name, column.required) for column in columns]}
    return render(request, "awards/former_import.html", context)


def former_file(request, kept):
    """Every row of the kept file against the world as it is now; then all of them or none."""
    kept = _kept(request, kept)
    if keeping.standing(kept).state not in ("preview", "failed"):
        return render(request, "awards/former_job.html", _job(kept))
    now = timezone.now()
    form = SubmitForm(request.POST if request.method == "POST" else None)
    large = keeping.is_large(kept)
    service = keeping.ask_file if large else former_files.apply_former
    if request.method == "POST" and form.perform(service, kept, by=request.hat, now=now):
        if large:
            ask(tasks.apply_former_file, kept.pk)
            return redirect("awards:former_file", kept.pk)
        messages.success(request, _("已导入 {n} 项命名。").format(n=len(form.result)))
        return redirect("awards:former")
    problems = SubmitForm({})
    try:
        found = former_files.read_former(kept.file, by=request.hat, now=now)
        if problems.is_valid() and found.errors:
            problems.refuse(WorkbookRefused(found.errors))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:former_import")
    context = {
        "form": form,
        "kept": kept,
        "found": found,
        "problems": problems,
        "failed": kept.problems,
        "counts": found.counts.most_common(),
        "notices": [said(each) for each in found.notices],
        "warned": [(row, "；".join(said(each) for each in row.warnings)) for row in found.warned],
    }
    return render(request, "awards/former_preview.html", context)


@require_GET
def former_progress(request, kept):
    """The component alone, for the page that asks every second."""
    return render(request, "components/progress.html", _job(_kept(request, kept)))


def _own(request):
    return Honour.objects.visible_to(request.hat).filter(nomination__isnull=True)


def _found(request, pk) -> Honour:
    """One this office entered; what came of an edition is corrected there."""
    require(request.hat, "awards.enter_former")
    return get_object_or_404(_own(request).select_related("enterprise", "category"), pk=pk)


def _kept(request, pk) -> IntakeFile:
    if request.hat is None:
        raise Http404
    mine = IntakeFile.objects.filter(kind=IntakeFile.Kind.FORMER, uploaded_by=request.hat)
    return get_object_or_404(mine, pk=pk)


def _job(kept: IntakeFile) -> dict:
    return {
        "kept": kept,
        "job": job_of(kept, _("导入历年命名表")),
        "job_url": reverse("awards:former_progress", args=[kept.pk]),
        "next_url": reverse("awards:former"),
        "next": _("查看历年命名"),
    }
