"""The public feeds of notices and of namings, for whoever follows them without coming to look."""

from datetime import datetime, time

from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control

from awards import documents
from awards.forms.registry import read_search
from awards.models import Honour, Notice
from awards.services.registry import Search, found
from awards.structured import titled
from nominations.subjects import full_name
from portal.sound import sound

LATEST = 50


class SoundFeed(Atom1Feed):
    """What was written by people, without the characters XML does not allow: one would end the whole feed."""

    def write(self, outfile, encoding):
        for each in (self.feed, *self.items):
            each.update({key: sound(value) for key, value in each.items() if isinstance(value, str)})
        super().write(outfile, encoding)


class NoticeFeed(Feed):
    """Atom, the newest notices of published editions first; a correction is an entry of its own."""

    feed_type = SoundFeed
    title = _("公示公告")
    subtitle = _("全员创新企业培育选树的公示、递补公示和更正公示")
    link = reverse_lazy("awards:notices")
    feed_url = reverse_lazy("awards:notice_feed")

    @method_decorator(cache_control(public=True, max_age=300))
    def __call__(self, request, *args, **kwargs):
        return super().__call__(request, *args, **kwargs)

    def items(self):
        return Notice.objects.public().select_related("edition__host")[:LATEST]

    def item_title(self, item):
        return item.title

    def item_description(self, item):
        before, _after = documents.around_list(item.text)
        end = f"公示期至{documents.end_text(item.ends_on)}止。"
        # A reader takes this for HTML.
        return "".join(f"<p>{escape(line)}</p>" for line in (*before, end))

    def item_link(self, item):
        return reverse("awards:notice", args=[item.pk])

    def item_pubdate(self, item):
        return item.published_at

    def item_updateddate(self, item):
        return item.published_at

    def item_author_name(self, item):
        return item.edition.host.name


notice_feed = login_not_required(NoticeFeed())


class HonourFeed(Feed):
    """Atom, the newest namings first; `district` and `level` of the 名录 narrow it."""

    feed_type = SoundFeed
    title = _("最新命名")

    def get_object(self, request):
        search, _page = read_search(request.GET)
        return Search(level=search.level, district=search.district)

    def subtitle(self, search):
        parts = [search.district, search.level and str(Honour.Level(search.level).label)]
        return " ".join(part for part in parts if part)

    def link(self, search):
        return reverse("awards:registry") + search.query()

    def feed_url(self, search):
        return reverse("awards:honour_feed") + search.query()

    def items(self, search):
        return found(search).order_by("-named_on", "-pk")[:LATEST]

    def item_title(self, item):
        words = f"{full_name(item)}：{titled(item)}（{item.get_level_display()}）"
        return gettext("已撤销：{words}").format(words=words) if item.revoked_on else words

    def item_description(self, item):
        number = gettext("命名编号：{number}").format(number=item.number)
        lines = [item.named_by_words, item.decision, number]
        if item.revoked_on:
            lines.append(gettext("撤销理由：{reason}").format(reason=item.revoked_reason))
        return "".join(f"<p>{escape(line)}</p>" for line in lines if line)

    def item_link(self, item):
        if item.token:
            return reverse("awards:verify", args=[item.token])
        return reverse("awards:registry") + Search(words=tuple(item.number.split())).query()

    def item_pubdate(self, item):
        return _midnight(item.named_on)

    def item_updateddate(self, item):
        return _midnight(max(item.named_on, item.revoked_on or item.named_on))

    def item_author_name(self, item):
        return item.named_by_words


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
