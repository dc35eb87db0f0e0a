"""资格审查: the office's board, and the page of one enterprise. A department is sent to its own list."""

from types import SimpleNamespace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.models import Role
from portal.permissions import can, require
from review import rules, services
from review.forms.screening import AnswerForm, ConsultForm, FindingForm, consulted
from review.models import Finding, Opinion
from review.services.findings import title_of
from review.services.screening import preview_screening
from review.services.standing import heads_of, progress
from review.views import departments
from review.views.finding import find_edition, find_nomination, framed


def screening(request, pk):
    """The board of the office and the auditor; for a department, its own list and nothing else."""
    edition = find_edition(request, pk)
    if request.hat.role == Role.DEPARTMENT:
        return departments.answer_list(request, edition)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    preview = preview_screening(edition, now=now)
    lines = [_line(case, preview.questions, edition, localdate(now)) for case in preview.cases]
    show, query = request.GET.get("show", ""), request.GET.get("q", "").strip()
    shown = [line for line in lines if _shown(line, show) and _found(line.case.nomination, query)]
    none = (0, 0)
    counts = heads_of(progress([edition], today=localdate(now)))
    heads = [
        SimpleNamespace(
            question=question,
            done=counts.get(question.pk, none)[0],
            of=counts.get(question.pk, none)[1],
            late=len(set(counts.get(question.pk, none))) > 1 and _late(question, localdate(now)),
        )
        for question in preview.questions
    ]
    context = framed(
        request,
        edition,
        preview=preview,
        heads=heads,
        lines=shown,
        chips=_chips(request, lines, show, query),
        q=query,
        show=show,
        open_step=not edition.step("screening").closed_at,
        due_on=next((question.due_on for question in preview.questions if question.due_on), None),
    )
    return render(request, "review/screening.html", context)


def _line(case, questions, edition, today):
    cells = []
    lapsed = {question.pk for question in case.missing}
    for question in questions:
        opinion = case.opinions.get(question.pk)
        if opinion is not None and question.pk in lapsed:
            kind = "lapsed"
        elif opinion is not None:
            kind = opinion.answer
        else:
            kind = "late" if _late(question, today) else "waiting"
        cells.append(SimpleNamespace(kind=kind, opinion=opinion, question=question))
    return SimpleNamespace(case=case, cells=cells, kinds={cell.kind for cell in cells})


def _late(question, today) -> bool:
    return bool(question.due_on) and question.due_on < today


FILTERS = {
    "": lambda line: True,
    "refused": lambda line: line.case.verdict == rules.REFUSED,
    "unable": lambda line: "unable" in line.kinds,
    "missing": lambda line: bool(line.case.missing),
    "late": lambda line: "late" in line.kinds,
    "qualified": lambda line: line.case.verdict == rules.QUALIFIED,
}


def _shown(line, show) -> bool:
    return FILTERS.get(show, FILTERS[""])(line)


def _found(nomination, query) -> bool:
    words = (nomination.subject_name, nomination.enterprise.credit_code, nomination.recommender.name)
    return not query or any(query in word for word in words)


def _chips(request, lines, show, query):
    labels = {
        "": _("全部"),
        "missing": _("有未答复"),
        "late": _("有逾期"),
        "refused": _("有问题"),
        "unable": _("无法核查"),
        "qualified": _("合格"),
    }
    return [
        SimpleNamespace(
            label=label,
            on=key == show,
            count=sum(1 for line in lines if FILTERS[key](line)),
            url="?" + urlencode({name: value for name, value in (("show", key), ("q", query)) if value}),
        )
        for key, label in labels.items()
    ]


def consult(request, pk):
    """Who is asked what."""
    edition = find_edition(request, pk)
    require(request.hat, "review.consult", edition)
    questions = list(edition.consultations.all())
    pairs = [(each.department_id, each.item) for each in questions] or [
        (department.pk, item) for department, item in services.default_questions()
    ]
    step = edition.step("screening")
    initial = {
        "questions": [f"{department}:{item}" for department, item in pairs],
        "due_on": next((each.due_on for each in questions), None)
        or (localdate(step.closes) if step.closes else None),
    }
    form = ConsultForm(request.POST or None, departments=list(consulted()), initial=initial)
    if request.method == "POST" and form.perform(_consult, edition, by=request.hat, now=timezone.now()):
        messages.success(request, _("已向各部门发出核查事项。"))
        return redirect("review:screening", edition.pk)
    return render(
        request,
        "review/consult.html",
        framed(request, edition, form=form, items=rules.ITEMS, first=not questions),
    )


def _consult(edition, *, questions, due_on, by, now):
    return services.consult(edition, questions, by=by, now=now, due_on=due_on)


def answer(request, pk):
    """One enterprise in the joint check: what each department said, and the form to answer."""
    nomination = find_nomination(request, pk)
    edition, hat = nomination.edition, request.hat
    if hat.role not in (Role.OFFICE, Role.DEPARTMENT, Role.AUDITOR):
        raise PermissionDenied
    questions = edition.consultations.select_related("department", "edition")
    if hat.role == Role.DEPARTMENT:
        questions = questions.filter(department=hat.organisation)
    form = AnswerForm(request.POST or None, questions=questions, today=localdate(timezone.now()))
    if request.method == "POST" and form.perform(_answer, nomination, by=hat, now=timezone.now()):
        messages.success(request, _("已记录“{name}”的答复。").format(name=nomination.subject_name))
        if hat.role == Role.DEPARTMENT:
            return redirect("review:screening", edition.pk)
        return redirect("review:answer", nomination.pk)
    return _case_page(request, nomination, form=form)


def _answer(nomination, *, consultation, answer, explanation, looked_up_on, by, now):
    return services.answer(
        nomination,
        consultation,
        answer=answer,
        explanation=explanation,
        looked_up_on=looked_up_on,
        by=by,
        now=now,
    )


def find(request, pk):
    """The office's own conclusion on one item."""
    nomination = find_nomination(request, pk)
    require(request.hat, "review.find", nomination)
    form = FindingForm(
        request.POST or None,
        initial={"looked_up_on": localdate(timezone.now()), "item": request.GET.get("item")},
    )
    if request.method == "POST" and form.perform(
        services.find, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已记录审查结论。"))
        return redirect("review:answer", nomination.pk)
    context = framed(request, nomination.edition, form=form, nomination=nomination)
    context["back"] = reverse("review:answer", args=[nomination.pk])
    return render(request, "review/find.html", context)


def _case_page(request, nomination, *, form):
    hat = request.hat
    opinions = Opinion.objects.visible_to(hat).filter(nomination=nomination)
    given = {each.consultation_id: each for each in opinions.select_related("answered_by__user")}
    rows = [(question, given.get(question.pk)) for question in form.fields["consultation"].queryset]
    findings = []
    if hat.role != Role.DEPARTMENT:
        findings = [
            (title_of(each.item), each)
            for each in Finding.objects.filter(nomination=nomination).select_related("found_by__user")
        ]
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        facts=_facts(nomination),
        rows=rows,
        findings=findings,
        form=form,
        may_answer=nomination.state == "screening" and hat.role != Role.AUDITOR,
        may_find=nomination.state == "screening" and can(hat, "review.find", nomination),
    )
    return render(request, "review/answer.html", context)


def _facts(nomination):
    declaration = nomination.declaration
    return [
        (_("统一社会信用代码"), nomination.enterprise.credit_code),
        (_("推荐单位"), nomination.recommender.name),
        (_("企业性质"), declaration.nature),
        (_("所属行业"), declaration.industry),
        (_("所属区市"), declaration.division_name),
        (_("职工人数"), declaration.employees),
    ]
