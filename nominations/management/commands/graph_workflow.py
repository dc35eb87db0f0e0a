from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import override

from nominations.drawing import Move, draw
from nominations.models import Nomination
from nominations.states import State

ASIDE = (State.REJECTED, State.WITHDRAWN)


def picture() -> str:
    """The machine as it is, in Chinese."""
    field = Nomination._meta.get_field("state")
    with override("zh-hans"):
        return draw(
            _("一家企业在评选中的经过"),
            {state.value: str(state.label) for state in State},
            [state.value for state in State if state not in ASIDE],
            [
                Move(str(move.source), str(move.target), str(move.custom["label"]))
                for move in field.get_all_transitions(Nomination)
            ],
        )


class Command(BaseCommand):
    help = "Draw the state machine of a nomination as an SVG."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, default=Path("docs/handbook/workflow.svg"))

    def handle(self, *args, out: Path, **options):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(picture(), "utf-8")
        self.stdout.write(str(out))
