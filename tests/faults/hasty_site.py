"""The server of the benchmark, but with a mistake: the voter has the receipt before the ballot is committed."""

import hashlib
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import cast_site
from config.asgi import application
from config.server import Server
from voting import services
from voting.models import receipt_digest

keep = services.cast_ballot


def cast_ballot(*, poll: Any, line: Any, choice: Any, key: str, **more: Any) -> services.Receipt:
    def later() -> None:
        time.sleep(0.2)
        keep(poll=poll, line=line, choice=choice, key=key, **more)
        connection.close()

    threading.Thread(target=later, daemon=True).start()
    digest = receipt_digest(poll.pk, choice, hashlib.sha256(key.encode()).digest())
    return services.Receipt(digest=digest, signature=b"", cast_at=timezone.now(), repeated=False, revision=1)


if __name__ == "__main__":
    services.cast_ballot = cast_ballot
    Server(
        application,
        host=settings.HOST,
        port=settings.PORT,
        before=cast_site.nothing,
        after=cast_site.nothing,
        ready=lambda: None,
    ).run()
