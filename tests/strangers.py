"""Asking every address as somebody whose it is not: what was answered, and that nothing has changed."""

import io
import zipfile
from html import unescape

from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse

from tests import factories

#: What a stranger may well have of its own: the file it handed in, what it was handed out.
OWN = ("IntakeFile", "Handout")


def names_in(space: str) -> dict[str, str]:
    """Every address of a part: its name → the module of its view."""
    part = next(each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == space)
    return {each.name: each.callback.__module__ for each in part.url_patterns}


def world() -> dict[str, list]:
    """Every row of the parts concerned, and the record: to be compared before and after."""
    models = [
        model
        for label in ("nominations", "review")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model.__name__ not in OWN and not model.__name__.endswith("Event")
    ]
    rows = {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}
    record = apps.get_model("portal", "AuditEntry").objects.order_by("pk")
    # That one was handed one's own workbook is on the record.
    rows["AuditEntry"] = list(record.exclude(act__endswith=".hand_out").values_list())
    return rows


def clients(hats: dict) -> dict[str, Client]:
    return {"anonymous": Client()} | {
        name: factories.sign_in(Client(), hat) for name, hat in hats.items() if hat is not None
    }


def ask(client, method: str, address: str, data=None) -> str:
    """The status, or `login` where one is led to sign in."""
    response = getattr(client, method)(address, data or {})
    if response.status_code == 302 and response.url.startswith("/accounts/login/"):
        return "login"
    return str(response.status_code)


def address_of(space: str, name: str, things, wanted: str, query: str = "") -> str:
    found = [getattr(things, each) for each in wanted.split()]
    address = reverse(f"{space}:{name}", args=[getattr(each, "pk", each) for each in found])
    return f"{address}?{query.format(things=things)}" if query else address


def differences(space: str, rows, columns, asked_by, things) -> list[str]:
    """Every answer that is not the one written down, and every address where something has changed.

    A row: names, what the address names, query, what is posted, answers to GET, answers to POST.
    """
    wrong, before = [], world()
    for group, wanted, query, data, on_get, on_post in rows:
        for name in group.split():
            for method, answers in (("get", on_get), ("post", on_post)):
                for who, expected in zip(columns, answers.split(), strict=True):
                    posted = data(things) if method == "post" and data else None
                    found = ask(asked_by[who], method, address_of(space, name, things, wanted, query), posted)
                    if found != expected:
                        wrong.append(f"{name} {method} {who}: {found}, should be {expected}")
            if (after := world()) != before:
                moved = [model for model in after if after[model] != before[model]]
                wrong.append(f"{name}: somebody changed {moved}")
                before = after
    return wrong


def unpacked(data: bytes) -> str:
    """All the text of an office file."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [package.read(name).decode("utf-8", "replace") for name in package.namelist()]
    return unescape("".join(parts))
