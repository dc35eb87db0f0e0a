"""One enterprise at screening: what everybody said of it item by item, and what the office finds."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.services.referred import is_referred, screening_over
from nominations.states import State
from portal import documents
from portal.files import serve
from portal.models import Role
from portal.permissions import can, require
from review import rules, services
from review.forms.findings import FindingForm
from review.forms.screening import AnswerForm
from review.models import Finding, Opinion, Overrule, Proof
from review.services.cases import case_record, case_records, reached_screening
from review.services.decisions import write_decision_sheet
from review.services.findings import mark_of
from review.services.history import finding_history
from review.services.judging import questions_of
from review.services.repairs import return_query
from review.views.finding import find_edition, find_nomination, framed

READERS = (Role.OFFICE, Role.AUDITOR)
PER_PAGE = 50


def answer(request, pk):
    """The page of one enterprise; for a department its own questions and nothing else."""
    nomination = find_nomination(request, pk)
    edition, hat = nomination.edition, request.hat
    if hat.role not in (*READERS, Role.DEPARTMENT):
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
    context = framed(
        request,
        edition,
        nomination=nomination,
        facts=_facts(nomination),
        form=form,
        may_answer=_at_screening(nomination) and hat.role != Role.AUDITOR and questions,
        **(
            _asked_of(hat, nomination, questions)
            if hat.role == Role.DEPARTMENT
            else _case(request, nomination)
        ),
    )
    return render(request, "review/answer.html", context)


def _at_screening(nomination) -> bool:
    """Of one sent back from its visit the departments answer on their list; nothing is found here."""
    return nomination.state == State.SCREENING and not is_referred(nomination)


def _answer(nomination, *, consultation, by, now, **reply):
    return services.answer(nomination, consultation, by=by, now=now, **reply)


def _asked_of(hat, nomination, questions) -> dict:
    opinions = Opinion.objects.visible_to(hat).filter(nomination=nomination)
    given = {each.consultation_id: each for each in opinions.select_related("answered_by__user")}
    aside = Overrule.objects.filter(
        opinion__in=given.values(), opinion_version=F("opinion__version"), confirmed=True
    )
    return {
        "rows": [(question, given.get(question.pk)) for question in questions],
        "set_aside": list(aside.select_related("opinion__consultation")),
    }


def _case(request, nomination) -> dict:
    now = timezone.now()
    record = case_record(nomination, now=now)
    at_screening = _at_screening(nomination)
    may_find = at_screening and can(request.hat, "review.find", nomination)
    send_back = ""
    if may_find and record.to_repair:
        send_back = (
            f"{reverse('nominations:send_back', args=[nomination.pk])}?{urlencode(return_query(record))}"
        )
    return {
        "record": record,
        "history": finding_history(nomination),
        "send_back": send_back,
        "may_find": may_find,
        "may_overrule": at_screening and can(request.hat, "review.overrule", nomination),
    }


def _facts(nomination):
    declaration = nomination.declaration
    return [
        (_("统一社会信用代码"), nomination.enterprise.credit_code),
        (_("推荐单位"), nomination.recommender.name),
        (_("企业性质"), _(declaration.nature) if declaration.nature else ""),
        (_("所属行业"), declaration.industry),
        (_("所属区市"), declaration.division_name),
        (_("职工人数"), declaration.employees),
    ]


def find(request, pk):
    """The office's own finding on one item."""
    nomination = find_nomination(request, pk)
    require(request.hat, "review.find", nomination)
    code = request.GET.get("item", "")
    stored = Finding.objects.filter(nomination=nomination, item=code).select_related("found_by__user").first()
    own = stored if stored is not None and not stored.proposed else None
    initial = {"looked_up_on": localdate(timezone.now()), "item": code, "seen": mark_of(own)}
    if own is not None:
        initial |= {"verdict": own.verdict, "reason": own.reason, "source": own.source}
    form = FindingForm(request.POST or None, request.FILES or None, initial=initial)
    if code in rules.EVERY:
        form.fix(code)
    if request.method == "POST" and form.perform(
        services.find, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已记录审查结论。"))
        return redirect("review:answer", nomination.pk)
    record = case_record(nomination, now=timezone.now())
    context = framed(
        request,
        nomination.edition,
        form=form,
        nomination=nomination,
        rows=[row for row in record.rows if row.item.code == code],
        back=reverse("review:answer", args=[nomination.pk]),
        closed=not _at_screening(nomination),
    )
    return render(request, "review/find.html", context)


#: The judged by what became of them, in the words of the machine.
REFUSED_HERE = Q(state=State.REJECTED, review_row__isnull=True)
OPEN_HERE = Q(state=State.SCREENING) & ~screening_over()
FILTERS = {
    "": Q(),
    "open": OPEN_HERE,
    "refused": REFUSED_HERE,
    "qualified": ~OPEN_HERE & ~REFUSED_HERE,
}


def cases(request, pk):
    """Everyone that came to the screening, with what it came to and why. Read only."""
    edition = find_edition(request, pk)
    require(request.hat, "review.see_scores", edition)
    show, query = request.GET.get("show", ""), request.GET.get("q", "").strip()
    there = (
        reached_screening(edition.nominations)
        .select_related("edition", "enterprise", "recommender", "declaration", "review_row")
        .order_by("recommender__position", "rank", "pk")
    )
    if query:
        there = there.filter(
            Q(subject_name__icontains=query)
            | Q(enterprise__credit_code__icontains=query)
            | Q(recommender__name__icontains=query)
        )
    shown = there.filter(FILTERS.get(show, Q()))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    records = case_records(page.object_list, questions_of(edition), now=timezone.now())
    context = framed(
        request,
        edition,
        page=page,
        records=records,
        chips=_chips(there, show, query),
        q=query,
        keep=[("show", show)] if show else [],
    )
    return render(request, "review/cases.html", context)


def _chips(there, show, query):
    labels = {"": _("全部"), "open": _("审查中"), "qualified": _("合格"), "refused": _("不合格")}
    return [
        {
            "label": label,
            "on": key == show,
            "count": there.filter(FILTERS[key]).count(),
            "url": "?" + urlencode({name: value for name, value in (("show", key), ("q", query)) if value}),
        }
        for key, label in labels.items()
    ]


def decision(request, pk):
    """资格审查决定表 of one enterprise."""
    nomination = find_nomination(request, pk)
    require(request.hat, "review.see_scores", nomination)
    sheet = write_decision_sheet(nomination, by=request.hat, now=timezone.now())
    name = _("资格审查决定表-{name}.docx").format(name=nomination.subject_name)
    return documents.download(name, sheet)


def proof(request, pk):
    """A paper behind an answer, a finding or the setting aside of one, as a download."""
    paper = get_object_or_404(Proof.objects.visible_to(request.hat), pk=pk)
    extension = paper.file.name.rsplit(".", 1)[-1]
    title = paper.title.removesuffix(f".{extension}")
    return serve(request, paper.file, f"{title}.{extension}")
