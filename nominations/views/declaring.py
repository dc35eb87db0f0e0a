from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from nominations import rules
from nominations.declaration.concerns import concerns
from nominations.forms.declaring import NewNominationForm
from nominations.reading import gaps_of
from nominations.services import declaring, looking_up
from nominations.services.completeness import completeness_of, facts_of
from nominations.services.conflicts import differences_of
from nominations.services.duplicates import near_names
from nominations.services.intake_rows import city_prefixes
from nominations.subjects import beside
from nominations.views.conflicts import show_conflict
from nominations.views.declaration_page import form_of, show_form
from nominations.views.editions import found, framed
from nominations.views.records import nomination_of
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said
from portal.templatetags.portal import cndatetime


def new(request, pk):
    """The credit code and the name; then the draft is there and the sections open."""
    edition = found(request, pk)
    require(request.hat, "nominations.create", edition)
    form = NewNominationForm(request.POST or None, edition=edition, hat=request.hat)
    if request.method == "POST" and form.perform(
        declaring.create_nomination, edition, by=request.hat, now=timezone.now()
    ):
        _look_twice(request, form.result)
        messages.success(request, _("草稿已建立。下面各节可以分几次填写，填写的内容随时保存。"))
        return redirect("nominations:nomination_edit", form.result.pk)
    return render(request, "nominations/nomination_new.html", framed(request, edition, form=form))


@require_GET
def look_up(request, pk):
    """What is known of a credit code that is being typed."""
    edition = found(request, pk)
    require(request.hat, "nominations.create", edition)
    try:
        known = looking_up.read_known(edition, request.GET.get("credit_code", ""), by=request.hat)
    except Refused as refusal:
        return JsonResponse({"ok": False, "error": said(refusal)})
    return JsonResponse(
        {
            "ok": not known.taken and not known.barred,
            "code": known.code,
            "name": known.name,
            "division": known.division,
            "lines": list(_known_lines(known)),
        }
    )


def edit(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.edit", nomination)
    form = form_of(nomination, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = declaring.save_declaration(
                nomination, by=request.hat, now=timezone.now(), **form.cleaned_data
            )
        except declaring.Moved as moved:
            return show_conflict(request, nomination_of(request, pk), form.given, form.version, moved)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存（第 {n} 版）。").format(n=kept.version))
            stay = "more" in request.POST
            return redirect("nominations:nomination_edit", pk) if stay else redirect(nomination)
    return show_form(request, nomination, form)


@require_POST
def autosave(request, pk):
    """The page saves itself. 200 all of it, 422 all but the fields named, 409 somebody was there before."""
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.edit", nomination)
    form = form_of(nomination, request.POST)
    form.is_valid()
    errors = {key: list(each) for key, each in form.errors.items()}
    if "version" in errors:
        return JsonResponse({"error": _("页面已过期，请刷新后再填。"), "stop": True}, status=422)
    try:
        declaring.save_declaration(
            nomination, by=request.hat, now=timezone.now(), by_itself=True, **form.cleaned_data
        )
    except declaring.Moved:
        nomination = nomination_of(request, pk)
        if differences_of(nomination, version=form.version, mine=form.given):
            declaration = nomination.declaration
            sentence = _("{who}于 {when} 保存过这份申报表，与本页不同。本页填写的内容还在，没有保存。")
            answer = {
                "error": sentence.format(
                    who=declaration.saved_by.user if declaration.saved_by else _("另一个窗口"),
                    when=cndatetime(declaration.saved_at),
                ),
                "url": reverse("nominations:conflict", args=[pk]),
                "version": declaration.version,
            }
            return JsonResponse(answer, status=409)
    except Refused as refusal:
        return JsonResponse({"error": said(refusal), "stop": True}, status=422)
    nomination = nomination_of(request, pk)
    return JsonResponse(_saved(nomination) | {"errors": errors}, status=422 if errors else 200)


@require_POST
def take_over(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.edit", nomination)
    try:
        looking_up.take_over(nomination, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("已带入上次申报的基本情况，请逐项核对是否有变化。"))
    return redirect("nominations:nomination_edit", pk)


def _saved(nomination) -> dict:
    """What the page shows after a save."""
    whole = completeness_of(nomination)
    worries = {}
    for each in concerns(facts_of(nomination)):
        worries.setdefault(each.field, []).append(said(each))
    return {
        "version": nomination.declaration.version,
        "saved_at": f"{timezone.localtime(nomination.declaration.saved_at):%H:%M}",
        "filled": whole.filled,
        "of": whole.of,
        "missing": [vars(gap) for gap in gaps_of(nomination, whole.missing, here=True)],
        "advised": [vars(gap) for gap in gaps_of(nomination, whole.advised, here=True)],
        "parts": {part.key: [part.filled, part.of] for part in whole.parts},
        "worries": worries,
    }


def _known_lines(known):
    if known.taken:
        yield _("这一届已由“{unit}”推荐，不能重复推荐。").format(unit=known.taken.recommender.name)
    if known.barred:
        yield _("往届已经命名，按本届规则不再推荐。")
    for each in known.honours:
        yield _("{year} 年命名：{title}").format(year=each.year, title=each.title)
    for each in known.earlier:
        yield _("往届申报：{edition}（{state}）").format(
            edition=each.edition.title, state=str(each.state_label)
        )
    for each in known.others:
        yield _("这家企业在这一届已申报：{name}（{state}）").format(
            name=each.subject_name, state=str(each.state_label)
        )
    if known.earlier and not known.taken:
        yield _("建立草稿后，可以带入上次申报的基本情况。")
    if known.out_of_city:
        yield _("信用代码的登记地不在本市（{division}），请核对注册地。").format(division=known.code[2:8])
    if not (known.name or known.out_of_city):
        yield _("代码的校验码正确，平台中还没有这家企业。")


def _look_twice(request, nomination):
    """Say what does not refuse and yet deserves a look."""
    code = nomination.enterprise.credit_code
    prefixes = city_prefixes(nomination.edition)
    if prefixes and rules.out_of_city(code, prefixes):
        messages.warning(
            request,
            _("信用代码的登记地不在本市（{division}），请核对注册地。").format(division=code[2:8]),
        )
    for each in near_names({code: beside(nomination) or nomination.subject_name}).get(code, ()):
        messages.warning(
            request,
            _("与已登记的“{name}”（{code}）名称相近，请核对不是同一家。").format(
                name=each.name, code=each.credit_code
            ),
        )
