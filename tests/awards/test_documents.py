"""A template that fails when a notice is made from it: nothing is published."""

import pytest

from awards.services import publishing
from awards.services.standing_list import list_in_force
from nominations.states import State
from portal.errors import Refused
from tests.awards.stage import PUBLISHING, at_rank, ids, office_of, visited
from tests.awards.test_templates import docx, kept

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "bad",
    [
        docx("{{ ends"),
        docx("{% for row in rows %}"),
        docx("{{ ().__class__.__mro__[1].__subclasses__() }}"),
        docx("{{ period }}"),
        b"not a document",
    ],
)
def test_a_template_that_is_broken_or_reaches_out_is_refused_and_nothing_is_published(bad):
    edition = visited()
    kept(edition.host, "notice", bad)
    with pytest.raises(Refused, match="模板"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    assert list_in_force(edition) is None
    assert at_rank(edition, 1).state == State.INSPECTION
