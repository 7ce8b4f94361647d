"""Doorbells over dramatiq: in-process by default, over Redis by configuration.

A ring carries nothing: whoever hears it works off what the database says is due. So rings may be lost
or come twice, and many rings may be heard as one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, ShutdownNotifications

from maild.app.ports import Log

QUEUES = ("ingest", "deliver", "watch")
_TICK = timedelta(milliseconds=1)


def make_broker(url: str) -> dramatiq.Broker:
    """`memory`, or a Redis URL. No retries and no dead letters: the database remembers, not the broker."""
    middleware: list[Middleware] = [ShutdownNotifications()]
    broker: dramatiq.Broker
    if url == "memory":
        broker = StubBroker(middleware=middleware)
    else:
        # A ring that a dead worker held is worth nothing after the sweep; a minute is soon enough.
        from maild.worker.redis_bells import PatientBroker  # slow to import, and most have no Redis

        broker = PatientBroker(  # type: ignore[no-untyped-call]  # it takes any keyword of redis-py
            url=url, middleware=middleware, namespace="maild", socket_timeout=5, socket_connect_timeout=5
        )
    for queue in QUEUES:
        broker.declare_queue(queue)
    return broker


class Once:
    """Runs a job in one thread at a time; a ring while it runs makes it run once more."""

    def __init__(self, job: Callable[[], object]) -> None:
        self._job = job
        self._lock = threading.Lock()
        self._running = False
        self._again = False

    def __call__(self) -> None:
        """Run the job now, or leave it to the thread that is running it."""
        with self._lock:
            self._again = True
            if self._running:
                return
            self._running = True
        try:
            while self._more():
                self._job()
        except BaseException:
            with self._lock:
                self._running = False
            raise

    def again(self) -> bool:
        """Have the job run once more if it is running; whether it is."""
        with self._lock:
            self._again = self._again or self._running
            return self._running

    def _more(self) -> bool:
        with self._lock:
            self._running = self._again
            self._again = False
            return self._running


class Bells:
    """The port `Doorbell`, and the workers that hear it."""

    def __init__(self, broker: dramatiq.Broker, log: Log) -> None:
        self._broker = broker
        self._log = log
        self._unheard: set[str] = set()  # rings of this process that are on their way
        self._lock = threading.Lock()
        self._here: dict[str, Callable[[], None]] = {}  # what this process does at each ring
        self._jobs: dict[str, Once] = {}
        self._shared = not isinstance(broker, StubBroker)

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """See the port. Over Redis nothing is rung later: every worker looks for what is due each second."""
        if wait and self._shared:
            return
        if not wait and not self._shared:
            if bell in self._jobs and self._jobs[bell].again():  # no message, no thread has to wake up for it
                return
            with self._lock:
                if bell in self._unheard:
                    return
                self._unheard.add(bell)
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=bell, actor_name=bell, args=(), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message, delay=int(wait / _TICK) or None)
        except Exception as error:  # noqa: BLE001  # Redis is away
            self._log("doorbell out of reach", bell=bell, trouble=type(error).__name__)
            with self._lock:
                self._unheard.discard(bell)
            if not wait and bell in self._here:  # a process that works need not be told from outside
                self.ring_here(bell)

    def ring_here(self, bell: str) -> None:
        """Have this process hear a bell, for what it alone knows of: over Redis another one might hear it."""
        threading.Thread(target=self._here[bell], name=f"{bell}-here", daemon=True).start()

    def attach(self, jobs: Mapping[str, Callable[[], object]]) -> None:
        """Say what is to be done when a bell rings."""
        for bell, job in jobs.items():
            self._here[bell] = self._hearing(bell, job)
            dramatiq.Actor(
                self._here[bell],
                broker=self._broker,
                actor_name=bell,
                queue_name=bell,
                priority=0,
                options={},
            )

    def _hearing(self, bell: str, job: Callable[[], object]) -> Callable[[], None]:
        once = self._jobs[bell] = Once(job)

        def heard() -> None:
            with self._lock:
                self._unheard.discard(bell)
            try:
                once()
            except Exception as error:  # noqa: BLE001  # whatever it is, the rows are still there: the sweep rings again
                self._log("job failed", bell=bell, error=error, trouble=f"{type(error).__name__}: {error}"[:500])

        return heard


class Worker:
    """Threads of this process that hear the bells."""

    def __init__(self, broker: dramatiq.Broker, threads: int = 2) -> None:
        self._broker = broker
        self._worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)

    def start(self) -> None:
        """Begin to listen."""
        # Only dramatiq's own command emits this; without it its middleware never starts (LIBRARIES §2.6).
        self._broker.emit_after("process_boot")
        self._worker.start()

    def stop(self, grace: timedelta = timedelta(seconds=30)) -> None:
        """Finish the work in hand, take no more."""
        self._worker.stop(timeout=int(grace / _TICK))
        self._broker.close()


def probe(url: str) -> list[str]:
    """What is wrong with the broker at this URL, in sentences; [] when it answers."""
    if url == "memory":
        return []
    import redis

    try:
        client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        return [f"the broker does not answer: {error}"]
    return []
