"""送部门联审, 催办 and 再次核查: what the office sends to the departments, and whom it reminds."""

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.permissions import can, require
from portal.templatetags.portal import cndate
from review import services
from review.forms.batches import BatchForm, ChaseForm, ReasonForm, RecheckForm
from review.services import chasing, rechecks, standing
from review.views.finding import find_edition, find_nomination, framed


def batches(request, pk):
    """Who would be sent now, and what was sent so far."""
    edition = find_edition(request, pk)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    preview = services.preview_batch(edition)
    sending = (
        can(request.hat, "review.send_batch", edition)
        and not edition.step("screening").closed_at
        and bool(preview.nominations)
        and bool(preview.departments)
    )
    due_on = preview.due_on if preview.due_on and preview.due_on >= localdate(now) else None
    named = ",".join(str(each.pk) for each in preview.nominations)
    form = BatchForm(request.POST or None, initial={"due_on": due_on, "named": named}) if sending else None
    if request.method == "POST":
        require(request.hat, "review.send_batch", edition)
        if form and form.perform(services.send_batch, edition, by=request.hat, now=now):
            messages.success(
                request,
                _("第 {number} 批已送出：{count} 家企业，已通知 {departments} 个部门。").format(
                    number=form.result.number,
                    count=form.result.nominations.count(),
                    departments=len(preview.departments),
                ),
            )
            return redirect("review:screening", edition.pk)
    context = framed(request, edition, preview=preview, form=form, rows=_sent(edition, localdate(now)))
    return render(request, "review/batches.html", context)


def _sent(edition, today) -> list[dict]:
    """Each batch with how far the departments are with it."""
    done: dict[int, list[int]] = {}
    for line in standing.progress([edition], today=today):
        pair = done.setdefault(line.batch.pk, [0, 0])
        pair[0] += line.done
        pair[1] += line.there
    found = edition.batches.select_related("sent_by__user").annotate(size=Count("nominations"))
    return [
        {
            "batch": each,
            "done": done.get(each.pk, [0, 0])[0],
            "of": done.get(each.pk, [0, 0])[1],
            "late": each.due_on
            and each.due_on < today
            and done.get(each.pk, [0, 0])[0] < done.get(each.pk, [0, 0])[1],
        }
        for each in found.order_by("-number")
    ]


def chase(request, pk):
    """催办, after a page that names whom."""
    edition = find_edition(request, pk)
    require(request.hat, "review.chase", edition)
    now = timezone.now()
    rows = chasing.preview_chase(edition, now=now)
    choices = {each.row.department.pk: each.row.department.short_name for each in rows if each.people}
    form = ChaseForm(request.POST or None, choices=list(choices.items())) if choices else None
    if request.method == "POST" and form and form.perform(chasing.chase, edition, by=request.hat, now=now):
        messages.success(request, _("已催办，通知了 {count} 人。").format(count=form.result))
        return redirect("review:screening", edition.pk)
    chosen = set(map(str, form["departments"].value() or ())) if form else set()
    lines = [
        {
            "row": each.row,
            "days": each.row.days(localdate(now)),
            "people": [str(hat.user) for hat in each.people],
            "told": each.told,
            "on": str(each.row.department.pk) in chosen,
        }
        for each in rows
    ]
    return render(request, "review/chase.html", framed(request, edition, form=form, lines=lines))


def recheck(request, pk):
    """再次核查: whose look-ups do not last, what the departments say, and the form that asks them."""
    edition = find_edition(request, pk)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    today = localdate(now)
    rows = rechecks.lapsing(edition, today=today)
    there = list(edition.nominations.filter(standing.rechecked()).order_by("pk"))
    problems = rechecks.standing_problems([each.pk for each in there])
    open_rows = [each for each in rows if not each.asked]
    form = None
    if can(request.hat, "review.send_batch", edition):
        form = _recheck_form(request, edition, there, open_rows, today)
    if request.method == "POST":
        require(request.hat, "review.send_batch", edition)
        if form and form.perform(rechecks.send_recheck, edition, by=request.hat, now=now):
            messages.success(
                request,
                _("已送出再次核查：{count} 家企业。").format(count=form.result.nominations.count()),
            )
            return redirect("review:rechecks", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        rows=rows,
        there=there,
        problems=problems,
        answers=_answers(edition, there, today),
        days=edition.finding_days,
    )
    return render(request, "review/rechecks.html", context)


def _recheck_form(request, edition, there, lapsing, today):
    until = {row.nomination.pk: row for row in lapsing}
    asked = {each.nomination for each in rechecks.answers_of(edition, there, today=today) if each.open}
    choices = []
    for each in sorted(there, key=lambda each: (each.pk not in until, each.pk)):
        label = each.subject_name
        if each.pk in until and until[each.pk].until:
            label = _("{name}（有效至 {day}）").format(name=label, day=cndate(until[each.pk].until))
        elif each.pk in until:
            label = _("{name}（无法核查）").format(name=label)
        if each.pk not in asked:
            choices.append((each.pk, label))
    if not choices:
        return None
    initial = {"nominations": list(until), "due_on": rechecks.default_due(edition, today=today)}
    return RecheckForm(request.POST or None, choices=choices, initial=initial)


def _answers(edition, there, today):
    names = {each.pk: each for each in there}
    cells = rechecks.answers_of(edition, there, today=today)
    return [(names[each.nomination], each) for each in sorted(cells, key=lambda each: not each.open)]


def refuse_rechecked(request, pk):
    """不予通过 on what a re-check found, after a page that says so."""
    nomination = find_nomination(request, pk)
    require(request.hat, "nominations.reject", nomination)
    problems = rechecks.standing_problems([nomination.pk])
    reason = "；".join(
        _("{item}：{department}再次核查有问题，{explanation}").format(
            item=_(each.question.title_of_item),
            department=each.question.department.short_name,
            explanation=each.opinion.explanation,
        )
        for each in problems
    )
    form = ReasonForm(request.POST or None, initial={"reason": reason[:300]})
    back = reverse("review:rechecks", args=[nomination.edition_id])
    if request.method == "POST" and form.perform(
        rechecks.refuse_rechecked, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{name}”不予通过。").format(name=nomination.subject_name))
        return redirect(back)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=_("对“{name}”作不予通过").format(name=nomination.subject_name),
        sentences=[
            _("再次核查发现的问题没有消除，企业在“{state}”环节止步。").format(state=nomination.state_label),
            _("空出的位置由后面的企业按次序递补。"),
        ],
        undo_note=_("作出后不能撤回。"),
        verb=_("不予通过"),
        danger=True,
        cancel_url=back,
    )
    return render(request, "review/confirm.html", context)
