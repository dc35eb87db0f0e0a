"""What this app adds to the record page of a nomination: its figures, once they are counted."""

from voting.models import ResultRow


def sections(hat, nomination) -> list[tuple[str, dict]]:
    row = ResultRow.objects.filter(nomination=nomination).select_related("result").first()
    if row is None:
        return []
    return [("voting/section.html", {"row": row, "result": row.result})]
