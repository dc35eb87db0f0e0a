"""What this app adds to the record page of a nomination."""

from awards import sections_after


def sections(hat, nomination) -> list[tuple[str, dict]]:
    return sections_after.sections(hat, nomination)
