"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.server.settings")
application = get_wsgi_application()


def _refuse_to_be_a_door_that_reads() -> None:
    """However it was started, not only by `tocsin serve --door`."""
    from django.conf import settings

    if settings.TOCSIN_ROLE != "door":
        return
    from django.db import connection

    from tocsin.server import door_role

    problems = door_role.problems()
    connection.close()  # the threads open their own
    if problems:
        raise ImproperlyConfigured("\n* ".join(["The door was not started:", *problems]))


_refuse_to_be_a_door_that_reads()
