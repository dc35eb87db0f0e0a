from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models.enterprises import Enterprise
from portal.models import Membership, Organisation


class NotSame(models.Model):
    """An office looked at two enterprises of near-same names and found them to be two; kept for its list."""

    host = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("主办单位"), related_name="+")
    # Always the one with the lower number first.
    one = models.ForeignKey(Enterprise, models.PROTECT, verbose_name=_("企业"), related_name="+")
    other = models.ForeignKey(Enterprise, models.PROTECT, verbose_name=_("另一家企业"), related_name="+")
    reason = models.CharField(_("理由"), max_length=300)
    marked_at = models.DateTimeField(_("标记时间"))
    marked_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("标记人"), related_name="+")

    class Meta:
        verbose_name = _("不是同一家")
        verbose_name_plural = _("不是同一家")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["host", "one", "other"], name="a_pair_is_told_apart_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="a_pair_in_order"),
        ]

    def __str__(self):
        return f"{self.one} ≠ {self.other}"
