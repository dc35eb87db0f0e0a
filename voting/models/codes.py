"""One-time codes of voters."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from voting.models.ballots import Home
from voting.models.polls import Poll


class Delivery(models.TextChoices):
    QUEUED = "queued", _("待发送")
    SENT = "sent", _("已交短信网关")
    DELIVERED = "delivered", _("已送达")
    FAILED = "failed", _("未送达")


class PhoneCode(models.Model):
    """A one-time code sent to a phone: kept as a hash, bound to one poll, good once and for a short time."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="+")
    voter = models.CharField(max_length=64)
    address = models.CharField(max_length=64, blank=True)
    network = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=64, blank=True)
    session = models.CharField(max_length=32, blank=True)  # of the start ticket it is bound to
    began_at = models.DateTimeField(null=True)
    block = models.CharField(max_length=64, blank=True)
    home = models.CharField(max_length=8, choices=Home, blank=True)
    # The proof of work that was spent on it, by the signature of its challenge; empty: it went without.
    proof = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    delivery = models.CharField(_("发送状态"), max_length=9, choices=Delivery, default="queued")
    # The number of the message, chosen here: what the gateway takes twice under it is one message.
    gateway_ref = models.CharField(max_length=64, blank=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("验证码")
        verbose_name_plural = _("验证码")
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "proof"], condition=~models.Q(proof=""), name="one_code_a_proof"
            )
        ]
        indexes = [
            models.Index(fields=["poll", "voter", "-sent_at"], name="codes_of_a_voter"),
            models.Index(fields=["poll", "-sent_at"], name="codes_of_a_poll"),
            models.Index(fields=["poll", "address", "-sent_at"], name="codes_of_an_address"),
            models.Index(fields=["poll", "network", "-sent_at"], name="codes_of_a_network"),
            models.Index(fields=["poll", "device", "-sent_at"], name="codes_of_a_device"),
            models.Index(fields=["-sent_at"], name="codes_in_time"),
        ]

    def __str__(self):
        return f"{self.poll} {self.sent_at:%H:%M:%S}"
