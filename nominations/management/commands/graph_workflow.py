from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import override

from nominations.drawing import Move, draw
from nominations.models import Nomination
from nominations.order import OPTIONAL
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
            list(_moves(field.get_all_transitions(Nomination))),
            _("有的届不设专家评审、公众投票或差额考察，由上一个环节直接进入下一个所设的环节。"),
        )


def _moves(transitions) -> Iterator[Move]:
    """Each way of a move, but for those open only where an edition leaves a step out: a line says these."""
    ways = defaultdict(list)
    for each in transitions:
        for target in getattr(each.target, "allowed_states", None) or [each.target]:
            ways[each.name].append(Move(str(each.source), str(target), str(each.custom["label"])))
    for moves in ways.values():
        for move in moves:
            nearer = any(_between(each) < _between(move) for each in moves)
            if not (nearer and _between(move) & set(OPTIONAL)):
                yield move


def _between(move: Move) -> set[str]:
    """The states that a move passes over."""
    way = [state.value for state in State if state not in ASIDE]
    if move.source not in way or move.target not in way:
        return set()
    first, last = sorted((way.index(move.source), way.index(move.target)))
    return set(way[first + 1 : last])


class Command(BaseCommand):
    help = "Draw the state machine of a nomination as an SVG."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, default=Path("docs/handbook/workflow.svg"))

    def handle(self, *args, out: Path, **options):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(picture(), "utf-8")
        self.stdout.write(str(out))
