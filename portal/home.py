"""The home page: what waits for a hat, in three groups, and what comes next where nothing does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.addresses import address
from portal.models import Membership
from portal.templatetags.portal import cndate
from portal.todo import Todo, todos

SOON_DAYS = 3


@dataclass(frozen=True)
class Line:
    """One line of `components/todo.html`."""

    verb: str
    object: str
    url: str
    due: date | None
    urgency: str  # late, today, soon or nothing
    note: str


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    lines: list[Line]
    so: str
    next: str


@dataclass(frozen=True)
class Running:
    """An edition that is under way, as one small line of figures."""

    title: str
    url: str
    step: str
    closes: datetime | None
    live: int | None
    total: int | None


@dataclass(frozen=True)
class Home:
    groups: list[Group]
    late: int
    today: int
    todo: int
    running: list[Running]


def home_of(hat: Membership, *, now: datetime) -> Home:
    """Everything the home page says to a hat; the number of queries does not grow with the work."""
    today = timezone.localdate(now)
    work = todos(hat, now=now)
    editions = _running_editions(hat)
    coming, after = _coming(editions, now)
    mine = [todo for todo in work if not todo.waiting]
    due = [todo for todo in mine if todo.due and todo.due <= today]
    later = [todo for todo in mine if todo not in due]
    others = [todo for todo in work if todo.waiting]
    return Home(
        groups=[
            Group(
                "today", _("今天到期"), _lines(due, today), _("今天没有到期的事项。"), _nearest(later, coming)
            ),
            Group("todo", _("待办"), _lines(later, today), _("没有其他待办事项。"), coming if due else after),
            Group("waiting", _("等待他人"), _lines(others, today), _("没有等待他人的事项。"), _waits()),
        ],
        late=sum(todo.count for todo in due if todo.due < today),
        today=sum(todo.count for todo in due if todo.due == today),
        todo=sum(todo.count for todo in mine),
        running=_figures(hat, editions),
    )


def _lines(work: Iterable[Todo], today: date) -> list[Line]:
    return [
        Line(
            todo.verb,
            todo.object,
            todo.url,
            todo.due,
            _urgency(todo.due, today),
            _("共 {count} 项").format(count=todo.count) if todo.count > 1 else "",
        )
        for todo in work
    ]


def _urgency(due: date | None, today: date) -> str:
    if due is None or (due - today).days > SOON_DAYS:
        return ""
    return "late" if due < today else "today" if due == today else "soon"


def _nearest(later: list[Todo], coming: str) -> str:
    dated = [todo for todo in later if todo.due]
    if not dated:
        return coming
    first = min(dated, key=lambda todo: todo.due)
    return _("最近的一项：{matter}，{day} 到期。").format(
        matter=f"{first.verb} {first.object}", day=cndate(first.due)
    )


def _running_editions(hat: Membership) -> list:
    editions = apps.get_model("nominations", "Edition").objects
    return list(editions.visible_to(hat).running().select_related("host").prefetch_related("steps")[:20])


def _waits() -> str:
    return _("您办完后要等别人接着办的事，会列在这里，并写明等谁、等到哪一天。")


def _coming(editions: list, now: datetime) -> tuple[str, str]:
    """The next two things that will happen in the editions this hat sees, and when."""
    events = sorted(event for edition in editions for event in _events(edition, now))
    if editions:
        nothing = _("各届的下一个日期还没有定，定下后会列在这里。")
    else:
        nothing = _("目前没有进行中的届次。新一届发布后，要您办的事会列在这里。")
    words = [sentence for _moment, sentence in events[:2]] or [nothing]
    return words[0], words[-1]


def _events(edition, now: datetime):
    for step in edition.steps.all():
        if not step.enabled or step.closed_at:
            continue
        words = {"edition": edition.title, "step": step.get_kind_display()}
        if step.opens and step.opens > now:
            yield step.opens, _("{edition}的{step}，{day} 开始。").format(day=cndate(step.opens), **words)
        if step.closes and step.closes > now:
            yield step.closes, _("{edition}的{step}，{day} 截止。").format(day=cndate(step.closes), **words)


def _figures(hat: Membership, editions: list) -> list[Running]:
    nominations = apps.get_model("nominations", "Nomination").objects
    seen = nominations.visible_to(hat).filter(edition__in=editions)
    total = _counts(seen)
    live = _counts(seen.live())
    return [
        Running(
            title=edition.title,
            url=address("nominations:edition", edition.pk),
            step=step.get_kind_display() if (step := edition.current_step) else _("待办结"),
            closes=step.closes if step else None,
            live=live.get(edition.pk, 0) if total.get(edition.pk) else None,
            total=total.get(edition.pk),
        )
        for edition in editions
    ]


def _counts(nominations) -> dict[int, int]:
    rows = nominations.order_by().values("edition").annotate(n=Count("pk", distinct=True))
    return {row["edition"]: row["n"] for row in rows}
