import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from awards.models.teams import Team
from nominations.models import Edition, Evidence, Nomination
from portal.files import private_name
from portal.models import Membership, Role


class InspectionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.INSPECTOR:
                return self.filter(inspectors=hat.user)
        return self.none()


@pghistory.track()
class Inspection(models.Model):
    """The visit to one shortlisted enterprise: who, when, what was found, and two signatures."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("合格")
        FAILED = "failed", _("不合格")

    class Slot(models.TextChoices):
        MORNING = "am", _("上午")
        AFTERNOON = "pm", _("下午")

    class Disposition(models.TextChoices):
        ACCEPTED = "accepted", _("差异不影响结论")
        REFERRED = "referred", _("转资格审查")
        ENDED = "ended", _("不予通过")

    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="inspection")
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name=_("考察组"), null=True, blank=True, related_name="visits"
    )
    slot = models.CharField(_("时段"), max_length=2, choices=Slot, blank=True)
    route = models.PositiveSmallIntegerField(_("当日次序"), null=True, blank=True)
    address = models.CharField(_("考察地点"), max_length=200, blank=True)
    inspectors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("考察人员"), related_name="+"
    )
    leader_name = models.CharField(_("考察组长"), max_length=60, blank=True)
    member_names = models.CharField(_("考察成员"), max_length=200, blank=True)
    planned_on = models.DateField(_("计划日期"), null=True, blank=True)
    visited_on = models.DateField(_("考察日期"), null=True, blank=True)
    # What the team means to conclude: the verdict once two have signed it.
    proposed = models.CharField(_("拟定结论"), max_length=8, choices=Verdict, blank=True)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict, blank=True)
    problem = models.CharField(_("问题"), max_length=500, blank=True)
    leader_signature = models.CharField(_("组长签名"), max_length=60, blank=True)
    member_signature = models.CharField(_("成员签名"), max_length=60, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), null=True, blank=True)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(_("版本"), default=1)
    # What the two signatures stand under; "" while nobody signed.
    signed_digest = models.CharField(_("签名内容摘要"), max_length=64, blank=True)
    disposition = models.CharField(_("差异处理"), max_length=8, choices=Disposition, blank=True)
    disposal_reason = models.CharField(_("处理理由"), max_length=500, blank=True)
    disposed_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    disposed_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("处理人"), null=True, blank=True, related_name="+"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("考察")
        verbose_name_plural = _("考察")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict="")
                | models.Q(recorded_at__isnull=False, recorded_by__isnull=False, visited_on__isnull=False),
                name="a_verdict_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="failed") | ~models.Q(problem=""), name="a_failed_visit_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(disposition="")
                | models.Q(disposed_at__isnull=False, disposed_by__isnull=False)
                & ~models.Q(disposal_reason=""),
                name="a_disposal_names_who_when_and_why",
            ),
        ]

    def __str__(self):
        return str(self.nomination)


class CheckLine(models.Model):
    """One claim to be checked on the spot: what was declared, what was found, what the difference is."""

    class Source(models.TextChoices):
        CLAIM = "claim", _("申报内容")
        DIMENSION = "dimension", _("评审方面")
        OFFICE = "office", _("办公室增列")

    class Weight(models.TextChoices):
        MINOR = "minor", _("细微差异")
        MATERIAL = "material", _("实质差异")

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=64)
    source = models.CharField(_("来源"), max_length=10, choices=Source, default=Source.CLAIM)
    dimension = models.CharField(_("方面"), max_length=60, blank=True)
    item = models.CharField(_("核对事项"), max_length=160)
    claimed = models.TextField(_("申报情况"), blank=True)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name=_("佐证"), null=True, blank=True, related_name="+"
    )
    found = models.CharField(_("核实情况"), max_length=1000, blank=True)
    agrees = models.BooleanField(_("是否相符"), null=True)
    difference = models.CharField(_("差异"), max_length=500, blank=True)
    weight = models.CharField(_("差异程度"), max_length=8, choices=Weight, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    checked_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("核对人"), null=True, blank=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("核对项")
        verbose_name_plural = _("核对项")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "key"], name="one_line_of_a_key"),
        ]

    def __str__(self):
        return self.item


class CheckedDocument(models.Model):
    """A document the team was shown. The client's number makes one sent twice one."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="documents")
    line = models.ForeignKey(CheckLine, models.PROTECT, null=True, blank=True, related_name="documents")
    client_id = models.UUIDField(unique=True)
    title = models.CharField(_("材料名称"), max_length=160)
    number = models.CharField(_("文号或编号"), max_length=80, blank=True)
    issuer = models.CharField(_("出具单位"), max_length=120, blank=True)
    original = models.BooleanField(_("看到原件"), default=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    seen_at = models.DateTimeField(_("查看时间"))
    noted_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("记录人"), related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("查看的材料")
        verbose_name_plural = _("查看的材料")
        ordering = ["seen_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True) | ~models.Q(void_reason=""),
                name="a_voided_document_has_a_reason",
            )
        ]

    def __str__(self):
        return self.title


class Interview(models.Model):
    """Somebody the team talked with, and what was said."""

    class Kind(models.TextChoices):
        HEAD = "head", _("企业负责人")
        UNION = "union", _("工会干部")
        WORKER = "worker", _("职工")
        OTHER = "other", _("其他人员")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="interviews")
    client_id = models.UUIDField(unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    post = models.CharField(_("岗位或职务"), max_length=60, blank=True)
    kind = models.CharField(_("身份"), max_length=8, choices=Kind, default=Kind.WORKER)
    words = models.TextField(_("谈话要点"), max_length=3000)
    held_at = models.DateTimeField(_("谈话时间"))
    noted_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("记录人"), related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("访谈")
        verbose_name_plural = _("访谈")
        ordering = ["held_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True) | ~models.Q(void_reason=""),
                name="a_voided_interview_has_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.name} {self.get_kind_display()}"


class InspectionPhoto(models.Model):
    class TimeFrom(models.TextChoices):
        CAMERA = "camera", _("照片自带时间")
        PHONE = "phone", _("手机时间")
        NONE = "", _("时间不详")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="photos")
    line = models.ForeignKey(CheckLine, models.PROTECT, null=True, blank=True, related_name="photos")
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    sha256 = models.CharField(max_length=64, blank=True)
    time_from = models.CharField(_("时间来源"), max_length=8, choices=TimeFrom, blank=True)
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    voided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("作废人"), null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    file = models.ImageField(_("照片"), upload_to=private_name)
    caption = models.CharField(_("说明"), max_length=120, blank=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("考察照片")
        verbose_name_plural = _("考察照片")

    def __str__(self):
        return self.caption or str(self.pk)


class InspectionFile(models.Model):
    """A 考察记录.xlsx looked through and then applied; the applied one is kept as it came in."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="inspection_files")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    applied_at = models.DateTimeField(_("登记时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("考察记录文件")
        verbose_name_plural = _("考察记录文件")
        ordering = ["-pk"]

    def __str__(self):
        return self.name


class VisitSignature(models.Model):
    """A named person stands by what a visit's record said when it had this digest. Void when it changed."""

    class Part(models.TextChoices):
        LEADER = "leader", _("组长")
        MEMBER = "member", _("成员")

    class Way(models.TextChoices):
        OWN_ACCOUNT = "own", _("本人账号")
        RE_ENTERED = "re_entered", _("在他人设备上输入本人密码")
        PAPER = "paper", _("纸质签名")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="signatures")
    part = models.CharField(_("签名人身份"), max_length=8, choices=Part)
    name = models.CharField(_("签名"), max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    way = models.CharField(_("签名方式"), max_length=10, choices=Way)
    digest = models.CharField(_("签名内容摘要"), max_length=64)
    scan = models.FileField(_("纸质签名扫描件"), upload_to=private_name, blank=True)
    signed_at = models.DateTimeField(_("签名时间"))
    recorded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")
    void_at = models.DateTimeField(_("失效时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("考察签名")
        verbose_name_plural = _("考察签名")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "part"],
                condition=models.Q(void_at__isnull=True),
                name="one_standing_signature_a_part",
            ),
            models.UniqueConstraint(
                fields=["inspection", "user"],
                condition=models.Q(void_at__isnull=True, user__isnull=False),
                name="two_people_sign",
            ),
        ]

    def __str__(self):
        return f"{self.get_part_display()} {self.name}"


class VisitSync(models.Model):
    """What a phone sent once it was back: sent twice, it is answered from here and done once."""

    client_id = models.UUIDField(unique=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="syncs")
    received_at = models.DateTimeField(_("收到时间"))
    received_from = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    outcome = models.JSONField(_("结果"))

    class Meta:
        verbose_name = _("离线记录")
        verbose_name_plural = _("离线记录")
        ordering = ["pk"]

    def __str__(self):
        return str(self.client_id)
