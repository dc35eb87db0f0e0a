import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from portal.checks import refuse_demo_in_production  # noqa: E402  needs the apps the line above loads

refuse_demo_in_production()
