"""Two honours of the city's office, named on 10 October 2026, the first with a person for the medal."""

from awards.models import Honour
from awards.services import naming
from tests.awards.stage import AFTER, ids, office_of, published

DECISION = "演示工发2026-10号"


def named(**fields) -> list[Honour]:
    edition = published(**fields).edition
    medals = (
        {ids(edition, 1)[0]: ("演示人选", "head", "董事长")} if fields.get("host", "city") == "city" else {}
    )
    return naming.name_winners(edition, decision=DECISION, medals=medals, by=office_of(edition), now=AFTER)
