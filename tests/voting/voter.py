"""A voter without a script, page by page."""

import re

from django.urls import reverse

from voting import sms

NUMBER = "19912345678"
#: What a browser says of a form on a page of ours.
HERE = {"HTTP_ORIGIN": "http://testserver"}


def url(name, *args):
    return reverse(f"voting:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def choose(client, poll, picks=(1, 2)):
    return client.post(url("choose", poll.pk), {"pick": picks}, **HERE)


def prove(client, poll, number=NUMBER):
    """Get a code and read it off the development inbox."""
    client.post(url("identity", poll.pk), {"phone": number})
    code = re.search(r"\d{6}", sms.development_inbox().messages()[0]["text"]).group()
    return client.post(url("identity", poll.pk), {"phone": number, "code": code})


def slip_of(client, poll) -> str:
    return re.search(r'name="slip" value="([^"]+)"', text(client.get(url("summary", poll.pk)))).group(1)


def vote(client, poll, picks=(1, 2), number=NUMBER):
    choose(client, poll, picks)
    prove(client, poll, number)
    return client.post(url("cast", poll.pk), {"slip": slip_of(client, poll)})
