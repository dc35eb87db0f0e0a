"""The public record of a poll: a Merkle log of its ballots (RFC 6962), checkpoints, what was published."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Membership
from voting.models.ballots import Ballot
from voting.models.polls import Poll


class Waiting(models.Model):
    """A ballot that is on disk and not in the log yet. A trigger puts it here, the sequencer takes it away.

    Commit order cannot be read off a serial number; a row that can be seen here was committed.
    """

    ballot = models.OneToOneField(
        Ballot, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    poll_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("待入册选票")
        verbose_name_plural = _("待入册选票")

    def __str__(self):
        return str(self.ballot_id)


class Entry(models.Model):
    """The dense place of a ballot in the log of its poll, counted from 0."""

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="entries")
    index = models.BigIntegerField(_("序号"))
    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="entry")
    record = models.UUIDField(_("记录号"))  # the ballot's; who holds a receipt asks for a proof by it

    class Meta:
        verbose_name = _("公开记录条目")
        verbose_name_plural = _("公开记录条目")
        ordering = ["poll", "index"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "index"], name="one_entry_an_index"),
            models.UniqueConstraint(fields=["poll", "record"], name="one_entry_a_record"),
        ]

    def __str__(self):
        return f"{self.poll_id} {self.index}"


class Tile(models.Model):
    """Up to 256 neighbouring hashes of the tree: of leaves (level 0), or of the tiles one level below.

    Only the last tile of a level grows; a full one never changes.
    """

    WIDTH = 256

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="tiles")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()  # 32 bytes each

    class Meta:
        verbose_name = _("公开记录分块")
        verbose_name_plural = _("公开记录分块")
        constraints = [models.UniqueConstraint(fields=["poll", "level", "index"], name="one_tile_a_place")]

    def __str__(self):
        return f"{self.poll_id} {self.level}/{self.index}"


class Checkpoint(models.Model):
    """The signed size and root of the log at a moment, in the C2SP form. Never changed."""

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField(_("选票数"))
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField(_("签名时间"))

    class Meta:
        verbose_name = _("检查点")
        verbose_name_plural = _("检查点")
        ordering = ["poll", "size"]
        constraints = [models.UniqueConstraint(fields=["poll", "size"], name="one_checkpoint_a_size")]

    def __str__(self):
        return f"{self.poll_id} {self.size}"


class Publication(models.Model):
    """What was published of a counted poll: its files by digest, and the signed statement over them."""

    poll = models.OneToOneField(Poll, models.PROTECT, related_name="publication")
    files = models.JSONField(_("文件"))  # name → {"sha256", "bytes"}
    statement = models.TextField(_("签名声明"))
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("公开记录")
        verbose_name_plural = _("公开记录")

    def __str__(self):
        return str(self.poll)
