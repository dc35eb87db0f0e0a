from awards.models import Shortlist, ShortlistRow
from awards.services.board import board_of
from portal.models import Role
from portal.speech import said


def section(hat, nomination):
    """Scores and picks are for the office and the auditor alone."""
    if hat is None or hat.role not in (Role.OFFICE, Role.AUDITOR):
        return
    row = ShortlistRow.objects.filter(nomination=nomination).select_related("shortlist__edition").first()
    if row is None or row.shortlist.status != Shortlist.Status.DONE or not row.shortlist.sealed:
        return
    board = board_of(row.shortlist)
    line = next(line for line in board.lines if line.row.pk == row.pk)
    yield (
        "awards/shortlist_section.html",
        {"line": line, "board": board, "why": [said(each) for each in line.why], "of": len(board.lines)},
    )
