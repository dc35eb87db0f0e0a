from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarYear(models.Model):
    """The published holidays and make-up days of one year; a year without a row is never guessed."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    source = models.CharField(_("依据"), max_length=200)
    provisional = models.BooleanField(_("暂定"), default=False)
    holidays = models.JSONField(_("放假日"), default=list)
    workdays = models.JSONField(_("调休上班日"), default=list)

    class Meta:
        verbose_name = _("工作日历")
        verbose_name_plural = _("工作日历")
        ordering = ["year"]

    def __str__(self):
        return str(self.year)
