"""Bells over Redis: who waits there hears them."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
import redis

from maild.testing.waiting import wait_until
from maild.worker.bells import QUEUES, Bells, Worker, make_broker

PATIENCE = 60.0


class Hearer:
    """A worker that does nothing but count what it hears."""

    def __init__(self, url: str) -> None:
        self.heard = threading.Semaphore(0)
        broker = make_broker(url)
        self.bells = Bells(broker, lambda event, **facts: None)
        self.bells.attach({"ingest": self.heard.release, "deliver": lambda: None, "watch": lambda: None})
        self.worker = Worker(broker)

    def hears(self) -> bool:
        return self.heard.acquire(timeout=PATIENCE)


@pytest.fixture
def hearer(redis_url: str) -> Iterator[Hearer]:
    made = Hearer(redis_url)
    made.worker.start()
    yield made
    made.worker.stop()


def test_a_ring_of_another_process_is_heard(hearer: Hearer, redis_url: str) -> None:
    with closing(make_broker(redis_url)) as broker:
        ringer = Bells(broker, lambda event, **facts: None)
        for _ in range(3):
            ringer.ring("ingest")
            assert hearer.hears()


def test_a_worker_without_work_waits_in_redis_instead_of_asking(hearer: Hearer, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        wait_until(lambda: client.info("clients")["blocked_clients"] == len(QUEUES), "a question for each queue")


def test_a_ring_for_later_is_left_to_the_look_of_each_second(hearer: Hearer, redis_url: str) -> None:
    hearer.bells.ring("ingest", timedelta(milliseconds=1))

    with redis.Redis.from_url(redis_url) as client:
        assert not [key for key in client.keys("maild:ingest*") if b"heartbeat" not in key]


def test_a_redis_that_cannot_keep_a_question_open_is_asked_again_and_again(redis_url: str) -> None:
    """As Redis before 6.2, which does not know BLMOVE."""
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "old", "on", "nopass", "~*", "&*", "+@all", "-blmove")
        made = Hearer(redis_url.replace("redis://", "redis://old:any@"))
        made.worker.start()
        try:
            for _ in range(3):
                made.bells.ring("ingest")
                assert made.hears()
        finally:
            made.worker.stop()
            client.execute_command("ACL", "DELUSER", "old")
