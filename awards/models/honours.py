"""命名奖励: honours, and the grant that comes with one. Money is exact to the fen, in yuan."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Enterprise, Nomination
from portal.files import private_name
from portal.models import Membership, Organisation, Role


class HonourQuerySet(models.QuerySet):
    def public(self):
        """What the registry shows: every naming but those of editions never published, as a rehearsal's."""
        return self.exclude(nomination__edition__published=False)

    def visible_to(self, hat: Membership):
        """For the pages of those at work; the names themselves are public in the registry."""
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(host=hat.organisation)
            case Role.APPLICANT:
                return self.filter(enterprise__organisation=hat.organisation)
        return self.none()


class Honour(models.Model):
    """A named enterprise. One imported from former years has no nomination here."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("省级")
        CITY = "city", _("市级")
        DISTRICT = "district", _("区市级")
        ENTERPRISE = "enterprise", _("企业级")

    class MedalOffice(models.TextChoices):
        HEAD = "head", _("企业负责人")
        DEPUTY = "deputy", _("分管负责人")

    nomination = models.OneToOneField(
        Nomination, models.PROTECT, null=True, blank=True, related_name="honoured"
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, verbose_name=_("企业"), related_name="honours")
    host = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("命名单位"), related_name="+")
    level = models.CharField(_("级别"), max_length=10, choices=Level)
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("称号"), max_length=120)
    number = models.CharField(_("命名编号"), max_length=40, unique=True)
    decision = models.CharField(_("命名文号"), max_length=60, blank=True)
    certificate = models.BooleanField(_("市五一劳动奖状"), default=False)
    medal_name = models.CharField(_("五一劳动奖章人选"), max_length=60, blank=True)
    medal_office = models.CharField(_("人选类别"), max_length=8, choices=MedalOffice, blank=True)
    medal_position = models.CharField(_("职务"), max_length=60, blank=True)
    model_worker = models.BooleanField(_("同等条件优先推荐市劳模"), default=False)
    to_province = models.BooleanField(_("择优推荐省级"), default=False)
    named_on = models.DateField(_("命名日期"))
    named_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    revoked_on = models.DateField(_("撤销日期"), null=True, blank=True)
    revoked_reason = models.CharField(_("撤销理由"), max_length=300, blank=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = _("命名")
        verbose_name_plural = _("命名")
        ordering = ["-year", "number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_on__isnull=True) | ~models.Q(revoked_reason=""),
                name="a_revocation_has_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.year} {self.enterprise}"


class GrantQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        return self.filter(honour__in=Honour.objects.visible_to(hat))


class Grant(models.Model):
    honour = models.OneToOneField(Honour, models.PROTECT, related_name="grant")
    amount = models.DecimalField(_("资助金额（元）"), max_digits=12, decimal_places=2)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("资助资金")
        verbose_name_plural = _("资助资金")

    def __str__(self):
        return f"{self.honour} {self.amount}"


class Disbursement(models.Model):
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="disbursements")
    amount = models.DecimalField(
        _("拨付金额（元）"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    paid_on = models.DateField(_("拨付日期"))
    receipt = models.CharField(_("回执号"), max_length=60)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("拨付")
        verbose_name_plural = _("拨付")
        ordering = ["paid_on", "pk"]

    def __str__(self):
        return f"{self.paid_on} {self.amount}"


class Expense(models.Model):
    """One line of the ledger, never changed; a correction is a line that reverses another."""

    class Use(models.TextChoices):
        REWARD = "reward", _("职工创新成果奖励")
        PLATFORM = "platform", _("全员创新平台建设")
        ACTIVITY = "activity", _("群众性创新活动开展与实施推进")
        OTHER = "other", _("其他")

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="expenses")
    use = models.CharField(_("用途"), max_length=8, choices=Use)
    matter = models.CharField(_("事项"), max_length=120)
    explanation = models.CharField(_("说明"), max_length=300, blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2)
    spent_on = models.DateField(_("日期"))
    voucher = models.CharField(_("凭证号"), max_length=60)
    voucher_file = models.FileField(_("凭证"), upload_to=private_name, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    recorded_at = models.DateTimeField(_("登记时间"))
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("支出")
        verbose_name_plural = _("支出")
        ordering = ["spent_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(use="other") | ~models.Q(explanation=""), name="another_use_is_explained"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(reverses__isnull=False),
                name="only_a_reversal_is_negative",
            ),
        ]

    def __str__(self):
        return f"{self.spent_on} {self.matter} {self.amount}"
