import sys

from django.core.management.base import BaseCommand

from portal.verification import SHOWN, verify


class Command(BaseCommand):
    help = "Verify the record: print its head, name the first broken links, exit with 1 when it is not whole."

    def handle(self, *args, **options):
        found = verify()
        self.stdout.write(f"head: {found.seq} {found.hash}")
        if not found.broken:
            self.stdout.write(self.style.SUCCESS(f"The record is whole: {found.seq} links."))
            return
        for line in found.broken:
            self.stderr.write(self.style.ERROR(line))
        if len(found.broken) == SHOWN:
            self.stderr.write("… and possibly more.")
        sys.exit(1)
