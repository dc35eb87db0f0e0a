from pathlib import Path

from django.core.management.base import BaseCommand

from awards import resultfile
from portal.errors import Refused
from portal.speech import said


class Command(BaseCommand):
    help = "Recompute a result.json from the file alone. Exit 0: equal; 1: it differs; 2: not readable."

    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        try:
            data = resultfile.parse(file.read_bytes())
        except OSError as problem:
            self.stderr.write(f"{file}: {problem.strerror}")
            raise SystemExit(2) from None
        except Refused as refused:
            self.stderr.write(said(refused))
            raise SystemExit(2) from None
        differences = resultfile.verify(data)
        for difference in differences:
            self.stdout.write(said(difference))
        if differences:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(f"一致：{data['edition']['title']}，sha256 {data['sha256']}"))
