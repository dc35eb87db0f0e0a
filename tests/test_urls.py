"""Every address × every role × at home and away, by hand: a new address without a row fails.

A row says what GET answers, for the roles in the order of ROLES. `200/404` is a thing at home (an edition
of the city, what 市南区 recommends, the department's, the expert's, the team's own) and the same thing away
(all of it 市北区's); a single figure is both. `login`: led to sign in. Who may post is asked of the services.
"""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests import factories as make
from tests.address_book import ROWS
from tests.places import away, home, things_of

ROLES = (
    *("anonymous", "office", "recommender", "applicant", "department"),
    *("expert", "inspector", "auditor", "admin"),
)
#: Not ours, tested by those whose they are; the back room has tests of its own.
LEFT_OUT = ("admin:", "account_", "mfa_", "prometheus-", "set_language", "styleguide:")
#: These read across the city, or what they show is public anyway.
SEES_ALL = ("auditor", "admin", "anonymous")
#: An office looks at the unions below it: who was named there stands in the public registry.
LOOKED_AFTER = {"indicators:union": "office"}


def names_of(resolver, space=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from names_of(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}"


def test_every_address_has_a_row_and_every_row_an_address():
    names = {name for name in names_of(get_resolver()) if not name.startswith(LEFT_OUT)}
    rows = [name for _things, _answers, group in ROWS for name in group.split()]
    assert set(rows) == names
    assert len(rows) == len(set(rows))
    assert all(len(answers.split()) == len(ROLES) for _things, answers, _group in ROWS)


@pytest.fixture
def world(db):
    """The things at home and away, and a signed-in client for each role."""
    now = timezone.now()
    here, there = home(), away()
    things = things_of(here, now), things_of(there, now)
    hats = {
        "office": make.hat("office"),
        "recommender": make.hat("recommender", here.recommender),
        "applicant": make.hat("applicant", things[0].enterprise.organisation),
        "department": make.hat("department", here.department),
        "expert": here.expert,
        "inspector": here.inspector,
        "auditor": make.hat("auditor"),
        "admin": make.hat("admin"),
    }
    clients = {role: make.sign_in(caller(), hat) for role, hat in hats.items()}
    return things, {"anonymous": caller(), **clients}


def caller() -> Client:
    """A client that names the host it asks, as every browser does: the ballot tier wants to know."""
    return Client(headers={"host": "testserver"})


def answer(client, name, wanted, things):
    """What GET of this address answers, and the text of the page where it is one."""
    found = [getattr(things, each) for each in wanted.split()]
    response = client.get(reverse(name, args=[getattr(each, "pk", each) for each in found]))
    if response.status_code == 302 and response.url.startswith("/accounts/login/"):
        return "login", ""
    if response.streaming or response.status_code != 200:
        return str(response.status_code), ""
    return "200", response.content.decode("utf-8", "replace")


def answers_of(client, name, wanted, worlds):
    """`200/404`, and the page away."""
    here, _page = answer(client, name, wanted, worlds[0])
    there, page = answer(client, name, wanted, worlds[1])
    return (here if here == there else f"{here}/{there}"), page


def test_what_each_role_gets_at_each_address(world):
    """One test, so that the world is made once; it names everything that is wrong."""
    worlds, clients = world
    foreign = (worlds[1].nomination.subject_name, worlds[1].screened.subject_name)
    wrong = []
    for wanted, answers, group in ROWS:
        public = answers.startswith("200") or not wanted
        for name in group.split():
            for role, expected in zip(ROLES, answers.split(), strict=True):
                found, page = answers_of(clients[role], name, wanted, worlds)
                if found != expected:
                    wrong.append(f"{name} {role}: {found}, should be {expected}")
                if public or role in SEES_ALL or role == LOOKED_AFTER.get(name):
                    continue
                if any(each in page for each in foreign):
                    wrong.append(f"{name} {role}: shows an enterprise of another's")
    assert wrong == []
