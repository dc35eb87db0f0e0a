"""专家评审: experts, their panel, recusals, sheets and scores."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Dimension, Edition, Nomination
from nominations.states import State, StepKind
from portal.files import private_name
from portal.models import Membership, Role


class Expert(models.Model):
    """The register of experts. One without an account can be scored for from the panel's workbook."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("账户"),
        null=True,
        blank=True,
        related_name="expert",
    )
    name = models.CharField(_("姓名"), max_length=60)
    employer = models.CharField(_("工作单位"), max_length=120, blank=True)
    employer_code = models.CharField(_("工作单位信用代码"), max_length=18, blank=True)
    fields = models.JSONField(_("专业领域"), default=list, blank=True)
    title = models.CharField(_("职称职务"), max_length=60, blank=True)
    division_name = models.CharField(_("所在区市"), max_length=30, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    mail = models.EmailField(_("电子邮箱"), blank=True)
    note = models.CharField(_("备注"), max_length=300, blank=True)
    active = models.BooleanField(_("在库"), default=True)

    class Meta:
        verbose_name = _("专家")
        verbose_name_plural = _("专家")

    def __str__(self):
        return self.name


class Draw(models.Model):
    """A random draw of experts: who was in the pool, by which seed, and who came out in which order.

    The seed is fixed before the pool is; with both, anybody draws the same names again.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="draws")
    number = models.PositiveSmallIntegerField(_("次数"))
    seed = models.CharField(_("种子"), max_length=64)
    criteria = models.JSONField(_("抽取条件"), default=dict)
    pool = models.JSONField(_("备选专家"), default=list)
    order = models.JSONField(_("抽取次序"), default=list)
    digest = models.CharField(_("摘要"), max_length=64)
    drawn_at = models.DateTimeField(_("抽取时间"))
    drawn_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("抽取人"), related_name="+")

    class Meta:
        verbose_name = _("专家抽取")
        verbose_name_plural = _("专家抽取")
        ordering = ["edition", "number"]
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="one_draw_of_a_number")]

    def __str__(self):
        return f"{self.edition} {self.number}"


class PanelMember(models.Model):
    """An expert on the panel of an edition, under the panel's own number (E01 …)."""

    class Standing(models.TextChoices):
        RESERVE = "reserve", _("候补")
        INVITED = "invited", _("已邀请")
        SEATED = "seated", _("已接受")
        DECLINED = "declined", _("已谢绝")
        REPLACED = "replaced", _("已替换")

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="panel")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="panels")
    code = models.CharField(_("专家编号"), max_length=12)
    # Repeated from the expert, for the queries of the floors below.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    standing = models.CharField(_("状态"), max_length=10, choices=Standing, default=Standing.SEATED)
    reserve = models.PositiveSmallIntegerField(_("候补次序"), null=True, blank=True)
    draw = models.ForeignKey(
        Draw, models.PROTECT, verbose_name=_("抽取"), null=True, blank=True, related_name="members"
    )
    invited_at = models.DateTimeField(_("邀请时间"), null=True, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    reason = models.CharField(_("谢绝或替换的理由"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, verbose_name=_("替换"), null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        verbose_name = _("专家组成员")
        verbose_name_plural = _("专家组成员")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_panel_member_of_a_code"),
            models.UniqueConstraint(fields=["edition", "expert"], name="an_expert_sits_once"),
        ]

    def __str__(self):
        return self.code


@pghistory.track()
class Conflict(models.Model):
    """What stands, or does not stand, between a member and a nomination.

    A pinned state was set by a person with a reason and is not changed by the finder or by the expert.
    """

    class State(models.TextChoices):
        PINNED_CONFLICT = "pinned", _("确认回避")
        CONFLICT = "conflict", _("须回避")
        CLEAR = "clear", _("无回避情形")
        PINNED_CLEAR = "cleared", _("确认无须回避")

    class Source(models.TextChoices):
        DECLARED = "declared", _("专家申报")
        FOUND = "found", _("系统发现")
        OFFICE = "office", _("办公室认定")

    STANDING = (State.PINNED_CONFLICT, State.CONFLICT)

    member = models.ForeignKey(PanelMember, models.CASCADE, related_name="conflicts")
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="conflicts")
    state = models.CharField(_("状态"), max_length=8, choices=State)
    source = models.CharField(_("来源"), max_length=8, choices=Source)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    set_at = models.DateTimeField(_("时间"))
    set_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("认定人"), related_name="+")

    class Meta:
        verbose_name = _("利害关系")
        verbose_name_plural = _("利害关系")
        constraints = [
            models.UniqueConstraint(fields=["member", "nomination"], name="one_conflict_a_pair"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["pinned", "cleared"]) | ~models.Q(reason=""),
                name="a_pinned_conflict_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.member} × {self.nomination} {self.get_state_display()}"


class OfficeRecusal(models.Model):
    """Somebody of the office who has to do with an enterprise sees nothing of its review."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("人员"), related_name="office_recusals"
    )
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="office_recusals")
    reason = models.CharField(_("理由"), max_length=300)
    recorded_at = models.DateTimeField(_("登记时间"))
    recorded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")
    lifted_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("工作人员回避")
        verbose_name_plural = _("工作人员回避")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "nomination"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_office_recusal_a_pair",
            )
        ]

    def __str__(self):
        return f"{self.user} × {self.nomination}"


def kept_from(hat: Membership) -> models.QuerySet[Nomination]:
    """Those of whose review this person sees nothing, by any hat but the expert's own: who stepped aside, and
    who scores it, until the step is closed."""
    aside = models.Q(office_recusals__user=hat.user_id, office_recusals__lifted_at__isnull=True)
    scoring = models.Q(
        assignments__member__user=hat.user_id,
        state=State.REVIEW,
        edition__steps__kind=StepKind.REVIEW,
        edition__steps__closed_at__isnull=True,
    )
    return Nomination.objects.filter(pk__in=Nomination.objects.filter(aside | scoring).values("pk"))


class AssignmentRun(models.Model):
    """One computation of who reviews what: its inputs and its outcome, reproducible by its seed."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="assignment_runs")
    number = models.PositiveSmallIntegerField(_("次数"))
    seed = models.CharField(_("种子"), max_length=64)
    inputs = models.JSONField(_("输入"))
    outcome = models.JSONField(_("结果"))
    digest = models.CharField(_("摘要"), max_length=64)
    run_at = models.DateTimeField(_("计算时间"))
    run_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("计算人"), related_name="+")

    class Meta:
        verbose_name = _("任务分配")
        verbose_name_plural = _("任务分配")
        ordering = ["edition", "number"]
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="one_run_of_a_number")]

    def __str__(self):
        return f"{self.edition} {self.number}"


class AssignmentQuerySet(models.QuerySet):
    def open_to(self, hat: Membership):
        """Those whose file this hat may read: an expert only after declaring, never in conflict."""
        mine = self.visible_to(hat)
        if hat.role == Role.EXPERT:
            mine = mine.filter(declared_at__isnull=False, recusal__isnull=True).unbarred()
        return mine

    def with_barred(self):
        """Each with `barred`: whether a conflict stands between its expert and its nomination."""
        conflicts = Conflict.objects.filter(
            member=models.OuterRef("member"),
            nomination=models.OuterRef("nomination"),
            state__in=Conflict.STANDING,
        )
        return self.annotate(barred=models.Exists(conflicts))

    def unbarred(self):
        """Those between whose expert and nomination no conflict stands."""
        return self.with_barred().filter(barred=False)

    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM:
                return self
            case Role.AUDITOR:
                return self.exclude(nomination__in=kept_from(hat).values("pk"))
            case Role.OFFICE:
                mine = self.filter(nomination__edition__host=hat.organisation)
                return mine.exclude(nomination__in=kept_from(hat).values("pk"))
            case Role.EXPERT:
                return self.filter(member__user=hat.user)
        return self.none()


class Assignment(models.Model):
    """This expert reviews this nomination."""

    member = models.ForeignKey(PanelMember, models.PROTECT, related_name="assignments")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="assignments")
    assigned_at = models.DateTimeField(_("分配时间"))
    # None: by hand.
    run = models.ForeignKey(AssignmentRun, models.PROTECT, null=True, blank=True, related_name="assignments")
    # The expert states that nothing stands in the way, before the file is opened; or recuses.
    declared_at = models.DateTimeField(_("无回避声明时间"), null=True, blank=True)
    declared_signature = models.CharField(_("声明签名"), max_length=60, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("评审任务")
        verbose_name_plural = _("评审任务")
        ordering = ["nomination__subject_key", "member__code"]
        constraints = [models.UniqueConstraint(fields=["member", "nomination"], name="one_assignment_a_pair")]

    def __str__(self):
        return f"{self.member} → {self.nomination}"


class Recusal(models.Model):
    class Kind(models.TextChoices):
        EMPLOYMENT = "employment", _("三年内有劳动关系")
        OFFICER = "officer", _("担任董事、监事或为股东")
        KINSHIP = "kinship", _("与负责人有亲属关系")
        OTHER = "other", _("其他可能影响公正的关系")

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="recusal")
    kind = models.CharField(_("回避事由"), max_length=12, choices=Kind)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    signature = models.CharField(_("签名"), max_length=60)
    signed_at = models.DateTimeField(_("签署时间"))
    signed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")

    def __str__(self):
        return f"{self.assignment} {self.get_kind_display()}"


@pghistory.track()
class ScoreSheet(models.Model):
    """One expert's sheet for one nomination. Submitting locks it; `version` guards against two tabs."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet")
    comment = models.TextField(_("评语"), blank=True, max_length=2000)
    # Dimension code → what was written to it.
    remarks = models.JSONField(_("分项评语"), default=dict, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    saved_at = models.DateTimeField(_("保存时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    # What stood before the discussion, where there is one: scores, remarks, comment, when.
    before_discussion = models.JSONField(_("讨论前"), null=True, blank=True)

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")

    def __str__(self):
        return f"{self.assignment}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Score(models.Model):
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores")
    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="+")
    points = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = _("得分")
        verbose_name_plural = _("得分")
        ordering = ["dimension__position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "dimension"], name="one_score_a_dimension"),
            models.CheckConstraint(
                condition=models.Q(points__gte=0, points__lte=100), name="a_score_is_between_0_and_100"
            ),
        ]

    def __str__(self):
        return f"{self.dimension} {self.points}"


class Reopening(models.Model):
    """The office lets a submitted sheet be changed: why, by whom, and what it said until then."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="reopenings")
    reason = models.CharField(_("理由"), max_length=500)
    content = models.JSONField(_("重开前的内容"))
    reopened_at = models.DateTimeField(_("重开时间"))
    reopened_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("重开人"), related_name="+")

    class Meta:
        verbose_name = _("评分表重开")
        verbose_name_plural = _("评分表重开")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.sheet}"


class SheetPaper(models.Model):
    """The scan of a signed paper score sheet."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="papers")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    mime = models.CharField(_("格式"), max_length=80)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")

    class Meta:
        verbose_name = _("纸质评分表")
        verbose_name_plural = _("纸质评分表")
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Discussion(models.Model):
    """The round in which experts, having seen the anonymous spread, may revise their sheets."""

    edition = models.OneToOneField(Edition, models.CASCADE, related_name="review_discussion")
    opened_at = models.DateTimeField(_("开始时间"))
    opened_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("发起人"), related_name="+")
    ends_at = models.DateTimeField(_("截止时间"))
    spread = models.JSONField(_("讨论前的离散情况"))

    class Meta:
        verbose_name = _("讨论轮")
        verbose_name_plural = _("讨论轮")

    def __str__(self):
        return f"{self.edition}"
