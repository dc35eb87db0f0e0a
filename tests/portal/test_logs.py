"""What a line of the log does not say."""

import logging

import pytest
from django.urls import reverse

from portal.logs import hide_keys, hide_objectors
from tests import factories
from tests.awards.objections import DURING
from tests.awards.stage import published


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("GET /review/by-link/abc-_123/", "GET /review/by-link/…/"),
        ("POST /review/by-link/abc/row/ 409", "POST /review/by-link/…/row/ 409"),
        ("Not Found: /review/by-link/x", "Not Found: /review/by-link/…"),
        ("GET /review/4/links/", "GET /review/4/links/"),
    ],
)
def test_the_key_of_a_link_is_not_in_the_log(written, kept):
    event = {"event": written, "request": written, "code": 404}
    assert hide_keys(None, "info", event) == {"event": kept, "request": kept, "code": 404}


@pytest.mark.parametrize(
    ("address", "hidden"),
    [
        ("POST /awards/notices/4/object/", True),
        ("GET /awards/notices/4/object/?from=list", True),
        ("GET /under/awards/notices/4/object/", True),
        ("POST /awards/objections/status/", True),
        ("POST /awards/objections/status/letter/", True),
        ("GET /awards/notices/4/", False),
        ("GET /awards/objections/4/", False),
        ("GET /awards/objections/roster/", False),
    ],
)
def test_who_asked_is_not_said_where_somebody_objects(address, hidden):
    told = {"user_id": 7, "user_agent": "a browser", "ip": "192.0.2.1"}
    kept = {} if hidden else told
    event = {"event": "request_started", "request": address, "code": 200}
    assert hide_objectors(None, "info", {**event, **told}) == {**event, **kept}


@pytest.mark.django_db
def test_no_line_of_the_log_says_which_signed_in_person_objects(client, caplog, monkeypatch):
    notice = published()
    monkeypatch.setattr("django.utils.timezone.now", lambda: DURING)
    worn = factories.hat("recommender")
    factories.sign_in(client, worn)
    caplog.set_level(logging.DEBUG)
    client.get(reverse("awards:notice", args=[notice.pk]))
    # What is looked for is said elsewhere, so that it would be found.
    assert f"'user_id': {worn.user_id}" in caplog.text
    for name, args in (
        ("object", [notice.pk]),
        ("objection_status", []),
        ("objection_status_letter", []),
    ):
        address = reverse(f"awards:{name}", args=args)
        for ask in (client.get, client.post):
            caplog.clear()
            ask(address, {"number": "1"}, HTTP_USER_AGENT="a browser of one's own")
            assert address in caplog.text
            assert "user_id" not in caplog.text
            assert "a browser of one's own" not in caplog.text
            assert worn.user.username not in caplog.text
