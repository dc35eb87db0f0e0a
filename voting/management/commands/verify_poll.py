from django.core.management.base import BaseCommand

from portal.errors import Refused
from portal.speech import said
from voting.models import Poll
from voting.services.verifying import differences


class Command(BaseCommand):
    help = (
        "Derive the record of a poll anew from its ballots. "
        "Exit 0: equal; 1: differs; 2: no poll; 3: its key is not here."
    )

    def add_arguments(self, parser):
        parser.add_argument("edition", type=int, help="number of the edition")

    def handle(self, *, edition, **options):
        poll = Poll.objects.filter(edition=edition).select_related("edition").first()
        if poll is None:
            self.stderr.write(f"{edition}: 没有这一届，或这一届没有投票。")
            raise SystemExit(2)
        try:
            found = differences(poll)
        except Refused as away:  # the key's file is not here: what cannot be checked is not called equal
            self.stderr.write(said(away))
            raise SystemExit(3) from None
        for difference in found:
            self.stdout.write(said(difference))
        if found:
            raise SystemExit(1)
        logged = poll.entries.count()
        self.stdout.write(self.style.SUCCESS(f"一致：{poll.edition.title}，公开记录 {logged} 条"))
