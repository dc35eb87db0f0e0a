"""What this app adds to the record page of a nomination, one file per matter."""

from awards.sections import grants, honours, objections, publicity, shortlist, visits
from portal.models import Role


def sections(hat, nomination) -> list[tuple[str, dict]]:
    return [
        *honours.former(hat, nomination),
        *shortlist.section(hat, nomination),
        *visits.section(hat, nomination),
        *_after(hat, nomination),
    ]


def _after(hat, nomination):
    """Publicity and what follows it share one box; who was never published has none."""
    rows = publicity.rows_of(nomination)
    if not rows:
        return
    honour = honours.honour_of(nomination)
    context = {
        "rows": rows,
        "objections": objections.objections_to(hat, nomination),
        "mine": hat.role == Role.APPLICANT,
        "honour": honour,
        "reads_grant": grants.reads_grant(hat, honour),
    }
    yield "awards/_after.html", context
