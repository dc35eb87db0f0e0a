from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.models import Membership, Role
from portal.speech import said
from voting.models import Poll
from voting.services.destroying import destroy_secret


class Command(BaseCommand):
    help = (
        "Destroy the key that names the voters of a poll, once the period of appeal is over; on the record."
    )

    def add_arguments(self, parser):
        parser.add_argument("edition", type=int, help="number of the edition, as in its address")
        parser.add_argument(
            "--by", required=True, metavar="USERNAME", help="who of the office answers for it"
        )

    def handle(self, *, edition, by, **options):
        poll = Poll.objects.filter(edition=edition).select_related("edition__host").first()
        if poll is None:
            raise CommandError(_("没有编号为 {edition} 的届次，或这一届没有投票。").format(edition=edition))
        hats = Membership.objects.at(poll.edition.host, Role.OFFICE)
        hat = hats.filter(user__username=by).select_related("user", "organisation").first()
        if hat is None:
            raise CommandError(
                _("“{by}”不是{host}的办公室人员，请用办公室人员的用户名。").format(
                    by=by, host=poll.edition.host
                )
            )
        try:
            done = destroy_secret(poll, by=hat, now=timezone.now())
        except Refused as refused:
            raise CommandError(said(refused)) from None
        if done.file:
            self.stdout.write(_("密钥文件已覆盖并删除，不能恢复。操作已记入日志。"))
        else:
            self.stdout.write(_("这台服务器上没有密钥文件。投票已标为密钥已销毁，操作已记入日志。"))
        for sentence in done.left:
            self.stdout.write(_(sentence))
