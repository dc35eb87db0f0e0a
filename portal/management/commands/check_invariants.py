import json
import sys

from django.core.management.base import BaseCommand, CommandError

from portal.invariants import all_checks, broken


class Command(BaseCommand):
    help = "Look at everything that must always hold; name the rows for which it does not and exit with 1."

    def add_arguments(self, parser):
        parser.add_argument("--only", action="append", metavar="CHECK", help="this check; may be repeated")
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.add_argument("--list", action="store_true", help="name the checks and do nothing")

    def handle(self, *args, only=None, **options):
        checks = all_checks()
        if options["list"]:
            for check in checks:
                self.stdout.write(f"{check.name}  {check.words}")
            return
        if unknown := set(only or ()) - {check.name for check in checks}:
            raise CommandError(f"No such check: {', '.join(sorted(unknown))}")
        found = broken(only)
        looked = len(only) if only else len(checks)
        if options["json"]:
            self.stdout.write(json.dumps({"checks": looked, "broken": found}, ensure_ascii=False, indent=1))
        else:
            for name, rows in found.items():
                self.stderr.write(self.style.ERROR(name))
                for row in rows:
                    self.stderr.write(f"  {row}")
            if not found:
                self.stdout.write(self.style.SUCCESS(f"All {looked} hold."))
        if found:
            sys.exit(1)
