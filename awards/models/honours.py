"""命名奖励: the decision, the honours it names, and what each is put forward for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Category, Edition, Enterprise, Nomination
from portal.files import private_name
from portal.models import Membership, Organisation, Role


class Decision(models.Model):
    """The 命名决定: one document that names some of an edition. An edition may need several."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="decisions")
    number = models.CharField(_("命名文号"), max_length=60)
    minute = models.CharField(_("会议纪要文号"), max_length=60, blank=True)
    issued_on = models.DateField(_("命名日期"))
    text = models.TextField(_("正文"), blank=True)
    document = models.FileField(_("决定文件"), upload_to=private_name, blank=True)
    issued_at = models.DateTimeField(_("登记时间"))
    issued_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")

    class Meta:
        verbose_name = _("命名决定")
        verbose_name_plural = _("命名决定")
        ordering = ["-issued_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="one_decision_of_a_number")]

    def __str__(self):
        return self.number


class HonourQuerySet(models.QuerySet):
    def public(self):
        """What the registry shows: every naming but those of editions never published, as a rehearsal's."""
        hidden = Nomination.objects.filter(pk=models.OuterRef("nomination"), edition__published=False)
        return self.exclude(models.Exists(hidden))

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
    """A naming: of an enterprise, or of a person, studio, team or result of one.

    One entered from the paper of former years has no nomination here. Name, place and trade stand as they
    were at the naming.
    """

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
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("类别"), related_name="honours")
    subject_key = models.CharField(_("对象标识"), max_length=64)
    subject_name = models.CharField(_("命名对象"), max_length=120)
    division_name = models.CharField(_("所属区市"), max_length=30, blank=True)
    industry = models.CharField(_("所属行业"), max_length=40, blank=True)
    host = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("命名单位"), related_name="+")
    # Who named, where it is no organisation here: an enterprise its own, the province.
    namer = models.CharField(_("命名单位名称"), max_length=120, blank=True)
    level = models.CharField(_("级别"), max_length=10, choices=Level)
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("称号"), max_length=120)
    number = models.CharField(_("命名编号"), max_length=40)
    decision = models.CharField(_("命名文号"), max_length=60, blank=True)
    naming = models.ForeignKey(
        Decision, models.PROTECT, verbose_name=_("命名决定"), null=True, blank=True, related_name="honours"
    )
    # Stands in the QR code of the certificate; None for those imported without one.
    token = models.CharField(_("查验码"), max_length=32, unique=True, null=True, blank=True)
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
    revoked_minute = models.CharField(_("撤销会议纪要文号"), max_length=60, blank=True)
    revoked_decision = models.CharField(_("撤销文号"), max_length=60, blank=True)
    revoked_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("撤销人"), null=True, blank=True, related_name="+"
    )

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = _("命名")
        verbose_name_plural = _("命名")
        ordering = ["-year", "number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_on__isnull=True) | ~models.Q(revoked_reason=""),
                name="a_revocation_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(nomination__isnull=False),
                name="a_number_is_drawn_once",
            ),
            # Each host and each year counts its papers of former years by itself.
            models.UniqueConstraint(
                fields=["host", "year", "number"],
                condition=models.Q(nomination__isnull=True),
                name="one_naming_of_a_number_on_paper",
            ),
        ]
        indexes = [
            models.Index(fields=["-year", "number"], name="honours_as_listed"),
            models.Index(fields=["enterprise", "year"], name="honours_of_an_enterprise"),
        ]

    def __str__(self):
        return f"{self.year} {self.subject_name}"

    @property
    def named_by_words(self) -> str:
        """Who named it, as a page says it."""
        return self.namer or self.host.name


class MedalPerson(models.Model):
    """Particulars of the 奖章 person for the superior union's form: encrypted, read by few, on the record."""

    honour = models.OneToOneField(Honour, models.PROTECT, related_name="person")
    # Fernet of {"sex", "born", "id_number", "phone", "politics", "education", "deeds"}; see awards.sealed.
    sealed = models.BinaryField(_("个人信息"))
    consent_on = models.DateField(_("本人同意日期"))
    changed_at = models.DateTimeField(_("更新时间"))
    changed_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("更新人"), related_name="+")

    class Meta:
        verbose_name = _("奖章人选信息")
        verbose_name_plural = _("奖章人选信息")

    def __str__(self):
        return str(self.honour_id)


class Promotion(models.Model):
    """A named one is put forward, for 劳模 or to the province: by which criteria, and what came of it."""

    class To(models.TextChoices):
        MODEL_WORKER = "model_worker", _("市劳模推荐")
        PROVINCE = "province", _("省级推荐")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("已获命名")
        NOT = "not", _("未获命名")

    honour = models.ForeignKey(Honour, models.PROTECT, related_name="promotions")
    to = models.CharField(_("推荐去向"), max_length=12, choices=To)
    # [{"name", "met", "note"}]
    criteria = models.JSONField(_("推荐条件"), default=list)
    reason = models.CharField(_("推荐理由"), max_length=500)
    minute = models.CharField(_("会议纪要文号"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("推荐时间"))
    decided_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("办理人"), related_name="+")
    ended_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    ended_reason = models.CharField(_("取消理由"), max_length=300, blank=True)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome, blank=True)
    outcome_on = models.DateField(_("结果日期"), null=True, blank=True)
    outcome_number = models.CharField(_("结果文号"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("推荐")
        verbose_name_plural = _("推荐")
        ordering = ["honour__number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["honour", "to"], condition=models.Q(ended_at__isnull=True), name="put_forward_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | ~models.Q(ended_reason=""),
                name="a_promotion_ends_with_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.honour} {self.get_to_display()}"
