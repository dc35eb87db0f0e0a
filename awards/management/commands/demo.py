from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.cells import cell_len

from awards.demonstration import PASSWORD, account_lines, make, refuse_in_production
from nominations.models import Edition
from portal.errors import Refused
from portal.speech import said


class Command(BaseCommand):
    help = "Make a live demonstration in an empty database; --accounts shows who can sign in to it."

    def add_arguments(self, parser):
        parser.add_argument("--accounts", action="store_true", help="who can sign in, and what waits there")

    def handle(self, *, accounts, **options):
        try:
            refuse_in_production()
            if accounts:
                self._accounts()
            elif Edition.objects.exists():
                self.stdout.write(_("已有届次，数据保持原样，没有建立演示数据。"))
            else:
                make(timezone.now(), tell=self._tell)
        except Refused as refused:
            self.stderr.write(said(refused))
            raise SystemExit(1) from None

    def _tell(self, part):
        self.stdout.write(f"{_padded(_(part.title), 34)}{part.seconds:6.1f} s")

    def _accounts(self):
        lines = list(account_lines(now=timezone.now()))
        if not lines:
            self.stdout.write(_("没有演示账号。"))
            return
        rows = [(_("角色"), _("用户名"), _("密码"), _("待办"))]
        rows += [(_(line.role), line.username, PASSWORD, _waiting(line.waiting)) for line in lines]
        widths = [max(cell_len(row[place]) for row in rows) for place in range(3)]
        for row in rows:
            cells = [_padded(text, width) for text, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[3]]).rstrip())
        self.stdout.write(_("其他区市、部门和专家的演示账号密码相同，用户名见管理后台“人员”。"))


def _waiting(lines: list[str]) -> str:
    """The first thing that waits, and how many more."""
    if not lines:
        return _("可查阅")
    if len(lines) == 1:
        return lines[0]
    return _("{first}，另 {more} 项").format(first=lines[0], more=len(lines) - 1)


def _padded(text: str, width: int) -> str:
    """Filled up with spaces, a Chinese character counting as two."""
    return text + " " * max(0, width - cell_len(text))
