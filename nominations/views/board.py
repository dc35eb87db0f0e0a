import io
from datetime import datetime

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.days import due
from nominations.desk import Chip, Head
from nominations.forms.reminding import UrgeForm
from nominations.services import board, reminding
from nominations.services.board import UnionLine
from nominations.states import StepKind
from nominations.views.editions import found, framed
from portal.acts import act_word
from portal.calendar import published
from portal.errors import N_
from portal.permissions import can, require
from portal.workbook.writing import attachment

# chip: its word, and which lines it shows
SHOWS = {
    "left": (N_("有剩余名额"), lambda line: bool(line.left)),
    "overdue": (N_("有逾期"), lambda line: line.overdue > 0),
    "none": (N_("一家未报"), lambda line: line.none_yet),
}
_LONG_AGO = datetime.min.replace(tzinfo=timezone.get_fixed_timezone(0))
# head: its word, by what it sorts, and whether the largest comes first
SORTS = {
    "unit": (N_("推荐单位"), None, False),
    "left": (N_("剩余"), lambda line: -1 if line.left is None else line.left, True),
    "returned": (N_("退回补正"), lambda line: (line.overdue, line.returned), True),
    "waiting": (N_("待审核"), lambda line: line.waiting, True),
    "last": (N_("最近办理"), lambda line: line.last_at or _LONG_AGO, False),
}


def overview(request, pk):
    """One row a union. All on one page, so that it is printed, and 催办 means whom one sees."""
    edition = found(request, pk)
    now = timezone.now()
    every = board.read_board(edition, by=request.hat, now=now)
    lines, show, sort = _asked(request, every)
    step = edition.step(StepKind.RECOMMENDATION)
    is_open = step.enabled and not step.closed_at
    today = timezone.localdate(now)
    context = framed(
        request,
        edition,
        lines=[
            (line, act_word(line.last_act), line.urged_at and timezone.localdate(line.urged_at) == today)
            for line in lines
        ],
        totals=board.total_of(lines),
        chips=[
            Chip(_("全部"), _link(request, show=""), not show, len(every)),
            *(
                Chip(_(word), _link(request, show=name), name == show, sum(map(shows, every)))
                for name, (word, shows) in SHOWS.items()
            ),
        ],
        heads={
            name: Head(
                _(word),
                _link(request, sort=name),
                ("descending" if down else "ascending") if name == sort else "none",
            )
            for name, (word, _key, down) in SORTS.items()
        },
        total=_("共 {n} 个单位").format(n=len(lines)),
        step=step,
        due=due(timezone.localdate(step.closes), today, published()) if is_open and step.closes else None,
        urging=can(request.hat, "nominations.remind", edition)
        and any(reminding.is_unfinished(line, window=is_open) for line in lines),
        asked=_link(request),
    )
    return render(request, "nominations/board.html", context)


def export(request, pk):
    edition = found(request, pk)
    lines, _show, _sort = _asked(request, board.read_board(edition, by=request.hat, now=timezone.now()))
    out = io.BytesIO()
    board.export_board(edition, out, lines, by=request.hat)
    return attachment(f"{edition.title}各单位推荐进度.xlsx", out.getvalue())


def urge(request, pk):
    """Who would be reminded, by name; then exactly those, where they are still unfinished."""
    edition = found(request, pk)
    require(request.hat, "nominations.remind", edition)
    now = timezone.now()
    every = board.read_board(edition, by=request.hat, now=now)
    known = [line.organisation.pk for line in every]
    back = reverse("nominations:board", args=[edition.pk]) + _link(request)
    posted = request.method == "POST"
    shown = [line.organisation.pk for line in _asked(request, every)[0]]
    form = UrgeForm(request.POST if posted else None, known=known, initial={"units": shown})
    if posted and form.perform(reminding.urge, edition, by=request.hat, now=now):
        messages.success(request, _("已催办 {n} 个单位。").format(n=len(form.result.told)))
        return redirect(back)
    units = [int(each) for each in request.POST.getlist("units") if each.isdecimal()] if posted else shown
    plan = reminding.preview_urge(edition, units, now=now)
    form.initial["units"] = [line.organisation.pk for line in plan.told]
    context = framed(
        request,
        edition,
        form=form,
        title=_("催办"),
        sentences=[
            _("提醒以下 {n} 个单位的 {m} 位经办人：站内通知，有邮箱的另发邮件。").format(
                n=len(plan.told), m=plan.people
            ),
            _("已经办完的单位不打扰；每个单位每天最多催办一次。"),
            _("催办记入留痕记录。"),
        ],
        blocks=[] if plan.told else [_("所列单位都已办完、今天已经催办过，或没有账号。")],
        moves=[f"{line.organisation.name}（{_what(line)}）" for line in plan.told],
        moves_title=_("将提醒"),
        stays=[
            *(f"{line.organisation.name}（{_('今天已催办')}）" for line in plan.today),
            *(f"{line.organisation.name}（{_('没有账号，请另行联系')}）" for line in plan.unreachable),
        ],
        stays_title=_("不提醒"),
        verb=_("催办这 {n} 个单位").format(n=len(plan.told)),
        cancel_url=back,
    )
    return render(request, "nominations/confirm.html", context)


def _asked(request, lines: list[UnionLine]) -> tuple[list[UnionLine], str, str]:
    """The lines the chips and heads of this request ask for."""
    show, sort = request.GET.get("show", ""), request.GET.get("sort", "unit")
    if show in SHOWS:
        lines = [line for line in lines if SHOWS[show][1](line)]
    else:
        show = ""
    sort = sort if sort in SORTS else "unit"
    _word, key, down = SORTS[sort]
    return sorted(lines, key=key, reverse=down) if key else lines, show, sort


def _link(request, **changes) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


def _what(line) -> str:
    parts = ((_("起草"), line.drafts), (_("退回补正"), line.returned), (_("待审核"), line.waiting))
    return "、".join(f"{word} {number}" for word, number in parts if number) or _("一家未报")
