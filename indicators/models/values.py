"""What was reported: a round a year, and figures that are corrected by a later one, never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models.systems import Indicator, System
from portal.models import Membership, Organisation


class Round(models.Model):
    """The reporting of one year: from when, until when, closed when by whom."""

    system = models.ForeignKey(System, models.PROTECT, related_name="rounds")
    year = models.PositiveSmallIntegerField(_("年度"))
    due_on = models.DateField(_("填报期限"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    opened_at = models.DateTimeField(_("发起时间"))
    opened_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("发起人"), related_name="+")
    closed_at = models.DateTimeField(_("截止时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("截止人"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("填报")
        verbose_name_plural = _("填报")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["system", "year"], name="one_round_a_year"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_by__isnull=False),
                name="a_closed_round_names_who",
            ),
        ]

    def __str__(self):
        return f"{self.system} {self.year}"

    @property
    def host_id(self) -> int | None:
        """Whose office runs the round; see portal.permissions."""
        return self.system.host_id


class Asked(models.Model):
    """Who was asked for what in a round, so that a later change of hands leaves closed years as they were."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="asked")
    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("应报")
        verbose_name_plural = _("应报")
        constraints = [
            models.UniqueConstraint(fields=["round", "indicator", "organisation"], name="asked_once")
        ]

    def __str__(self):
        return f"{self.organisation} {self.indicator}"


class ValueQuerySet(models.QuerySet):
    def current(self):
        return self.filter(corrected_by__isnull=True)


class Value(models.Model):
    """A figure as a unit reported it. A correction is a new row with its reason; the old one stays."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("填报单位"), related_name="+"
    )
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    value = models.DecimalField(_("数值"), max_digits=16, decimal_places=4)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    reason = models.CharField(_("更正理由"), max_length=300, blank=True)
    reported_at = models.DateTimeField(_("填报时间"))
    reported_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("填报人"), related_name="+")

    objects = ValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报值")
        verbose_name_plural = _("填报值")
        ordering = ["indicator__number", "organisation__position", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "indicator", "organisation", "version"], name="one_value_a_version"
            ),
            models.CheckConstraint(
                condition=models.Q(version=1, corrects__isnull=True)
                | models.Q(version__gt=1, corrects__isnull=False) & ~models.Q(reason=""),
                name="a_correction_says_what_and_why",
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.organisation} {self.value}"
