"""The broker on Redis: a worker waits there until a bell rings, instead of asking again and again.

dramatiq asks each queue and its queue of delayed messages up to ten times a second, by a script: that took 28 ms of
a worker's processor in each second without work, and a ring was heard 56 ms late. Who waits does not tell dramatiq
that it lives, so a ring that it holds for a minute may be rung again, which is harmless.
"""

from __future__ import annotations

from typing import Any

import redis
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed

_WAIT = 0.25  # seconds that Redis keeps a question open; a worker that is stopped waits for its end


class PatientBroker(RedisBroker):
    """Without queues of delayed messages: every worker looks for what is due each second (`Bells.ring`)."""

    @property
    def consumer_class(self) -> type[_PatientConsumer]:
        """What listens to one queue."""
        return _PatientConsumer

    def declare_queue(self, queue_name: str) -> None:
        """See dramatiq; there it declares a second queue for delayed messages."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def close(self) -> None:
        """Close all connections."""
        self.client.connection_pool.disconnect()


class _PatientConsumer(_RedisConsumer):
    _waits = True

    def __next__(self) -> Any:
        """The next message; None when there is none for a moment."""
        if self._waits and not self.message_cache and self.outstanding_message_count < self.prefetch:
            if not self._something_comes():
                return None
            self.misses = 0  # somebody else may have been faster: that is no reason to look less often
        return super().__next__()  # type: ignore[no-untyped-call]

    def _something_comes(self) -> bool:
        """Wait until the queue has something: its first message is moved to its own place, which blocks without one."""
        queue = f"{self.broker.namespace}:{self.queue_name}"
        try:
            return self.broker.client.blmove(queue, queue, _WAIT, "LEFT", "LEFT") is not None
        except redis.ResponseError:  # before Redis 6.2: asked again and again, as dramatiq does it
            self._waits = False
            return True
        except redis.ConnectionError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]
