"""Runs inside django-helpdesk's own Python: a project on SQLite with WAL, each mail given to its own function.

    python on_helpdesk.py FOLDER MBOX RESULT

`extract_email_metadata` is what its `get_email` command calls for each mail that it has fetched; here without the
fetching, and with letters thrown away in the process instead of sent: both are in its favour.
"""

from __future__ import annotations

import json
import logging
import mailbox
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any


def main(folder: str, mbox: str, result: str) -> None:
    """Make the project, feed it, count what it has."""
    import django  # type: ignore[import-not-found]
    from django.conf import settings  # type: ignore[import-not-found]

    settings.configure(
        SECRET_KEY="bench",
        DEBUG=False,
        USE_TZ=True,
        ALLOWED_HOSTS=["*"],
        MEDIA_ROOT=str(Path(folder, "media")),
        STATIC_URL="/static/",
        SITE_ID=1,
        ROOT_URLCONF="bench_urls",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.humanize",
            "django.contrib.messages",
            "django.contrib.admin",
            "rest_framework",
            "helpdesk",
        ],
        MIDDLEWARE=[],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(folder, "helpdesk.db")),
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        HELPDESK_TEAMS_MODE_ENABLED=False,
    )
    Path(settings.MEDIA_ROOT).mkdir()
    django.setup()
    from django.contrib import admin  # type: ignore[import-not-found]
    from django.urls import include, path  # type: ignore[import-not-found]

    urls: Any = ModuleType("bench_urls")
    sys.modules["bench_urls"] = urls
    urls.urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk")), path("admin/", admin.site.urls)]
    from django.core.management import call_command  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    from helpdesk.email import extract_email_metadata  # type: ignore[import-not-found]
    from helpdesk.models import FollowUp, Queue, Ticket  # type: ignore[import-not-found]

    facts = {"title": "Support", "slug": "support", "email_address": "support@example.com"}
    queue = Queue.objects.create(**facts, allow_email_submission=True)
    logger = logging.getLogger("bench")
    logger.setLevel(logging.CRITICAL)
    mails = [raw.as_bytes().decode("utf-8", "replace") for raw in mailbox.mbox(mbox)]
    failed = 0
    begun = time.time()
    for mail in mails:
        try:
            extract_email_metadata(mail, queue, logger)
        except Exception as error:  # noqa: BLE001  # told, and seen in the counts
            failed += 1
            sys.stderr.write(f"{type(error).__name__}: {error}\n"[:200])
    seconds = time.time() - begun
    counted = {"seconds": seconds, "tickets": Ticket.objects.count(), "mails": FollowUp.objects.count()}
    Path(result).write_text(json.dumps(counted | {"failed": failed}))


main(*sys.argv[1:])
