# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may watch is asked about together for all sockets that wait: a hall that comes in costs few questions."""

import asyncio
from typing import NamedTuple

from django.db import InterfaceError, OperationalError

from live import rights
from live.frames import Audience
from live.rights import Asked, Visitor
from live.threads import in_thread

MOST_AT_ONCE = 100
SECONDS_BETWEEN_QUESTIONS = 0.1  # so that in a rush there is somebody to ask about together
DATABASE_AWAY = (OperationalError, InterfaceError)  # it would not answer about one of them either

Answer = tuple[Visitor, Audience | None]


class Waiting(NamedTuple):
    """A socket that opens, and where its answer goes."""

    asked: Asked
    answer: "asyncio.Future[Answer]"


class Admission:
    """One question is under way at a time; who comes meanwhile is in the next one."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.asking: asyncio.Task[None] | None = None

    async def admit(self, address: str, session_key: str | None, language: str) -> Answer:
        """The answer of `rights.admit_all` about this one; raises what it raises."""
        one = Waiting((address, session_key, language), asyncio.get_running_loop().create_future())
        self.waiting.append(one)
        if self.asking is None:
            self.asking = asyncio.get_running_loop().create_task(self._ask())
        return await one.answer

    def end(self) -> None:
        """Nobody waits for an answer any more."""
        if self.asking:
            self.asking.cancel()
        for one in self.waiting:
            one.answer.cancel()
        self.waiting.clear()

    async def _ask(self) -> None:
        try:
            while self.waiting:
                together, self.waiting = self.waiting[:MOST_AT_ONCE], self.waiting[MOST_AT_ONCE:]
                await self._ask_about(together)
                await asyncio.sleep(SECONDS_BETWEEN_QUESTIONS)
        finally:
            self.asking = None

    async def _ask_about(self, together: list[Waiting]) -> None:
        try:
            answers = await in_thread(None, rights.admit_all, [one.asked for one in together])
        except Exception as error:
            is_of_one = len(together) == 1
            if is_of_one or isinstance(error, DATABASE_AWAY):
                for one in together:
                    if not one.answer.done():
                        one.answer.set_exception(error)
            else:  # one that cannot be answered keeps nobody else out
                for one in together:
                    await self._ask_about([one])
        else:
            for one, answer in zip(together, answers, strict=True):
                if not one.answer.done():  # who hung up meanwhile waits no more
                    one.answer.set_result(answer)
        finally:
            for one in together:
                one.answer.cancel()  # does nothing to those that are answered
