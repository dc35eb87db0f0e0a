"""A nomination: one subject's way through one edition, with what was declared and what was said of it."""

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nominations.models.editions import Edition
from nominations.models.enterprises import Enterprise
from nominations.rules import OTHER_REASON, RETURN_REASONS
from nominations.states import ENDINGS, State
from nominations.workflow import MachineQuerySet, Workflow
from portal.files import private_name
from portal.models import Membership, Organisation, Role


class NominationQuerySet(MachineQuerySet):
    def visible_to(self, hat: Membership | None):
        """What this hat may find at all; anything else is not found (404), never forbidden."""
        if hat is None:
            return self.none()
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(edition__host=hat.organisation)
            case Role.RECOMMENDER:
                return self.filter(recommender=hat.organisation)
            case Role.APPLICANT:
                return self.filter(enterprise__organisation=hat.organisation)
            case Role.DEPARTMENT:
                # Those of the batches that were sent to it, and no others.
                sent = self.model.batches.through.objects.filter(
                    batch__edition__consultations__department=hat.organisation
                )
                return self.filter(pk__in=sent.values("nomination")).exclude(
                    state__in=(State.DRAFT, State.RECOMMENDATION)
                )
            case Role.EXPERT:
                # One filter, so that all of it is said of one and the same assignment.
                barred = self.model.conflicts.rel.related_model.objects.filter(
                    member__user=hat.user, state__in=("pinned", "conflict")
                )
                return (
                    self.filter(
                        assignments__member__user=hat.user,
                        assignments__declared_at__isnull=False,
                        assignments__recusal__isnull=True,
                    )
                    .exclude(pk__in=barred.values("nomination"))
                    .distinct()
                )
            case Role.INSPECTOR:
                return self.filter(inspection__inspectors=hat.user).distinct()
        return self.none()

    def live(self):
        return self.exclude(state__in=ENDINGS)

    def at(self, state):
        return self.filter(state=state)


@pghistory.track()
class Nomination(Workflow):
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name=_("届"), related_name="nominations")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, verbose_name=_("企业"), related_name="nominations"
    )
    # What is selected: the enterprise itself, or a person, studio, team or result of it.
    subject_key = models.CharField(_("对象标识"), max_length=64)
    subject_name = models.CharField(_("选树对象"), max_length=120)
    recommender = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("推荐单位"), related_name="nominations"
    )
    rank = models.PositiveSmallIntegerField(_("推荐排序"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立时间"))
    created_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("建立人"), related_name="+")
    ended_reason = models.CharField(_("止步理由"), max_length=500, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = _("推荐")
        verbose_name_plural = _("推荐")
        ordering = ["recommender__position", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "subject_key"],
                condition=~models.Q(state=State.WITHDRAWN),
                name="one_live_nomination_of_a_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="a_nomination_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.REJECTED) | ~models.Q(ended_reason=""),
                name="a_rejection_has_a_reason",
            ),
        ]

    def __str__(self):
        return self.subject_name

    def get_absolute_url(self):
        return reverse("nominations:nomination", args=[self.pk])

    @property
    def state_label(self):
        return State(self.state).label


@pghistory.track()
class Declaration(models.Model):
    """What the enterprise declares, as it stood for this nomination. `version` guards against two tabs."""

    nomination = models.OneToOneField(Nomination, models.CASCADE, related_name="declaration")
    version = models.PositiveIntegerField(_("版本"), default=1)
    nature = models.CharField(_("企业性质"), max_length=20, blank=True)
    industry = models.CharField(_("所属行业"), max_length=40, blank=True)
    key_industry = models.CharField(_("十强产业"), max_length=20, blank=True)
    division_name = models.CharField(_("所属区市"), max_length=30, blank=True)
    independent = models.BooleanField(_("独立法人"), null=True, blank=True)
    employees = models.PositiveIntegerField(_("职工人数"), null=True, blank=True)
    union_founded_on = models.DateField(_("工会成立时间"), null=True, blank=True)
    union_members = models.PositiveIntegerField(_("工会会员数"), null=True, blank=True)
    recognitions = models.JSONField(_("省部级以上认定"), default=list, blank=True)
    frontline_share = models.DecimalField(
        _("一线职工教育经费占比（%）"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    contact_name = models.CharField(_("联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    deeds = models.TextField(_("主要事迹"), max_length=2000, blank=True)
    note = models.CharField(_("备注"), max_length=500, blank=True)
    # Whatever else the category's form asks: field key → value, as `nominations.declaration` cleans it.
    answers = models.JSONField(_("其他申报内容"), default=dict, blank=True)
    saved_at = models.DateTimeField(_("保存时间"), null=True, blank=True)
    saved_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("保存人"), null=True, blank=True, related_name="+"
    )
    # Saved by itself since the record last spoke of it.
    touched = models.JSONField(_("未入档的改动"), default=list, blank=True)

    class Meta:
        verbose_name = _("申报内容")
        verbose_name_plural = _("申报内容")

    def __str__(self):
        return f"{self.nomination} v{self.version}"


class EvidenceQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        """What of it this hat may find: what was uploaded by mistake stays with those who keep the file."""
        found = self.filter(nomination__in=Nomination.objects.visible_to(hat))
        if hat is not None and hat.role in (Role.DEPARTMENT, Role.EXPERT, Role.INSPECTOR):
            return found.filter(voided_at__isnull=True)
        return found

    def current(self):
        return self.filter(replaced_by__isnull=True, voided_at__isnull=True)


class Evidence(models.Model):
    class Kind(models.TextChoices):
        LICENCE = "licence", _("营业执照")
        UNION = "union", _("工会法人资格证")
        CONGRESS = "congress", _("职代会记录")
        PUBLICITY = "publicity", _("单位公示件")
        CREDIT = "credit", _("公共信用报告")
        RECOGNITION = "recognition", _("认定证书")
        FORM = "form", _("签章的推荐审批表")
        NOTICE = "notice", _("推荐单位公示件")
        PHOTO = "photo", _("现场照片")
        OTHER = "other", _("其他佐证")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="evidence")
    kind = models.CharField(_("类型"), max_length=12, choices=Kind, default=Kind.OTHER)
    title = models.CharField(_("名称"), max_length=120)
    # What it supports: a field of the declaration, or one of the recognitions.
    about = models.CharField(_("佐证内容"), max_length=64, blank=True)
    file = models.FileField(_("文件"), upload_to=private_name)
    thumbnail = models.FileField(_("缩略图"), upload_to=private_name, blank=True)
    mime = models.CharField(_("格式"), max_length=80)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    # Uploaded by mistake: kept, marked, no longer counted.
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    voided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("作废人"), null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(_("作废理由"), max_length=200, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("佐证")
        verbose_name_plural = _("佐证")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (models.Q(voided_at__isnull=False, voided_by__isnull=False) & ~models.Q(void_reason="")),
                name="a_voided_document_says_who_and_why",
            )
        ]

    def __str__(self):
        return self.title


class Recommendation(models.Model):
    """What the recommending organisation says when it recommends."""

    nomination = models.OneToOneField(Nomination, models.CASCADE, related_name="recommendation")
    opinion = models.TextField(_("推荐意见"))
    recommended_at = models.DateTimeField(_("推荐时间"))
    recommended_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("推荐人"), related_name="+")
    # Its own publicity among those it recommends from: the days, and the paper that proves it.
    publicity_from = models.DateField(_("公示起"), null=True, blank=True)
    publicity_to = models.DateField(_("公示止"), null=True, blank=True)
    publicity = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name=_("公示证明"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("推荐意见")
        verbose_name_plural = _("推荐意见")

    def __str__(self):
        return f"{self.nomination}"


class Return(models.Model):
    """A 退回: why, from which step, by when it should be mended, and when it was."""

    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="returns")
    from_state = models.CharField(_("退回环节"), max_length=16, choices=State)
    reason = models.TextField(_("退回理由"))
    # Codes of rules.RETURN_REASONS, and a note on each field that is meant.
    codes = models.JSONField(_("理由类别"), default=list, blank=True)
    notes = models.JSONField(_("逐项批注"), default=dict, blank=True)
    # What the declaration was when it went back: what is mended is told by comparing.
    version = models.PositiveIntegerField(_("退回时的版本"), null=True, blank=True)
    deadline = models.DateField(_("补正期限"))
    returned_at = models.DateTimeField(_("退回时间"))
    returned_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("退回人"), related_name="+")
    mended_at = models.DateTimeField(_("补正时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("退回")
        verbose_name_plural = _("退回")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination"], condition=models.Q(mended_at__isnull=True), name="one_open_return"
            )
        ]

    def __str__(self):
        return self.words

    @property
    def words(self) -> str:
        """The kinds of reason, then what was written; 其他 stands for what was written."""
        kinds = [code for code in self.codes if code in RETURN_REASONS]
        if self.reason:
            kinds = [code for code in kinds if code != OTHER_REASON]
        said = "、".join(gettext(RETURN_REASONS[code]) for code in kinds)
        return "：".join(part for part in (said, self.reason) if part)
