from django.db import models
from django.utils.translation import gettext_lazy as _


class InvariantRun(models.Model):
    """One look at what must always hold, and the rows for which it did not."""

    ran_at = models.DateTimeField(_("核对时间"))
    took_ms = models.PositiveIntegerField(_("用时（毫秒）"))
    checks = models.PositiveSmallIntegerField(_("核对项数"))
    # {name of the check: [what is wrong, row by row]}
    failures = models.JSONField(_("不符之处"), default=dict, blank=True)
    by = models.CharField(_("核对人"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("规则核对")
        verbose_name_plural = _("规则核对")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.ran_at:%Y-%m-%d %H:%M} {len(self.failures)}/{self.checks}"
