"""The entry of the ballot tier: `granian --interface wsgi voting.box.wsgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from voting.box import inside  # noqa: E402  needs the apps the line above loads

application = inside.box()
application.writer.knock()
application.figures.begin()
