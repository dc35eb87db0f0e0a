from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from awards import resultfile
from portal.errors import Refused
from portal.speech import said


class Command(BaseCommand):
    help = "Recompute a result.json from the file alone. Exit 0: equal; 1: it differs; 2: not readable."

    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key",
            default="",
            help="the public key the file must be signed with, as the portal's page 核对结果文件 shows it",
        )

    def handle(self, *, file, key, **options):
        try:
            data = resultfile.parse(file.read_bytes())
        except OSError as problem:
            self.stderr.write(f"{file}: {problem.strerror}")
            raise SystemExit(2) from None
        except Refused as refused:
            self.stderr.write(said(refused))
            raise SystemExit(2) from None
        differences = resultfile.verify(data, key)
        for difference in differences:
            self.stdout.write(said(difference))
        if differences:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(f"一致：{data['edition']['title']}，sha256 {data['sha256']}"))
        self.stdout.write(_signed_by(data, key))


def _signed_by(data, key):
    if "signature" not in data:
        return _("文件没有签名。")
    if key:
        return _("签名有效，公钥与所给的一致。")
    return _("签名有效，公钥为 {key}。请与平台“核对结果文件”页上的公钥比较。").format(
        key=data["signature"]["key"]
    )
