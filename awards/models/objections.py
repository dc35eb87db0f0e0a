"""Objections: what is said against a list, who handles it, by when, and what came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from awards.models.notices import Notice
from nominations.models import Nomination
from portal.files import private_name
from portal.models import Membership, Organisation, Role


class ObjectionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(notice__edition__host=hat.organisation)
        return self.none()

    def open(self):
        """Not answered yet: one that is decided or declined still waits for its answer."""
        return self.exclude(state=Objection.State.ANSWERED)

    def put_to(self, hat: Membership):
        """Against the enterprise of this hat, and put to it by the office; it never learns who objects."""
        if hat.role != Role.APPLICANT:
            return self.none()
        mine = self.filter(nomination__enterprise__organisation=hat.organisation_id)
        return mine.filter(matter_at__isnull=False)


class Objection(models.Model):
    """An objection by a named person or unit. Who it is stands apart, encrypted; only handlers see it."""

    class State(models.TextChoices):
        LODGED = "lodged", _("已登记")
        ACCEPTED = "accepted", _("已受理")
        DECLINED = "declined", _("不予受理")
        UPHELD = "upheld", _("成立")
        DISMISSED = "dismissed", _("不成立")
        ANSWERED = "answered", _("已答复")

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections")
    number = models.CharField(_("受理编号"), max_length=24, unique=True)
    code_hash = models.CharField(max_length=128)
    grounds = models.TextField(_("异议事实与理由"), max_length=3000)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.LODGED)
    upheld = models.BooleanField(_("是否成立"), null=True)
    decision = models.TextField(_("处理意见"), blank=True)
    public_outcome = models.CharField(_("公开结果"), max_length=300, blank=True)
    answer = models.TextField(_("答复"), max_length=2000, blank=True)
    lodged_at = models.DateTimeField(_("提出时间"))
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    of_unit = models.BooleanField(_("单位提出"), default=False)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    # None: the year's calendar is not published yet, and the day is set once it is.
    accept_due = models.DateField(_("受理期限"), null=True, blank=True)
    decide_due = models.DateField(_("办结期限"), null=True, blank=True)
    # What the enterprise is told of it, in the office's words: the objector's own may tell who it was.
    matter = models.TextField(_("转告企业的内容"), max_length=2000, blank=True)
    matter_at = models.DateTimeField(_("转告时间"), null=True, blank=True)
    matter_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    reply_due = models.DateField(_("请企业答复的期限"), null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("lodged", "accepted"))
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_objection_names_who_and_when",
            )
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state != self.State.ANSWERED


class Objector(models.Model):
    """Who objects, encrypted, in a table of its own: {"name", "contact", "unit"}; see awards.sealed.

    A unit has its full name in "name" and who speaks for it in "unit".
    """

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="who")
    sealed = models.BinaryField(_("异议人"))

    class Meta:
        verbose_name = _("异议人")
        verbose_name_plural = _("异议人")

    def __str__(self):
        return str(self.objection_id)


class ObjectionPaper(models.Model):
    """Evidence that came with an objection. File and file name are encrypted: either may tell who sent it."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="papers")
    file = models.FileField(_("证据材料"), upload_to=private_name)
    name_sealed = models.BinaryField(_("文件名"))
    seal_letter = models.BooleanField(_("加盖公章的书面意见"), default=False)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)  # of what was uploaded
    uploaded_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = _("异议材料")
        verbose_name_plural = _("异议材料")
        ordering = ["pk"]

    def __str__(self):
        return str(self.pk)


class DutyTurn(models.Model):
    """Who of an office receives objections from one day to another."""

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="duty_turns")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("值班人"), related_name="+"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("副班"),
        null=True,
        blank=True,
        related_name="+",
    )
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("登记时间"))
    made_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")

    class Meta:
        verbose_name = _("值班")
        verbose_name_plural = _("值班表")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="a_turn_ends_after_it_starts"
            )
        ]

    def __str__(self):
        return f"{self.starts_on} {self.user}"


class Handler(models.Model):
    """Who handles an objection, from when till when; only they see who objects."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="handlers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("经办人"), related_name="+"
    )
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("结束时间"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    assigned_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("指派人"), related_name="+")

    class Meta:
        verbose_name = _("经办人")
        verbose_name_plural = _("经办人")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["objection", "user"],
                condition=models.Q(until__isnull=True),
                name="once_handler_of_an_objection",
            )
        ]

    def __str__(self):
        return str(self.user)


class Extension(models.Model):
    """More time for a decision: asked for with a reason, allowed by a second person."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="extensions")
    from_due = models.DateField(_("原期限"))
    to_due = models.DateField(_("延长至"))
    reason = models.CharField(_("理由"), max_length=300)
    asked_at = models.DateTimeField(_("申请时间"))
    asked_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("申请人"), related_name="+")
    allowed = models.BooleanField(_("是否同意"), null=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("决定人"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("延期")
        verbose_name_plural = _("延期")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_due__gt=models.F("from_due")) & ~models.Q(reason=""),
                name="an_extension_is_later_and_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="an_extension_takes_two_people",
            ),
            models.UniqueConstraint(
                fields=["objection"], condition=~models.Q(allowed=False), name="extended_once"
            ),
        ]

    def __str__(self):
        return f"{self.from_due} → {self.to_due}"


class Hearing(models.Model):
    """One side was heard. What the objector said is encrypted like who it is."""

    class Side(models.TextChoices):
        OBJECTOR = "objector", _("异议人")
        SUBJECT = "subject", _("被异议企业")
        OTHER = "other", _("其他知情人")

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="hearings")
    side = models.CharField(_("听取对象"), max_length=8, choices=Side)
    way = models.CharField(_("方式"), max_length=60)
    held_at = models.DateTimeField(_("时间"))
    words = models.TextField(_("陈述要点"), max_length=3000, blank=True)
    words_sealed = models.BinaryField(_("异议人陈述"), null=True, blank=True)
    noted_at = models.DateTimeField(_("登记时间"))
    noted_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")

    class Meta:
        verbose_name = _("听取意见")
        verbose_name_plural = _("听取意见")
        ordering = ["held_at", "pk"]

    def __str__(self):
        return f"{self.get_side_display()} {self.held_at}"
