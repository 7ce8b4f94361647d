"""One round: the corpus through bare aiosmtpd and through each set-up, measured from outside."""

from __future__ import annotations

import json
import shutil
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from bench.corpus import Posted, replies, save
from bench.processes import BenchFailed, family, first_line, helper, usage
from bench.setups import PLAIN, Running, SetUp, Variant
from bench.watching import Sink, Watch, Watcher


@dataclass(frozen=True)
class Result:
    """What one round of one set-up came to."""

    bare_per_s: float  # mean of bare aiosmtpd right before and right after
    accepted_per_s: float
    end_to_end_per_s: float
    commit_p50_ms: float
    commit_p99_ms: float
    answer_p99_ms: float  # from the end of a mail to its 250
    cpu_ms: dict[str, float]  # per mail, by process
    idle_mib: dict[str, float]  # before the first mail
    peak_mib: dict[str, float]
    servers_cpu_ms: dict[str, float]  # PostgreSQL and Redis, per mail

    @property
    def ratio(self) -> float:
        """End to end over bare: what remains the same when the machine has other work, too."""
        return self.end_to_end_per_s / self.bare_per_s


@dataclass(frozen=True)
class Sending:
    """What the client saw."""

    began: float
    accepted_at: Sequence[float]
    answered_ms: Sequence[float]  # from the end of each mail to its 250

    @property
    def per_s(self) -> float:
        """Mails accepted a second."""
        return len(self.accepted_at) / (max(self.accepted_at) - self.began)

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 mails waited at most for their 250."""
        return sorted(self.answered_ms)[int(len(self.answered_ms) * 0.99)]


class Bench:
    """Sends one corpus, again and again."""

    def __init__(self, corpus: Sequence[Posted], connections: int) -> None:
        self._corpus = corpus
        self._connections = connections
        self._folder = tempfile.TemporaryDirectory(prefix="maild-bench-")
        self._file = Path(self._folder.name) / "corpus"
        save(corpus, self._file)

    def __enter__(self) -> Bench:
        """Keep the corpus."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove it."""
        self._folder.cleanup()

    def bare(self) -> float:
        """Mails a second that bare aiosmtpd takes and throws away."""
        with helper("bench.bare") as server:
            return self.send_to(int(first_line(server))).per_s

    def round(self, set_up: SetUp, variant: Variant = PLAIN, profile: Path | None = None) -> Result:
        """Measure a set-up between two runs of bare aiosmtpd."""
        before = self.bare()
        result = self.alone(set_up, variant, profile)
        return replace(result, bare_per_s=(before + self.bare()) / 2)

    def send_to(self, port: int) -> Sending:
        """Send the corpus to whoever listens there."""
        with self._client(port) as client:
            first_line(client)
            return self._send(client)

    def accept(self, set_up: SetUp, variant: Variant) -> Sending:
        """Only send the corpus; a set-up without a worker does nothing more with it."""
        with helper("bench.sink") as sink_process, set_up(int(first_line(sink_process)), variant) as running:
            return self.send_to(running.port)

    def alone(self, set_up: SetUp, variant: Variant, profile: Path | None = None) -> Result:
        """Start a set-up, send the corpus, wait until everything is done, stop it; bare aiosmtpd is not asked."""
        with (
            helper("bench.sink") as sink_process,
            Sink(sink_port := int(first_line(sink_process))) as sink,
            set_up(sink_port, variant) as running,
            self._client(running.port) as client,
        ):
            first_line(client)
            try:
                return self._measure(running, client, sink, profile)
            except BenchFailed as failed:
                raise BenchFailed(f"{failed}\n{running.log()}") from None

    def _measure(self, running: Running, client: subprocess.Popen[str], sink: Sink, profile: Path | None) -> Result:
        news = len(self._corpus) - replies(self._corpus)
        watcher = Watcher(running.database, sink)
        before = {name: usage(pid) for name, pid in running.processes().items()}
        servers_before = _servers(running)
        with _profiled(running, profile):
            self._go(client)
            watch = watcher.watch(len(self._corpus), news)
            sending = self._sent(client)
        after = {name: usage(pid) for name, pid in running.processes().items()}
        self._check(watch, news)
        ended = max(*sending.accepted_at, *watch.committed_at.values(), watch.last_letter)
        waits = sorted(
            1000 * max(0.0, watch.committed_at[mail.message_id] - at)
            for mail, at in zip(self._corpus, sending.accepted_at, strict=True)
        )
        mails = len(self._corpus)
        return Result(
            bare_per_s=0,  # not known yet
            accepted_per_s=sending.per_s,
            end_to_end_per_s=mails / (ended - sending.began),
            commit_p50_ms=statistics.median(waits),
            commit_p99_ms=waits[int(len(waits) * 0.99)],
            answer_p99_ms=sending.p99_ms,
            cpu_ms={
                name: (now.cpu_ms - (before[name].cpu_ms if name in before else 0)) / mails
                for name, now in after.items()
            },
            idle_mib={name: was.now_mib for name, was in before.items()},
            peak_mib={name: now.peak_mib for name, now in after.items()},
            servers_cpu_ms={name: (cpu - servers_before[name]) / mails for name, cpu in _servers(running).items()},
        )

    def _check(self, watch: Watch, news: int) -> None:
        """A fast wrong answer is no result."""
        expected = {"new_ticket": news, "reply": len(self._corpus) - news}
        if watch.outcomes != {k: v for k, v in expected.items() if v}:
            raise BenchFailed(f"outcomes are {watch.outcomes}, expected {expected}")

    def _client(self, port: int) -> AbstractContextManager[subprocess.Popen[str]]:
        return helper("bench.client", str(port), str(self._connections), str(self._file), str(self._result))

    @property
    def _result(self) -> Path:
        return self._file.with_name("sent.json")

    def _go(self, client: subprocess.Popen[str]) -> None:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()

    def _sent(self, client: subprocess.Popen[str]) -> Sending:
        if client.wait(60):
            raise BenchFailed("the client failed, see above")
        return Sending(**json.loads(self._result.read_text()))

    def _send(self, client: subprocess.Popen[str]) -> Sending:
        self._go(client)
        return self._sent(client)


def _servers(running: Running) -> dict[str, float]:
    """CPU of the database and the broker, in ms since they were started."""
    return {name: sum(usage(pid).cpu_ms for pid in family(main)) for name, main in running.servers.items()}


def _profiled(running: Running, profile: Path | None) -> AbstractContextManager[object]:
    """Record every maild process with py-spy, into one file of collapsed stacks each."""
    if profile is None:
        return nullcontext()
    program = shutil.which("py-spy")
    if program is None:
        raise BenchFailed("--profile needs py-spy in the PATH: uv tool install py-spy")
    stack = ExitStack()
    for name, pid in running.processes().items():
        file = profile.with_name(f"{profile.name}-{name.replace(' ', '-')}.txt")
        words = [program, "record", "--pid", str(pid), "--format", "raw", "--threads", "--gil", "--output", str(file)]
        recorder = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(recorder.wait)
        stack.callback(recorder.send_signal, signal.SIGINT)
    return stack
