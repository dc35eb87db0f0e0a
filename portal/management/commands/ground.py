from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.ground import lay


class Command(BaseCommand):
    help = "Lay the ground: organisations, categories and published working days. May run again at any time."

    def handle(self, *args, **options):
        added = lay(timezone.now())
        self.stdout.write("Added: " + ", ".join(f"{count} {what}" for what, count in added.items()))
