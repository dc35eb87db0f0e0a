"""The teams and the people of the visits, and what stands between them and the enterprises."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awards.forms.teams import DeclareForm, PersonForm, PinForm, ReasonForm, TeamForm
from awards.models import Inspection, InspectorConflict, Team
from awards.services import inspector_conflicts
from awards.services import teams as services
from awards.services.team_places import current, inspectors, kept_by, with_members
from awards.views.framing import edition_of, framed
from nominations.desk import Chip
from nominations.models import Edition
from nominations.states import StepKind
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import can, require

PAGE = 50
State, Source = InspectorConflict.State, InspectorConflict.Source


def _open(edition) -> bool:
    return not edition.step(StepKind.INSPECTION).closed_at


def _posted(request):
    return request.POST if request.method == "POST" else None


@require_GET
def teams(request, pk):
    """Every team with its members and its load, and everybody who visits."""
    edition = edition_of(request, pk)
    rows = with_members(edition.teams.order_by("-active", "number")).annotate(
        visits_in_all=Count("visits"), visits_open=Count("visits", filter=Q(visits__verdict=""))
    )
    people = inspectors().select_related("inspector")
    q = request.GET.get("q", "").strip()[:60]
    if q:
        people = people.filter(Q(full_name__icontains=q) | Q(inspector__employer__icontains=q))
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    may = can(request.hat, "awards.manage_teams", edition) and _open(edition)
    context = {
        "teams": [(row, current(row)) for row in rows],
        "page": page,
        "q": q,
        "may_manage": may,
        "kept": set(kept_by(edition).values_list("pk", flat=True)) if may else set(),
        "total": _("共 {n} 人").format(n=page.paginator.count),
    }
    return render(request, "awards/teams.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def team_new(request, pk):
    edition = edition_of(request, pk, "awards.manage_teams")
    form = TeamForm(_posted(request))
    if request.method == "POST" and form.perform(
        services.make_team, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已设立“{name}”。").format(name=form.result.name))
        return redirect("awards:teams", pk)
    context = {
        "form": form,
        "title": _("设立考察组"),
        "submit": _("设立"),
        "back": reverse("awards:teams", args=[pk]),
    }
    return render(request, "awards/team.html", framed(request, edition, **context))


def _team(request, pk):
    found = with_members(Team.objects.select_related("edition__host", "edition__category"))
    return get_object_or_404(found.filter(edition__in=Edition.objects.visible_to(request.hat)), pk=pk)


@require_http_methods(["GET", "POST"])
def team(request, pk):
    """One team: its history; for the office, as it shall be from now on."""
    row = _team(request, pk)
    edition = row.edition
    require(request.hat, "awards.export", edition)
    may = can(request.hat, "awards.manage_teams", edition) and row.active and _open(edition)
    form = TeamForm(_posted(request), team=row) if may else None
    if request.method == "POST":
        require(request.hat, "awards.manage_teams", edition)
        if form and form.perform(services.change_team, row, by=request.hat, now=timezone.now()):
            messages.success(
                request, _("已更新“{name}”，未考察的企业随之更新。").format(name=form.result.name)
            )
            return redirect("awards:team", pk)
    visits = row.visits.select_related("nomination").order_by("planned_on", "route", "pk")
    context = {
        "team": row,
        "form": form,
        "title": row.name,
        "history": sorted(row.members.all(), key=lambda member: (member.joined_at, member.pk)),
        "visits": visits,
        "submit": _("保存"),
        "back": reverse("awards:teams", args=[edition.pk]),
    }
    return render(request, "awards/team.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def team_retire(request, pk):
    row = _team(request, pk)
    require(request.hat, "awards.manage_teams", row.edition)
    form = ReasonForm(_posted(request))
    if request.method == "POST" and form.perform(
        services.retire_team, row, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{name}”已停用。").format(name=row.name))
        return redirect("awards:teams", row.edition_id)
    context = {
        "form": form,
        "title": _("停用“{name}”").format(name=row.name),
        "sentences": [_("停用后不能再安排这个组考察。"), _("已经完成的考察和变动记录保留。")],
        "verb": _("停用"),
        "cancel_url": reverse("awards:team", args=[pk]),
    }
    return render(request, "awards/confirm.html", framed(request, row.edition, **context))


@require_http_methods(["GET", "POST"])
def inspector(request, pk, user):
    """What is known of one who visits."""
    edition = edition_of(request, pk, "awards.manage_teams")
    person = get_object_or_404(kept_by(edition).select_related("inspector"), pk=user)
    form = PersonForm(_posted(request), person=person)
    if request.method == "POST" and form.perform(
        services.keep_inspector, edition, person, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已保存，并重新核对了本届的回避情形。"))
        return redirect("awards:teams", pk)
    context = {
        "form": form,
        "title": _("考察人员：{name}").format(name=person),
        "note": _("工作单位和所在区市用来核对回避情形；联系电话只在路线页显示给办公室和本组。"),
        "back": reverse("awards:teams", args=[pk]),
    }
    return render(request, "awards/form.html", framed(request, edition, **context))


# --- 回避


@require_GET
def conflicts(request, pk):
    """Every pair something is known of, those that bar first; and where another is settled."""
    edition = edition_of(request, pk)
    how = inspector_conflicts.standing(edition)
    people = {user.pk: user for user in inspectors()}
    visits = {
        visit.nomination_id: visit
        for visit in Inspection.objects.filter(nomination__edition=edition).select_related("nomination")
    }
    rows = [
        (people[user], visits[nomination], found)
        for (user, nomination), found in how.items()
        if user in people and nomination in visits
    ]
    show = request.GET.get("show", "")
    shows = {
        "barred": (_("须回避"), [row for row in rows if row[2].barred]),
        "clear": (_("已申报或认定无须回避"), [row for row in rows if not row[2].barred]),
    }
    show = show if show in shows else "barred"
    shown = sorted(shows[show][1], key=lambda row: (row[1].nomination.subject_key, str(row[0])))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    may = can(request.hat, "awards.pin_inspector_conflict", edition) and _open(edition)
    context = {
        "page": page,
        "chips": [
            Chip(word, f"?show={name}", show == name, len(found)) for name, (word, found) in shows.items()
        ],
        "may_pin": may,
        "people": people.values() if may else [],
        "visits": sorted(visits.values(), key=lambda visit: visit.nomination.subject_key) if may else [],
    }
    return render(request, "awards/inspector_conflicts.html", framed(request, edition, **context))


@require_POST
def find_conflicts(request, pk):
    edition = edition_of(request, pk, "awards.pin_inspector_conflict")
    form = ServiceForm(request.POST)
    if form.perform(inspector_conflicts.find_conflicts, edition, by=request.hat, now=timezone.now()):
        messages.success(request, _("已核对，新发现 {n} 处。").format(n=len(form.result)))
    return redirect("awards:inspector_conflicts", pk)


@require_GET
def choose_pair(request, pk):
    """From the two lists on the board to the page of the pair."""
    edition = edition_of(request, pk, "awards.pin_inspector_conflict")
    visit = Inspection.objects.filter(
        nomination__edition=edition, pk=_number(request.GET.get("visit"))
    ).first()
    person = inspectors().filter(pk=_number(request.GET.get("person"))).first()
    if visit is None or person is None:
        messages.info(request, _("请选择人员和企业。"))
        return redirect("awards:inspector_conflicts", pk)
    return redirect("awards:pin_inspector", visit.pk, person.pk)


def _number(text) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


@require_http_methods(["GET", "POST"])
def pin(request, pk, user):
    """Settle one pair with a reason."""
    visits = Inspection.objects.visible_to(request.hat).select_related("nomination__edition__host", "team")
    visit = get_object_or_404(visits, pk=pk)
    nomination, edition = visit.nomination, visit.nomination.edition
    require(request.hat, "awards.pin_inspector_conflict", nomination)
    person = get_object_or_404(inspectors(), pk=user)
    form = PinForm(_posted(request))
    if request.method == "POST" and form.perform(
        inspector_conflicts.pin, nomination, person, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已认定：{state}。").format(state=form.result.get_state_display()))
        return redirect("awards:inspector_conflicts", edition.pk)
    how = inspector_conflicts.standing(edition, [nomination]).get((person.pk, nomination.pk))
    now_is = _("没有发现，也没有申报。")
    if how is not None:
        now_is = _("须回避：{reason}") if how.barred else _("无须回避。{reason}")
        now_is = now_is.format(reason=how.reason)
    sentences = [_("现在：{what}").format(what=now_is)]
    if visit.verdict:
        sentences.append(_("这一家已有考察结论；认定须回避后，须重新考察才能关闭本环节。"))
    elif visit.team_id:
        sentences.append(_("认定须回避后，立即不再参加这一家的考察，也看不到这一家的材料。"))
    sentences.append(_("办公室的认定，系统核对和本人申报都不再改变；本人申请的回避，不能认定为无须回避。"))
    context = {
        "form": form,
        "title": _("认定回避：{name} 与{subject}").format(name=person, subject=nomination.subject_name),
        "sentences": sentences,
        "verb": _("认定"),
        "cancel_url": reverse("awards:inspector_conflicts", args=[edition.pk]),
    }
    return render(request, "awards/confirm.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def declare(request, pk):
    """A member says of each visit, before it, whether something stands in the way."""
    if request.hat.role != Role.INSPECTOR:
        raise PermissionDenied
    edition = get_object_or_404(Edition.objects.visible_to(request.hat), pk=pk)
    waiting = inspector_conflicts.undeclared(edition, request.hat)
    form = DeclareForm(_posted(request), visits=waiting)
    if (
        request.method == "POST"
        and waiting
        and form.perform(inspector_conflicts.declare_all, by=request.hat, now=timezone.now())
    ):
        messages.success(request, _("已申报 {n} 家。").format(n=len(form.result)))
        return redirect("awards:inspections", pk)
    context = {
        "form": form,
        "rows": [(visit, form[f"how_{visit.pk}"], form[f"reason_{visit.pk}"]) for visit in waiting],
        "back": reverse("awards:inspections", args=[pk]),
    }
    return render(request, "awards/declare_inspector.html", framed(request, edition, **context))
