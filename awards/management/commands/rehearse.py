from pathlib import Path

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from awards.rehearsal import rehearse
from portal.errors import Refused
from portal.speech import said
from portal.workbook import WorkbookRefused


class Command(BaseCommand):
    help = "Drive a whole selection from a folder of paper, and leave its results in another folder."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *, folder, out, **options):
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        try:
            with Progress(*columns, console=console) as progress:
                summary = rehearse(folder, out, progress=progress)
        except WorkbookRefused as refused:
            for error in refused.errors:
                self.stderr.write(str(error))
            raise SystemExit(1) from None
        except Refused as refused:
            self.stderr.write(said(refused))
            raise SystemExit(1) from None
        self.stdout.write(
            f"考察名单 {len(summary['shortlisted'])}，公示名单 {len(summary['notice'])}，"
            f"公示至 {summary['notice_ends']}，结果在 {out}"
        )
