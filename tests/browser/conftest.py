"""What the browser tests stand on: a Chromium, a portal that answers it, and windows that miss nothing."""

import os
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import sync_playwright

from portal.devstack.browser import on_path
from tests.browser.window import AXE, FLAGS, Album

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    reason = _missing()
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def _missing() -> str:
    if os.environ.get("XUANSHU_NO_BROWSER") == "1":
        return "XUANSHU_NO_BROWSER=1"
    if not AXE.is_file():
        return "axe-core is not installed: run `npm ci`"
    return "" if on_path() else "no Chromium: set CHROMIUM to the path of one"


@pytest.fixture(scope="session")
def chromium():
    # Playwright's own loop runs in this thread; Django would take the tests' few queries for misplaced ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=on_path(), args=list(FLAGS))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module", autouse=True)
def private_root(tmp_path_factory):
    """Files for the whole module: what a fixture of the module kept is still there for each test."""
    memory = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with override_settings(PRIVATE_ROOT=tmp_path_factory.mktemp("files"), CACHES=memory):
        yield


@pytest.fixture
def album(request):
    return Album(request.node.name)
