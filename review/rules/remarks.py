"""Which points an expert has to explain."""

from collections.abc import Mapping
from decimal import Decimal

from portal.errors import Refused
from portal.figures import decimal_text
from review.rules.scoring import DIMENSIONS


def remark_asked(points: Decimal | None, *, below: Decimal | None, above: Decimal | None) -> bool:
    """委员会决定: points under `below` or over `above` are explained; the limits themselves are not (None: no
    limit)."""
    if points is None:
        return False
    return (below is not None and points < below) or (above is not None and points > above)


def check_remarks(
    scores: Mapping[str, Decimal],
    remarks: Mapping[str, str],
    dimensions: Mapping[str, str] = DIMENSIONS,
    *,
    below: Decimal | None,
    above: Decimal | None,
) -> None:
    """委员会决定: what is to be explained is explained at its own dimension before the sheet is handed in."""
    for code, title in dimensions.items():
        points = scores.get(code)
        if not remark_asked(points, below=below, above=above) or remarks.get(code, "").strip():
            continue
        shown = decimal_text(points)
        if below is not None and points < below:
            raise Refused(
                "“{title}”得 {score} 分，低于 {limit} 分，请在这一项的评语中写明理由后再提交。",
                title=title,
                score=shown,
                limit=decimal_text(below),
            )
        raise Refused(
            "“{title}”得 {score} 分，高于 {limit} 分，请在这一项的评语中写明理由后再提交。",
            title=title,
            score=shown,
            limit=decimal_text(above),
        )
