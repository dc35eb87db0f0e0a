"""The public feed of notices, for whoever follows them without coming to look."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control

from awards import documents
from awards.models import Notice

LATEST = 50


class NoticeFeed(Feed):
    """Atom, the newest notices of published editions first; a correction is an entry of its own."""

    feed_type = Atom1Feed
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
