"""The left rail: for the office the pages of its edition in the order of the steps, then the house's own."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import F
from django.utils.translation import gettext as _

from portal.addresses import address
from portal.errors import N_
from portal.models import Notification, Role
from portal.permissions import can

RANKED, PAID = "ranked", "paid"
# step it belongs to (none: always), page, word, icon
EDITION_PAGES = (
    ("", "nominations:edition", N_("本届概况"), "flag"),
    ("recommendation", "nominations:desk", N_("组织推荐"), "send"),
    ("recommendation", "nominations:board", N_("推荐进度"), "bar-chart-steps"),
    ("recommendation", "nominations:quotas", N_("推荐名额"), "sliders"),
    ("recommendation", "nominations:duplicates", N_("疑似重复"), "files"),
    ("screening", "review:screening", N_("资格审查"), "clipboard-check"),
    ("review", "review:panel", N_("专家组"), "person-lines-fill"),
    ("review", "review:progress", N_("专家评审"), "people"),
    ("voting", "voting:poll", N_("公众投票"), "check2-square"),
    ("inspection", "awards:shortlist", N_("考察名单"), "list-ol"),
    # An edition that leaves the visits out still has its order.
    (RANKED, "awards:shortlist", N_("综合排序"), "list-ol"),
    ("inspection", "awards:inspections", N_("差额考察"), "geo-alt"),
    ("publicity", "awards:publicity", N_("公示"), "megaphone"),
    ("publicity", "awards:objections", N_("异议"), "chat-left-text"),
    ("", "awards:honours", N_("命名"), "award"),
    (PAID, "awards:edition_grants", N_("资助资金"), "wallet2"),
)
HOUSE_PAGES = (
    ("nominations:editions", N_("届次"), "calendar3", ""),
    ("nominations:categories", N_("选树类别"), "card-list", "nominations.see_categories"),
    ("review:register", N_("专家库"), "person-vcard", "review.see_register"),
    ("awards:releases_waiting", N_("展馆审核"), "easel", "awards.enter_former"),
    ("indicators:systems", N_("指标"), "speedometer2", "indicators.see"),
    ("indicators:levels", N_("三级命名"), "layers", "indicators.see"),
    ("indicators:unions", N_("各单位情况"), "diagram-3", "indicators.see_unions"),
    ("awards:former", N_("历年命名"), "clock-history", "awards.enter_former"),
    ("awards:templates", N_("文件模板"), "file-earmark-text", "awards.manage_templates"),
    ("portal:calendar", N_("工作日历"), "calendar-check", "portal.manage_calendar"),
    ("portal:record", N_("留痕记录"), "journal-check", "portal.read_record"),
    ("portal:invariants", N_("规则核对"), "clipboard2-check", "portal.check_invariants"),
    ("portal:outbox", N_("通知发送"), "envelope-exclamation", "portal.see_failed_notifications"),
)
_NAMES = {name for _step, name, _word, _icon in EDITION_PAGES}


@dataclass(frozen=True)
class RailItem:
    """One line of `components/rail.html`; a heading starts a group."""

    title: str
    url: str
    icon: str
    current: bool = False
    heading: str = ""
    count: int | str = ""


def rail_of(request) -> list[RailItem]:
    """The rail for the hat worn: the office's edition, and the house pages of office, auditor and admin."""
    if request.hat is None or request.hat.role not in (Role.OFFICE, Role.AUDITOR, Role.ADMIN):
        return []
    here = request.resolver_match.view_name if request.resolver_match else ""
    failed = Notification.objects.filter(state=Notification.State.FAILED).count()
    items = [RailItem(_("今天"), address("portal:home"), "inbox", here == "portal:home")]
    edition = edition_at_hand(request, here) if request.hat.role == Role.OFFICE else None
    if edition:
        items += _edition_items(edition, here)
    house = [
        RailItem(_(word), url, icon, here == name, count=failed if name == "portal:outbox" and failed else "")
        for name, word, icon, act in HOUSE_PAGES
        if (not act or can(request.hat, act)) and (url := address(name))
    ]
    return items + _headed(house, _("全部"))


def edition_at_hand(request, here: str):
    """The edition of this page, else the one last worked on, else this office's newest under way."""
    editions = list(
        apps.get_model("nominations", "Edition")
        .objects.filter(host=request.hat.organisation)
        .order_by(F("concluded_at").desc(nulls_first=True), "-year", "-pk")
        .prefetch_related("steps")[:50]
    )
    wanted = request.resolver_match.kwargs.get("pk") if here in _NAMES else None
    chosen = next((each for each in editions if each.pk == wanted), None)
    if chosen:
        if request.session.get("edition") != chosen.pk:
            request.session["edition"] = chosen.pk
        return chosen
    last = request.session.get("edition")
    running = [each for each in editions if each.concluded_at is None]
    return next((each for each in editions if each.pk == last), running[0] if running else None)


def _edition_items(edition, here: str) -> list[RailItem]:
    on = {step.kind for step in edition.steps.all() if step.enabled} | {""}
    if "inspection" not in on:
        on.add(RANKED)
    if edition.grant_amount > 0:
        on.add(PAID)
    return _headed(
        [
            RailItem(_(word), url, icon, here == name)
            for step, name, word, icon in EDITION_PAGES
            if step in on and (url := address(name, edition.pk))
        ],
        edition.title,
    )


def _headed(items: list[RailItem], heading: str) -> list[RailItem]:
    if not items:
        return []
    first = items[0]
    return [RailItem(first.title, first.url, first.icon, first.current, heading, first.count), *items[1:]]
