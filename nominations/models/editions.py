"""Editions: one selection of one year by one host, and the rules its committee decided."""

from decimal import Decimal

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from nominations.declaration.category import check_form, check_rubric, check_together
from nominations.states import StepKind
from portal.errors import Refused
from portal.models import Membership, Organisation, Role
from portal.speech import said


class Category(models.Model):
    """What is selected (S1: 全员创新企业). The form and the rubric of a category are data."""

    class Subject(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业")
        PERSON = "person", _("个人")
        STUDIO = "studio", _("工作室")
        TEAM = "team", _("班组")
        RESULT = "result", _("成果")

    code = models.SlugField(_("编码"), unique=True)
    name = models.CharField(_("类别"), max_length=60)
    subject = models.CharField(_("选树对象"), max_length=10, choices=Subject, default=Subject.ENTERPRISE)
    form = models.JSONField(_("申报表"), default=dict, blank=True)
    rubric = models.JSONField(_("评审维度"), default=list, blank=True)
    # Of a naming at city level (S1 四.4): with 市五一劳动奖状, and with a person for the 奖章.
    certificate = models.BooleanField(_("市级命名授予五一劳动奖状"), default=False)
    medal = models.BooleanField(_("市级命名可推荐五一劳动奖章人选"), default=False)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        verbose_name = _("类别")
        verbose_name_plural = _("类别")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("nominations:category", args=[self.pk])

    def clean(self):
        """委员会决定: the form and the rubric are such that an edition can be held by them."""
        try:
            check_form(self.form)
            check_rubric(self.rubric)
            check_together(self.form, self.rubric)
        except Refused as refusal:
            # Of the whole, not of a field: the back room shows both only to be read.
            raise ValidationError(said(refusal)) from refusal


class EditionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        """Editions this hat has something to do with: its host's own, and published ones it takes part in."""
        if hat is None:
            return self.none()
        if hat.role in (Role.SYSTEM, Role.ADMIN, Role.AUDITOR):
            return self
        if hat.role == Role.OFFICE:
            mine = models.Q(host=hat.organisation)
            if hat.organisation.kind == Organisation.Kind.CITY:
                mine |= models.Q(host__parent=hat.organisation)
            return self.filter(mine)
        if hat.role == Role.PUBLIC:
            return self.filter(published=True)
        # A district's own edition concerns those below that district, and the departments it consults.
        inside = models.Q(host__kind=Organisation.Kind.CITY) | models.Q(host=hat.organisation)
        if hat.organisation.parent_id:
            inside |= models.Q(host=hat.organisation.parent_id)
        if hat.role in (Role.DEPARTMENT, Role.EXPERT, Role.INSPECTOR):
            inside |= models.Q(host__kind=Organisation.Kind.DISTRICT)
        return self.filter(inside, published=True)

    def running(self):
        return self.filter(concluded_at__isnull=True)


@pghistory.track()
class Edition(models.Model):
    class Turn(models.TextChoices):
        POLL = "poll", _("整个投票期一次")
        DAY = "day", _("每个自然日一次")

    class Totals(models.TextChoices):
        HIDDEN = "hidden", _("投票期间不显示票数")
        DAILY = "daily", _("每日公布一次")
        SHOWN = "shown", _("实时显示")

    #: The fields the committee decides and the digest covers.
    RULES = (
        "seats",
        "ratio",
        "nominees",
        "expert_weight",
        "vote_weight",
        "min_sheets",
        "trim_from",
        "tie_break",
        "min_picks",
        "max_picks",
        "ballots_per",
    )

    host = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("主办单位"), related_name="editions"
    )
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("类别"))
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("名称"), max_length=120)
    # The category's as it was when the edition was set up: what was declared must go on meaning the same.
    # Empty is the form of the house, `declaration.ENTERPRISE`.
    form = models.JSONField(_("申报表"), default=dict, blank=True, editable=False)
    seats = models.PositiveSmallIntegerField(_("命名名额"), default=10, validators=[MinValueValidator(1)])
    ratio = models.CharField(_("差额比例"), max_length=12, default="6/5")
    nominees = models.PositiveSmallIntegerField(_("提名家数"), default=20, validators=[MinValueValidator(1)])
    expert_weight = models.DecimalField(
        _("专家评审权重"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(70),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    vote_weight = models.DecimalField(
        _("公众投票权重"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(30),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    # 0: every member reviews every nomination.
    sheets_each = models.PositiveSmallIntegerField(_("每家评审专家数"), default=0)
    comment_below = models.DecimalField(
        _("低于此分须写评语"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    comment_above = models.DecimalField(
        _("高于此分须写评语"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    same_district_conflict = models.BooleanField(_("同一区市工会的专家须回避"), default=False)
    discussion = models.BooleanField(_("设讨论轮"), default=False)
    min_sheets = models.PositiveSmallIntegerField(
        _("最少有效评分表"), default=3, validators=[MinValueValidator(1)]
    )
    trim_from = models.PositiveSmallIntegerField(
        _("去最高最低的起始份数"), default=5, validators=[MinValueValidator(3)]
    )
    tie_break = models.JSONField(_("同分次序"), default=list)
    min_picks = models.PositiveSmallIntegerField(
        _("每票最少选"), default=1, validators=[MinValueValidator(1)]
    )
    max_picks = models.PositiveSmallIntegerField(
        _("每票最多选"), default=10, validators=[MinValueValidator(1)]
    )
    ballots_per = models.CharField(_("投票次数"), max_length=4, choices=Turn, default=Turn.POLL)
    totals = models.CharField(_("票数公布"), max_length=6, choices=Totals, default=Totals.HIDDEN)
    notice_workdays = models.PositiveSmallIntegerField(
        _("公示工作日"), default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    accept_workdays = models.PositiveSmallIntegerField(
        _("异议受理工作日"), default=3, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    decide_workdays = models.PositiveSmallIntegerField(
        _("异议办结工作日"), default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    extend_workdays = models.PositiveSmallIntegerField(
        _("异议延期工作日"), default=5, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    finding_days = models.PositiveSmallIntegerField(_("核查结果有效天数"), default=60)
    evidence_required = models.JSONField(_("必交佐证"), default=list, blank=True)
    allow_former = models.BooleanField(_("往届已命名的可再次推荐"), default=False)
    grant_amount = models.DecimalField(
        _("每家资助金额（元）"), max_digits=12, decimal_places=2, default=Decimal("300000.00")
    )
    minute = models.CharField(_("委员会会议纪要文号"), max_length=60, blank=True)
    contact_address = models.CharField(_("联系地址"), max_length=120, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    contact_mail = models.EmailField(_("联系邮箱"), blank=True)
    published = models.BooleanField(_("已发布"), default=False)
    frozen_at = models.DateTimeField(_("规则冻结时间"), null=True, blank=True, editable=False)
    digest = models.CharField(_("规则摘要"), max_length=64, blank=True, editable=False)
    concluded_at = models.DateTimeField(_("办结时间"), null=True, blank=True, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("届")
        verbose_name_plural = _("届")
        ordering = ["-year", "host__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["host", "category", "title"], name="one_edition_of_a_title"),
            models.CheckConstraint(
                condition=models.Q(min_picks__lte=models.F("max_picks")), name="picks_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(frozen_at__isnull=True) | ~models.Q(digest=""), name="frozen_with_a_digest"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("nominations:edition", args=[self.pk])

    def step(self, kind: str) -> "Step":
        return next(step for step in self.steps.all() if step.kind == kind)

    @property
    def level(self) -> str:
        """The level its host names at, as `awards.models.Honour.Level` has it."""
        kinds = Organisation.Kind
        return {kinds.CITY: "city", kinds.ENTERPRISE: "enterprise"}.get(self.host.kind, "district")

    @property
    def enabled(self) -> tuple[str, ...]:
        """The kinds of the steps that are switched on, in their order."""
        return tuple(step.kind for step in self.steps.all() if step.enabled)

    def has(self, kind: str) -> bool:
        return kind in self.enabled

    def is_open(self, kind: str) -> bool:
        """Whether the step is switched on and not closed."""
        step = self.step(kind)
        return step.enabled and step.closed_at is None

    @property
    def current_step(self) -> "Step | None":
        """The first step that is switched on and not closed; None when all are."""
        return next((step for step in self.steps.all() if step.enabled and not step.closed_at), None)


class Step(models.Model):
    """One of the six steps of an edition: switched on or off, its dates, and when it was closed by whom."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="steps")
    kind = models.CharField(_("环节"), max_length=16, choices=StepKind)
    position = models.PositiveSmallIntegerField(_("次序"))
    enabled = models.BooleanField(_("启用"), default=True)
    opens = models.DateTimeField(_("开始"), null=True, blank=True)
    closes = models.DateTimeField(_("截止"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("关闭人"), null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("环节")
        verbose_name_plural = _("环节")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind"], name="one_step_of_a_kind"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_closed_step_names_who_closed_it",
            ),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True)
                | models.Q(closes__isnull=True)
                | models.Q(opens__lt=models.F("closes")),
                name="a_step_opens_before_it_closes",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class Dimension(models.Model):
    """One of the dimensions experts score (S1 四.3③); the weights of an edition sum to 100."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="dimensions")
    code = models.SlugField(_("编码"))
    name = models.CharField(_("维度"), max_length=60)
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2)
    guidance = models.TextField(_("评分要点"), blank=True)
    # What to look at within the dimension, a line each; shown, not scored by itself.
    subpoints = models.JSONField(_("分项"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = _("评审维度")
        verbose_name_plural = _("评审维度")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "code"], name="one_dimension_of_a_code")]

    def __str__(self):
        return self.name


@pghistory.track()
class Quota(models.Model):
    """How many a recommender may recommend; without a row, as many as it has."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="quotas")
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("推荐单位"))
    number = models.PositiveSmallIntegerField(_("名额"))

    class Meta:
        verbose_name = _("推荐名额")
        verbose_name_plural = _("推荐名额")
        ordering = ["organisation__position"]
        constraints = [models.UniqueConstraint(fields=["edition", "organisation"], name="one_quota_each")]

    def __str__(self):
        return f"{self.organisation} {self.number}"
