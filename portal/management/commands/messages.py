from django.core.management.base import BaseCommand

from portal import messages


class Command(BaseCommand):
    help = "Collect what is to be translated into the English catalogue, and compile it."

    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--compile", action="store_true", help="only compile what is there")

    def handle(self, **options):
        root = messages.root()
        if not options["compile"]:
            catalogue = messages.collect(root)
            messages.save(root, catalogue)
            lacking = messages.untranslated(catalogue)
            self.stdout.write(f"{len(catalogue)} sentences, {len(lacking)} without English.")
        messages.compile_catalogue(root)
