from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationQuerySet(models.QuerySet):
    def unread(self, user):
        return self.filter(recipient=user, channel=Notification.Channel.SITE, read_at__isnull=True)

    def due(self, now):
        return self.filter(state=Notification.State.QUEUED, due_at__lte=now)


class Notification(models.Model):
    """A row of the outbox: written with the act it tells of, delivered after commit."""

    class Channel(models.TextChoices):
        SITE = "site", _("站内")
        MAIL = "mail", _("邮件")

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("发送失败")

    event = models.CharField(_("事件"), max_length=60)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("收件人"))
    channel = models.CharField(_("渠道"), max_length=4, choices=Channel)
    subject = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("链接"), max_length=300, blank=True)
    edition_id = models.BigIntegerField(_("届"), null=True)
    nomination_id = models.BigIntegerField(_("推荐"), null=True)
    state = models.CharField(_("状态"), max_length=6, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    due_at = models.DateTimeField(_("下次发送"))
    error = models.CharField(_("错误"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("生成时间"))
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    read_at = models.DateTimeField(_("已读时间"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due", condition=models.Q(state="queued")),
            models.Index(fields=["recipient", "channel", "read_at"], name="outbox_unread"),
        ]

    def __str__(self):
        return self.subject
