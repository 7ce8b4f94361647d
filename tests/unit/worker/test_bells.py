"""Bells within one process: rings while a job runs are heard as one, when it is done."""

import threading

from maild.worker.bells import Bells, Worker, make_broker

PATIENCE = 30.0


def test_rings_while_a_job_runs_make_it_run_once_more() -> None:
    begun, may_end, runs = threading.Semaphore(0), threading.Semaphore(0), []

    def job() -> None:
        runs.append(1)
        begun.release()
        may_end.acquire(timeout=PATIENCE)

    broker = make_broker("memory")
    bells = Bells(broker, lambda event, **facts: None)
    bells.attach({"ingest": job, "deliver": lambda: None, "watch": lambda: None})
    worker = Worker(broker)
    worker.start()
    try:
        bells.ring("ingest")
        assert begun.acquire(timeout=PATIENCE)
        for _ in range(3):
            bells.ring("ingest")
        may_end.release()
        assert begun.acquire(timeout=PATIENCE)
        may_end.release()
    finally:
        worker.stop()

    assert len(runs) == 2


def test_a_ring_after_the_job_has_failed_is_heard() -> None:
    begun, told = threading.Semaphore(0), threading.Semaphore(0)

    def job() -> None:
        begun.release()
        raise ValueError("no luck")

    broker = make_broker("memory")
    bells = Bells(broker, lambda event, **facts: told.release())
    bells.attach({"ingest": job, "deliver": lambda: None, "watch": lambda: None})
    worker = Worker(broker)
    worker.start()
    try:
        for _ in range(2):
            bells.ring("ingest")
            assert begun.acquire(timeout=PATIENCE)
            assert told.acquire(timeout=PATIENCE)
    finally:
        worker.stop()
