"""Django's own session framework on PostgreSQL, the base of authentik's sessions.

Served by gunicorn: `gunicorn peer:application` in this folder, with PEERS_DATABASE_HOST, _PORT and _NAME set.
`python3 peer.py migrate` creates the tables.
"""

import json
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

settings.configure(
    DEBUG=False,
    SECRET_KEY="a secret of the benchmark, of no worth elsewhere",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.sessions"],
    # The one that sessions need; a project's own list is longer.
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.db",
    SESSION_COOKIE_AGE=86_400,
    SESSION_SAVE_EVERY_REQUEST=False,
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PEERS_DATABASE_HOST"],
            "PORT": os.environ["PEERS_DATABASE_PORT"],
            "NAME": os.environ["PEERS_DATABASE_NAME"],
            "USER": "postgres",
            "CONN_MAX_AGE": None,
        }
    },
)

TEMPLATE = (Path(__file__).parent.parent / "session.json").read_text(encoding="utf-8")


def fill(login_body):
    """The session object that every peer stores and answers, with what a login brings."""
    now = timezone.now()
    answer = json.loads(TEMPLATE)
    answer["session"].update(
        uuid=str(uuid.uuid4()),
        last_ip=login_body["client"]["ip"],
        last_user_agent=login_body["client"]["user_agent"],
        created=now.isoformat(),
        last_used=now.isoformat(),
        expires=(now + timedelta(days=1)).isoformat(),
    )
    answer["user"] = login_body["pending_user"]
    return answer


def login(request):
    """Creates a session. The user's facts go into it, so that a check asks nothing beyond the session's row."""
    answer = fill(json.loads(request.body))
    request.session["answer"] = answer
    return JsonResponse(answer)


def session(request):
    """Checks a session."""
    answer = request.session.get("answer")
    return JsonResponse(answer) if answer else HttpResponse(status=401)


def logout(request):
    """Ends a session."""
    request.session.flush()
    return HttpResponse(status=204)


urlpatterns = [path("login", login), path("session", session), path("logout", logout)]

if __name__ == "__main__":
    django.setup()
    execute_from_command_line(sys.argv)
else:
    application = get_wsgi_application()
