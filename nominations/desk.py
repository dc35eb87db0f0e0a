"""Small things a list shows: chips that keep the search, heads that sort."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Chip:
    label: str
    url: str
    on: bool
    count: int | str = ""

    @classmethod
    def of(cls, request, label, state: str, count):
        return cls(str(label), _asking(request, state=state), request.GET.get("state", "") == state, count)


@dataclass(frozen=True)
class Head:
    label: str
    url: str
    sort: str


def heads(request, sort: str, subject: str) -> dict[str, Head]:
    """The heads that sort, each with where it leads and whether the list is in its order.

    `subject` is what is listed: 企业, 成果 …
    """
    titles = {"rank": _("排序"), "name": subject, "state": _("状态")}
    return {
        name: Head(title, _asking(request, sort=name), "ascending" if name == sort else "none")
        for name, title in titles.items()
    }


def _asking(request, **changes) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}" if query else "?"
