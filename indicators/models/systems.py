"""Indicator systems as data: whose they are, what they count, and what each should come to by when."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from nominations.models import Category
from portal.models import Membership, Organisation, Role

READERS = (Role.OFFICE, Role.AUDITOR, Role.RECOMMENDER, Role.DEPARTMENT, Role.SYSTEM, Role.ADMIN)


class SystemQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        """Targets are no secret among those who work for them: units, departments, offices see all."""
        return self if hat is not None and hat.role in READERS else self.none()


class System(models.Model):
    """A table of indicators with its source. One without a host is another city's, there to compare with."""

    code = models.SlugField(_("编码"), unique=True)
    name = models.CharField(_("名称"), max_length=120)
    city = models.CharField(_("所属城市"), max_length=30)
    host = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("管理单位"),
        null=True,
        blank=True,
        related_name="indicator_systems",
    )
    document = models.CharField(_("依据文件"), max_length=160)
    clause = models.CharField(_("依据条款"), max_length=20, blank=True)
    issued = models.CharField(_("印发时间"), max_length=20, blank=True)
    base_year = models.PositiveSmallIntegerField(_("基数年"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    objects = SystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("指标体系")
        verbose_name_plural = _("指标体系")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("indicators:board", args=[self.pk])


class Indicator(models.Model):
    class Kind(models.TextChoices):
        COUNT = "count", _("整数")
        DECIMAL = "decimal", _("小数")
        PERCENT = "percent", _("百分比")

    class Fill(models.TextChoices):
        """What the portal knows by itself, from the honours of the host."""

        NONE = "", _("由单位填报")
        CITY_TOTAL = "city_total", _("截至当年的市级命名数")
        CITY_YEAR = "city_year", _("当年的市级命名数")
        ALL_YEAR = "all_year", _("当年的各级命名数")
        DISTRICT_YEAR = "district_year", _("当年各区市的本级命名数")

    system = models.ForeignKey(System, models.CASCADE, related_name="indicators")
    # As printed: numbers may have a gap, and groups stand where the source has them.
    number = models.PositiveSmallIntegerField(_("序号"))
    group = models.CharField(_("一级指标"), max_length=40, blank=True)
    name = models.CharField(_("指标"), max_length=120)
    unit = models.CharField(_("单位"), max_length=10)
    kind = models.CharField(_("数值类型"), max_length=8, choices=Kind, default=Kind.COUNT)
    # A unit reports what a year added; the figure of a year is the sum since the base.
    running = models.BooleanField(_("累计"), default=False)
    summed = models.BooleanField(_("各单位相加"), default=True)
    fill = models.CharField(_("取数"), max_length=14, choices=Fill, blank=True)
    # What the portal counts: namings of this category, or of all where it is empty.
    category = models.ForeignKey(
        Category, models.PROTECT, verbose_name=_("类别"), null=True, blank=True, related_name="+"
    )
    # The target is asked of each unit, not of their sum.
    each_unit = models.BooleanField(_("按单位考核"), default=False)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        ordering = ["system", "number"]
        constraints = [
            models.UniqueConstraint(fields=["system", "number"], name="one_indicator_of_a_number"),
            models.CheckConstraint(
                condition=~models.Q(kind="percent") | models.Q(running=False, summed=False),
                name="percentages_are_not_added",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.name}"

    def get_absolute_url(self):
        return reverse("indicators:indicator", args=[self.pk])

    @property
    def places(self) -> int:
        """Decimal places a figure may have."""
        return 0 if self.kind == self.Kind.COUNT else 2


class Target(models.Model):
    """What an indicator is, or should be, in a year. Without a year: what each year should bring."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets")
    year = models.PositiveSmallIntegerField(_("年度"), null=True, blank=True)
    value = models.DecimalField(_("数值"), max_digits=16, decimal_places=4)
    base = models.BooleanField(_("基数"), default=False)

    class Meta:
        verbose_name = _("基数和目标")
        verbose_name_plural = _("基数和目标")
        ordering = ["indicator", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year"], nulls_distinct=False, name="one_target_a_year"
            ),
            models.CheckConstraint(
                condition=models.Q(base=False) | models.Q(year__isnull=False), name="a_base_has_a_year"
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.year or ''} {self.value}"


class Reporter(models.Model):
    """A unit that reports, and what it reports."""

    system = models.ForeignKey(System, models.CASCADE, related_name="reporters")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("填报单位"), related_name="reports_for"
    )
    indicators = models.ManyToManyField(Indicator, verbose_name=_("填报指标"), related_name="reporters")

    class Meta:
        verbose_name = _("填报单位")
        verbose_name_plural = _("填报单位")
        ordering = ["system", "organisation__position"]
        constraints = [models.UniqueConstraint(fields=["system", "organisation"], name="one_reporter_a_unit")]

    def __str__(self):
        return str(self.organisation)

    @property
    def host_id(self) -> int | None:
        """Whose office may report in its place; see portal.permissions."""
        return self.system.host_id
