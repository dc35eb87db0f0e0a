from django.core.management.base import BaseCommand

from portal.speech import said
from review.models import Result
from review.services.freezing import verify


class Command(BaseCommand):
    help = "Recompute a closed review from its frozen inputs. Exit 0: equal; 1: differs; 2: nothing frozen."

    def add_arguments(self, parser):
        parser.add_argument("edition", type=int, help="number of the edition")

    def handle(self, *, edition, **options):
        result = Result.objects.filter(edition=edition).select_related("edition").first()
        if result is None:
            self.stderr.write(f"{edition}: 这一届的专家评审还没有冻结的成绩。")
            raise SystemExit(2)
        differences = verify(result)
        for difference in differences:
            self.stdout.write(said(difference))
        if differences:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS(f"一致：{result.edition.title}，sha256 {result.digest}"))
