def sections(hat, nomination) -> list[tuple[str, dict]]:
    return []
