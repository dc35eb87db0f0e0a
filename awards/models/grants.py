"""资助资金: the grant, its plan, what was paid, spent and given back. Exact to the fen, in yuan."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from awards.models.honours import Honour
from portal.files import private_name
from portal.models import Membership, Role


class GrantQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        """Whose honour it is, and the union that recommended them: it looks at what became of the money."""
        if hat.role == Role.RECOMMENDER:
            return self.filter(honour__nomination__recommender=hat.organisation)
        return self.filter(honour__in=Honour.objects.visible_to(hat))


class Grant(models.Model):
    honour = models.OneToOneField(Honour, models.PROTECT, related_name="grant")
    amount = models.DecimalField(_("资助金额（元）"), max_digits=12, decimal_places=2)
    closed_at = models.DateTimeField(_("结清时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("结清人"), null=True, blank=True, related_name="+"
    )
    closing_reason = models.CharField(_("结清说明"), max_length=300, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("资助资金")
        verbose_name_plural = _("资助资金")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True)
                | models.Q(closed_by__isnull=False) & ~models.Q(closing_reason=""),
                name="a_closed_grant_says_who_and_why",
            )
        ]

    def __str__(self):
        return f"{self.honour} {self.amount}"


class Use(models.TextChoices):
    """S1 四.4: what the money is for; 其他 is explained."""

    REWARD = "reward", _("职工创新成果奖励")
    PLATFORM = "platform", _("全员创新平台建设")
    ACTIVITY = "activity", _("群众性创新活动开展与实施推进")
    OTHER = "other", _("其他")


class GrantPlan(models.Model):
    """What the money is meant for, by use; a change is a new version with its reason."""

    class State(models.TextChoices):
        HANDED_IN = "handed_in", _("待审核")
        APPROVED = "approved", _("已同意")
        RETURNED = "returned", _("已退回")

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="plans")
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.HANDED_IN)
    reason = models.CharField(_("调整理由"), max_length=300, blank=True)
    handed_in_at = models.DateTimeField(_("提交时间"))
    handed_in_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("提交人"), related_name="+")
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("审核人"), null=True, blank=True, related_name="+"
    )
    opinion = models.CharField(_("审核意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("使用计划")
        verbose_name_plural = _("使用计划")
        ordering = ["grant", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "version"], name="one_plan_of_a_version"),
            models.UniqueConstraint(
                fields=["grant"], condition=models.Q(state="handed_in"), name="one_plan_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(state="handed_in")
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_plan_names_who_and_when",
            ),
        ]

    def __str__(self):
        return f"{self.grant} v{self.version}"


class PlanLine(models.Model):
    plan = models.ForeignKey(GrantPlan, models.PROTECT, related_name="lines")
    use = models.CharField(_("用途"), max_length=8, choices=Use)
    matter = models.CharField(_("事项"), max_length=200)
    amount = models.DecimalField(
        _("金额（元）"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    by_when = models.DateField(_("计划完成日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("计划事项")
        verbose_name_plural = _("计划事项")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="a_planned_sum_is_positive")
        ]

    def __str__(self):
        return self.matter


class Disbursement(models.Model):
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="disbursements")
    amount = models.DecimalField(_("拨付金额（元）"), max_digits=12, decimal_places=2)
    paid_on = models.DateField(_("拨付日期"))
    receipt = models.CharField(_("回执号"), max_length=60)
    receipt_file = models.FileField(_("回执"), upload_to=private_name, blank=True)
    receipt_sha256 = models.CharField(max_length=64, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    reason = models.CharField(_("冲正理由"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("拨付")
        verbose_name_plural = _("拨付")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses__isnull=True)
                | models.Q(amount__lt=0, reverses__isnull=False) & ~models.Q(reason=""),
                name="only_a_reversed_payment_is_negative",
            )
        ]

    def __str__(self):
        return f"{self.paid_on} {self.amount}"


class Expense(models.Model):
    """One line of the ledger, never changed; a correction is a line that reverses another."""

    Use = Use

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="expenses")
    use = models.CharField(_("用途"), max_length=8, choices=Use)
    matter = models.CharField(_("事项"), max_length=120)
    explanation = models.CharField(_("说明"), max_length=300, blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2)
    spent_on = models.DateField(_("日期"))
    voucher = models.CharField(_("凭证号"), max_length=60)
    plan_line = models.ForeignKey(
        PlanLine, models.PROTECT, verbose_name=_("计划事项"), null=True, blank=True, related_name="expenses"
    )
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


class Voucher(models.Model):
    """A paper that proves an expense; an expense may have several."""

    expense = models.ForeignKey(Expense, models.PROTECT, related_name="vouchers")
    file = models.FileField(_("凭证"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")

    class Meta:
        verbose_name = _("凭证")
        verbose_name_plural = _("凭证")
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Repayment(models.Model):
    """Unused money given back. A correction is a line that reverses another."""

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="repayments")
    amount = models.DecimalField(_("退回金额（元）"), max_digits=12, decimal_places=2)
    paid_on = models.DateField(_("退回日期"))
    receipt = models.CharField(_("收据号"), max_length=60)
    receipt_file = models.FileField(_("收据"), upload_to=private_name, blank=True)
    receipt_sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(_("说明"), max_length=300)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    recorded_at = models.DateTimeField(_("登记时间"))
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("退回")
        verbose_name_plural = _("退回")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses__isnull=True)
                | models.Q(amount__lt=0, reverses__isnull=False),
                name="only_a_reversed_repayment_is_negative",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_repayment_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.paid_on} {self.amount}"


class QuarterReport(models.Model):
    """What became of the money in a quarter: written by the enterprise, endorsed by its union, reviewed.

    The sums are those of the ledger when it was handed in, and stay.
    """

    class State(models.TextChoices):
        DUE = "due", _("待填报")
        HANDED_IN = "handed_in", _("待推荐单位审核")
        ENDORSED = "endorsed", _("待办公室审核")
        RETURNED = "returned", _("已退回")
        REVIEWED = "reviewed", _("已审核")

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField(_("年度"))
    quarter = models.PositiveSmallIntegerField(_("季度"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DUE)
    due_on = models.DateField(_("填报期限"), null=True, blank=True)
    # {"opening", "received", "spent", "repaid", "closing", "by_use": {use: sum}}, sums as text.
    sums = models.JSONField(_("收支"), null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    words = models.TextField(_("使用情况和成效"), max_length=3000, blank=True)
    handed_in_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    handed_in_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    endorsed_at = models.DateTimeField(_("推荐单位审核时间"), null=True, blank=True)
    endorsed_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    endorsement = models.CharField(_("推荐单位意见"), max_length=500, blank=True)
    reviewed_at = models.DateTimeField(_("办公室审核时间"), null=True, blank=True)
    reviewed_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    review = models.CharField(_("办公室意见"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(_("催报时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("季度报告")
        verbose_name_plural = _("季度报告")
        ordering = ["grant", "year", "quarter"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "year", "quarter"], name="one_report_a_quarter"),
            models.CheckConstraint(
                condition=models.Q(quarter__gte=1, quarter__lte=4), name="a_year_has_four_quarters"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("due", "returned"))
                | models.Q(sums__isnull=False, handed_in_at__isnull=False, handed_in_by__isnull=False)
                & ~models.Q(digest=""),
                name="a_report_handed_in_has_its_sums",
            ),
        ]

    def __str__(self):
        return f"{self.grant} {self.year} Q{self.quarter}"

    @property
    def is_open(self) -> bool:
        """Whether it is the enterprise's turn: nothing is frozen then."""
        return self.state in (self.State.DUE, self.State.RETURNED)
