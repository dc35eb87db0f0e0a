"""What detection remembers of a poll between two looks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from voting.models.polls import Poll


class Watch(models.Model):
    """How far detection has looked, and the poll's own past in counts; no ballot and no voter is in it.

    The row is also the lock: two looks at once are one. All of it can be made again from the ballots.
    """

    poll = models.OneToOneField(Poll, models.CASCADE, related_name="watch")
    looked_at = models.DateTimeField(_("最近一次检查"), null=True, blank=True)  # the last minutes
    day_at = models.DateTimeField(null=True, blank=True)  # the last day
    whole_at = models.DateTimeField(null=True, blank=True)  # the whole poll
    learnt_until = models.DateTimeField(null=True, blank=True)
    past = models.JSONField(default=dict)  # `rules.detection.Past`; picks of each hour, so never shown

    class Meta:
        verbose_name = _("异常检查")
        verbose_name_plural = _("异常检查")

    def __str__(self):
        return str(self.poll)
