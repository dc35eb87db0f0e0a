"""The record: what was done, by whom, and the chain that shows when a line was changed."""

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused


class AppendOnly(models.QuerySet):
    def update(self, **kwargs):
        raise Refused("留痕记录只能追加，不能修改。")

    def delete(self):
        raise Refused("留痕记录只能追加，不能删除。")

    def life_of(self, nomination):
        return self.filter(nomination_id=nomination.pk)

    def open_to(self, hat):
        """Without what this person is kept from: each floor names its own, in `RECORD_CURTAINS`."""
        shown = self
        for path in settings.RECORD_CURTAINS:
            shown = shown.exclude(import_string(path)(hat))
        return shown


class AuditEntry(models.Model):
    """One act. `body` is the canonical JSON that the chain covers; the columns repeat it for searching.

    Written only by `portal.audit.record`. Triggers refuse UPDATE, DELETE and TRUNCATE.
    """

    at = models.DateTimeField(_("时间"))
    act = models.CharField(_("事项"), max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("经办人"))
    actor_name = models.CharField(_("姓名"), max_length=60)
    role = models.CharField(_("角色"), max_length=12)
    organisation_name = models.CharField(_("单位"), max_length=120, blank=True)
    subject_type = models.CharField(_("对象类型"), max_length=60)
    subject_id = models.CharField(_("对象编号"), max_length=40)
    subject_label = models.CharField(_("对象"), max_length=200)
    # Plain numbers: the ground does not know the models of the floors above it.
    edition_id = models.BigIntegerField(_("届"), null=True)
    nomination_id = models.BigIntegerField(_("推荐"), null=True)
    detail = models.JSONField(_("内容"), default=dict)
    body = models.TextField(editable=False)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("留痕记录")
        verbose_name_plural = _("留痕记录")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["nomination_id", "id"], name="audit_by_nomination"),
            models.Index(fields=["edition_id", "id"], name="audit_by_edition"),
            models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.act}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise Refused("留痕记录只能追加，不能修改。")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise Refused("留痕记录只能追加，不能删除。")


class AuditLink(models.Model):
    """One link of the chain: hash = SHA-256(hash of the link before + body of the entry).

    A deferred trigger writes it as the transaction commits, under a lock: the numbers are dense, and
    no act ever waits for another while it holds rows.
    """

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("留痕链")
        verbose_name_plural = _("留痕链")
        ordering = ["seq"]

    def __str__(self):
        return f"{self.seq} {self.hash[:12]}"
