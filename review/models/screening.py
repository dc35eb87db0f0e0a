"""资格审查: who is asked what, what the departments answer, and what the office finds."""

from datetime import timedelta

import pghistory
from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.files import private_name
from portal.models import Membership, Organisation, Role
from review.rules import ITEM


class Batch(models.Model):
    """The nominations sent to the joint check together, with the day by which the departments answer."""

    class Kind(models.TextChoices):
        SCREENING = "screening", _("资格审查")
        # S1 四.1: 仍处于 is judged on the day, so it is asked again before publicity and before naming.
        RECHECK = "recheck", _("再次核查")
        # What an inspection found sends the matter back, not the exclusions alone.
        REFERRAL = "referral", _("考察转回")

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="batches")
    number = models.PositiveSmallIntegerField(_("批次"))
    kind = models.CharField(_("类型"), max_length=10, choices=Kind, default=Kind.SCREENING)
    nominations = models.ManyToManyField(Nomination, related_name="batches", verbose_name=_("企业"))
    due_on = models.DateField(_("答复期限"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    # What is asked of a referred one, as codes of review.rules.ITEMS; the other kinds ask what is theirs.
    items = models.JSONField(_("核查项"), default=list, blank=True)
    sent_at = models.DateTimeField(_("送出时间"))
    sent_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("送出人"), related_name="+")

    class Meta:
        verbose_name = _("联审批次")
        verbose_name_plural = _("联审批次")
        ordering = ["edition", "number"]
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="one_batch_of_a_number")]

    def __str__(self):
        return f"{self.edition} {self.number}"


class Consultation(models.Model):
    """One question of the joint check: this department answers this item for every nomination."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="consultations")
    department = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("部门"), related_name="+")
    item = models.CharField(_("核查项"), max_length=24)  # a code of review.rules.ITEMS
    due_on = models.DateField(_("答复期限"), null=True, blank=True)

    class Meta:
        verbose_name = _("征求意见")
        verbose_name_plural = _("征求意见")
        ordering = ["department__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "department", "item"], name="one_question_a_department"
            )
        ]

    def __str__(self):
        return f"{self.department} {self.title_of_item}"

    @property
    def title_of_item(self) -> str:
        return ITEM[self.item].title if self.item in ITEM else self.item

    @property
    def title(self) -> str:
        return f"{self.department.short_name}：{self.title_of_item}"


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.DEPARTMENT:
                return self.filter(consultation__department=hat.organisation)
        return self.none()


@pghistory.track()
class Opinion(models.Model):
    """A department's answer to one item for one nomination."""

    class Answer(models.TextChoices):
        CLEAR = "clear", _("无异议")
        PROBLEM = "problem", _("有问题")
        UNABLE = "unable", _("无法核查")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="opinions")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="opinions")
    answer = models.CharField(_("结果"), max_length=8, choices=Answer)
    explanation = models.CharField(_("说明"), max_length=500, blank=True)
    # When the problem began, where there is one and it is known.
    since = models.DateField(_("何时起"), null=True, blank=True)
    looked_up_on = models.DateField(_("查询日期"))
    version = models.PositiveIntegerField(_("版本"), default=1)
    answered_at = models.DateTimeField(_("答复时间"))
    answered_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("答复人"), related_name="+")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门意见")
        verbose_name_plural = _("部门意见")
        constraints = [
            models.UniqueConstraint(fields=["nomination", "consultation"], name="one_opinion_a_question"),
            models.CheckConstraint(
                condition=models.Q(answer="clear") | ~models.Q(explanation=""),
                name="an_opinion_that_is_not_clear_explains_itself",
            ),
        ]

    def __str__(self):
        return f"{self.consultation} {self.get_answer_display()}"


@pghistory.track()
class Finding(models.Model):
    """The conclusion on one item for one nomination, with its reason; what screening is decided by."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("通过")
        FAILED = "failed", _("不通过")
        REPAIR = "repair", _("需补正")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="findings")
    item = models.CharField(_("审查项"), max_length=24)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict)
    reason = models.CharField(_("理由"), max_length=500, blank=True)
    # What was looked at: a part of the declaration, a public register, a paper.
    source = models.CharField(_("查询途径"), max_length=120, blank=True)
    looked_up_on = models.DateField(_("查询日期"))
    # Made by the rule from the declaration; a person's own conclusion is never made anew.
    proposed = models.BooleanField(_("按规则得出"), default=False)
    found_at = models.DateTimeField(_("结论时间"))
    found_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("结论人"), related_name="+")

    class Meta:
        verbose_name = _("审查结果")
        verbose_name_plural = _("审查结果")
        constraints = [
            models.UniqueConstraint(fields=["nomination", "item"], name="one_finding_an_item"),
            models.CheckConstraint(
                condition=models.Q(verdict="passed") | ~models.Q(reason=""),
                name="a_failed_finding_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.item} {self.get_verdict_display()}"


@pghistory.track()
class Overrule(models.Model):
    """The office sets a 有问题 aside: one proposes with a reason, a second confirms or declines.

    It is of one version of the opinion: when the department answers anew it has lapsed.
    """

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="overrules")
    opinion_version = models.PositiveIntegerField(_("意见版本"))
    reason = models.CharField(_("理由"), max_length=500)
    proposed_at = models.DateTimeField(_("提出时间"))
    proposed_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("提出人"), related_name="+")
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("复核人"), null=True, blank=True, related_name="+"
    )
    confirmed = models.BooleanField(_("同意"), null=True, blank=True)
    remark = models.CharField(_("复核意见"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("不采纳部门意见")
        verbose_name_plural = _("不采纳部门意见")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["opinion", "opinion_version"],
                condition=~models.Q(confirmed=False),
                name="one_overrule_of_an_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed__isnull=True, decided_by__isnull=True, decided_at__isnull=True)
                | models.Q(confirmed__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="a_decided_overrule_names_who_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="a_second_person_decides_an_overrule",
            ),
        ]

    def __str__(self):
        return f"{self.opinion}"

    @property
    def nomination(self) -> Nomination:
        return self.opinion.nomination

    @property
    def lapsed(self) -> bool:
        """The department has answered anew since."""
        return self.opinion.version != self.opinion_version


class ProofQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        """Papers of the departments and of the office are not for those who are judged by them."""
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.DEPARTMENT:
                return self.filter(opinion__consultation__department=hat.organisation)
        return self.none()


class Proof(models.Model):
    """A paper behind a department's answer, an office's finding, or the setting aside of an answer."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="proofs")
    opinion = models.ForeignKey(Opinion, models.PROTECT, null=True, blank=True, related_name="proofs")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="proofs")
    overrule = models.ForeignKey(Overrule, models.PROTECT, null=True, blank=True, related_name="proofs")
    title = models.CharField(_("名称"), max_length=120)
    file = models.FileField(_("文件"), upload_to=private_name)
    mime = models.CharField(_("格式"), max_length=80)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")

    objects = ProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("核查依据")
        verbose_name_plural = _("核查依据")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opinion__isnull=False, finding__isnull=True, overrule__isnull=True)
                | models.Q(opinion__isnull=True, finding__isnull=False, overrule__isnull=True)
                | models.Q(opinion__isnull=True, finding__isnull=True, overrule__isnull=False),
                name="a_proof_is_of_one_thing",
            )
        ]

    def __str__(self):
        return self.title


class AnswerLinkQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(edition__host=hat.organisation)
        return self.none()


class AnswerLink(models.Model):
    """A way in for a consultee without an account: once, for a time, until it is revoked.

    `hat` is the named person at the consulted organisation who answers by it; that person cannot sign in.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="answer_links")
    hat = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("答复人"), related_name="+")
    position = models.CharField(_("职务"), max_length=60, blank=True)
    # For the office, so that it knows whom it was sent to; nothing is sent there by itself.
    contact = models.CharField(_("联系方式"), max_length=80, blank=True)
    note = models.CharField(_("备注"), max_length=300, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(_("签发时间"))
    issued_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("签发人"), related_name="+")
    expires_at = models.DateTimeField(_("有效至"))
    opened_at = models.DateTimeField(_("首次打开"), null=True, blank=True)
    used_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("撤销人"), null=True, blank=True, related_name="+"
    )
    revoked_reason = models.CharField(_("撤销理由"), max_length=300, blank=True)

    objects = AnswerLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("答复链接")
        verbose_name_plural = _("答复链接")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="a_revoked_link_names_who_revoked_it",
            )
        ]

    def __str__(self):
        return f"{self.hat}"

    @property
    def last_day(self):
        """It ends with a day, at 24:00 of the portal's time zone."""
        return localdate(self.expires_at - timedelta(seconds=1))
