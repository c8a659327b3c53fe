# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages by HTTP: all of Django's work for a request is done by one thread, without a change of threads in between."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, StreamingHttpResponse
from django.urls import set_script_prefix


class Pages(ASGIHandler):
    """Django's handler for a site whose middlewares and views are plain functions, as ours are.

    Django's own starts a thread for each request and changes five times between it and the event loop. Here a fixed
    number of threads serve one request after another. Whoever hangs up meanwhile does not stop the work.
    """

    def __init__(self, *, threads: int) -> None:
        super().__init__()
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")
        # Not sensitive to threads: with threads of our own there is nothing to keep apart.
        self.answer_in_thread = sync_to_async(self.answer, thread_sensitive=False, executor=self.threads)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self.answer_in_thread(scope, body)
            await self.send_response(response, send)

    def answer(self, scope: Any, body: IO[bytes]) -> Any:
        """The whole response; the connection to the database is given back."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = self.get_response(request) if request else refusal
        response._handler_class = self.__class__
        try:
            if isinstance(response, StreamingHttpResponse):
                if isinstance(response, FileResponse):
                    response.block_size = self.chunk_size
                response.streaming_content = one_by_one(list(response))
        finally:
            response.close()
        return response


async def one_by_one(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
