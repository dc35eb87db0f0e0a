"""Put everything that is sealed under the first key of OBJECTION_KEY."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from awards.services.resealing import reseal_everything


class Command(BaseCommand):
    help = "Seal everything with the first key of OBJECTION_KEY, so that the ones behind it may go."

    def handle(self, *args, **options):
        for name, count in reseal_everything(now=timezone.now()).items():
            self.stdout.write(f"{name} {count}")
