"""Two worker processes on the same threads and tickets, and one of them killed in the middle."""

import threading
from collections import defaultdict
from pathlib import Path

from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.mails import new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

KIM = "kim@customer.example"
THREADS, MAILS = 12, 5


def thread_of_mails(number: int) -> list[bytes]:
    """A customer's mail and what the customer adds to it, each an answer to the one before."""
    ids = [f"t{number}.{count}@customer.example" for count in range(MAILS)]
    return [
        new_mail(
            f"Mail {count} of thread {number}",
            sender=f"Kim <kim{number}@customer.example>",
            subject="Re: it" if count else "it",
            message_id=ids[count],
            headers={"References": " ".join(f"<{i}>" for i in ids[:count])} if count else {},
        )
        for count in range(MAILS)
    ]


def send_all(desk: Desk, threads: list[list[bytes]]) -> None:
    """Send each thread over a connection of its own, all at once."""

    def send(mails: list[bytes]) -> None:
        with desk.connect() as smtp:
            for mail in mails:
                desk.send(mail, over=smtp)

    senders = [threading.Thread(target=send, args=(mails,)) for mails in threads]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def tickets_of_threads(desk: Desk) -> dict[str, set[int]]:
    """The tickets that each thread's mails are on."""
    found = defaultdict(set)
    for mail in desk.mails():
        found[mail.message_id.partition(".")[0]].add(mail.ticket)
    return found


def test_the_mails_of_one_thread_share_one_ticket_whoever_works_on_them(
    shared: SetUp, nursery: Nursery, tmp_path: Path
) -> None:
    with running_desk(tmp_path, shared, nursery) as desk:
        send_all(desk, [thread_of_mails(number) for number in range(THREADS)])
        assert desk.faults() == []
        assert {thread: len(tickets) for thread, tickets in tickets_of_threads(desk).items()} == {
            f"t{number}": 1 for number in range(THREADS)
        }


def test_a_thread_stays_together_when_a_worker_dies_over_its_first_mail(
    shared: SetUp, nursery: Nursery, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, shared)
    try:
        stop = Stop(at="maild.store.unit:StoredUnit.save", when="after", marker=str(tmp_path / "stop"))
        desk.start(nursery, stop=stop)
        send_all(desk, [thread_of_mails(0)])
        wait_until(lambda: stop.reached)
        assert desk.faults() == []  # the other worker's sweep frees what the dead one had
        assert len(desk.tickets()) == 1
    finally:
        desk.close()


def test_many_replies_to_one_ticket_at_once_all_join_it(shared: SetUp, nursery: Nursery, tmp_path: Path) -> None:
    with running_desk(tmp_path, shared, nursery) as desk:
        desk.send(new_mail())
        letter = desk.letters(KIM)[0]
        send_all(desk, [[reply_to(letter, f"Reply {a} {b}") for a in range(5)] for b in range(6)])
        assert desk.faults() == []
        assert {mail.ticket for mail in desk.mails()} == {1}
        assert len(desk.tickets()) == 1


def test_the_same_mail_to_two_doors_at_once_takes_effect_once(shared: SetUp, nursery: Nursery, tmp_path: Path) -> None:
    with running_desk(tmp_path, shared, nursery) as desk:
        mails = [new_mail(f"Mail {number}") for number in range(20)]
        send_all(desk, [mails, mails, mails])
        assert desk.faults() == []
        assert sorted(m.outcome for m in desk.mails()) == ["duplicate"] * 40 + ["new_ticket"] * 20
