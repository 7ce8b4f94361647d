"""Hands letters to an SMTP relay over a kept connection."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Sequence

from maild.app.ports import Delivery, Letter
from maild.outbound.envelope import answer_line, letter_fault
from maild.outbound.relay import RelaySettings, RelayTrouble, connect, say_goodbye

Answer = tuple[int, str]  # code and words, one line

_CHUNK = 65_536  # bytes; sendall's timeout is for all it was given, and 25 MiB may take longer

# RFC 4954 §6, RFC 5321 §4.2.4: "log in first" and "wrong order" are about us, not about the letter.
_OUR_TROUBLE = frozenset({503, 530, 534, 535, 538})


class _Dropped(Exception):
    """The connection ended, or speaks no SMTP, before the letter was handed over."""


class _Refused(Exception):
    """The relay said no before the letter was handed over; the connection can be used further."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery


class SmtpSender:
    """Implements Sender. Not thread-safe: one per thread.

    What comes back, by the moment it went wrong:

        before DATA, kept connection dropped   one new connection, at once
        before the final dot, dropped          temporary
        after the final dot, no answer         temporary, uncertain: it may have been taken
        4xx anywhere, any trouble of AUTH/TLS  temporary
        5xx to MAIL, RCPT (all), DATA, dot     permanent
        some recipients refused                sent, the others in `refused` with "CODE words":
                                               a 4xx there is worth another letter, later
    """

    def __init__(self, settings: RelaySettings, ticks: Callable[[], float] = time.monotonic) -> None:
        """`ticks` gives seconds on a clock that never goes back; only tests give another."""
        self._settings = settings
        self._ticks = ticks
        self._smtp: smtplib.SMTP | None = None
        self._used = 0.0
        self._letters = 0

    def send(self, letter: Letter) -> Delivery:
        """Try once."""
        fault = letter_fault(letter)
        if fault:
            return Delivery(sent=False, answer=fault)
        try:
            smtp, refused = self._open_data(letter)
            delivery = self._hand_over(smtp, letter, refused)
        except _Refused as refusal:
            delivery = refusal.delivery
            self._reset()
        except (RelayTrouble, _Dropped, OSError, smtplib.SMTPException) as trouble:
            delivery = Delivery(sent=False, temporary=True, answer=answer_line(str(trouble)))
            self._hang_up()
        self._used = self._ticks()
        return delivery

    def close(self) -> None:
        """Say goodbye to the relay; the next send connects again."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            say_goodbye(smtp)

    def _open_data(self, letter: Letter) -> tuple[smtplib.SMTP, tuple[tuple[str, str], ...]]:
        """Up to the answer 354; nothing of the letter has been said yet, so a new connection is harmless."""
        kept = self._kept()
        if kept is not None:
            try:
                return kept, _envelope(kept, letter)
            except (_Dropped, OSError, smtplib.SMTPException):
                # The relay closes idle connections when it likes. NOOP before each letter would cost
                # a round trip and still prove nothing.
                self._hang_up()
        self._smtp = connect(self._settings)
        self._letters = 0
        return self._smtp, _envelope(self._smtp, letter)

    def _kept(self) -> smtplib.SMTP | None:
        if self._smtp is not None and (
            self._letters >= self._settings.keep_letters or self._ticks() - self._used > self._settings.keep_idle
        ):
            self.close()
        return self._smtp

    def _hand_over(self, smtp: smtplib.SMTP, letter: Letter, refused: tuple[tuple[str, str], ...]) -> Delivery:
        self._letters += 1
        body = memoryview(_dotted(letter.raw))
        for start in range(0, len(body), _CHUNK):
            smtp.send(bytes(body[start : start + _CHUNK]))
        # On its own, because it is the border: while this fails, the relay cannot have taken the letter.
        smtp.send(b".\r\n")
        try:
            self._wait(smtp, self._settings.final_timeout)
            code, words = _answer(smtp)
            self._wait(smtp, self._settings.timeout)
        except (_Dropped, OSError, smtplib.SMTPException) as trouble:
            self._hang_up()
            return Delivery(
                sent=False,
                temporary=True,
                uncertain=True,
                answer=answer_line(f"no answer after the final dot: {trouble}"),
                refused=refused,
            )
        answer = f"{code} {words}"[:500]
        if code == 421:  # RFC 5321 §3.8: a clear no, and the connection is over
            self._hang_up()
        if 200 <= code < 300:
            return Delivery(sent=True, answer=answer, refused=refused)
        return Delivery(sent=False, temporary=_is_temporary(code), answer=answer)

    def _wait(self, smtp: smtplib.SMTP, seconds: float) -> None:
        if smtp.sock is not None:
            smtp.sock.settimeout(seconds)

    def _reset(self) -> None:
        """RSET only after a refusal: a letter that went through leaves nothing behind."""
        if self._smtp is None:
            return
        try:
            code, _ = _command(self._smtp, "RSET")
        except (_Dropped, OSError, smtplib.SMTPException):
            code = 421
        if code != 250:
            self._hang_up()

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _envelope(smtp: smtplib.SMTP, letter: Letter) -> tuple[tuple[str, str], ...]:
    """MAIL, RCPT, DATA; the recipients that were refused although others were taken.

    The addresses go out as `letter_fault` saw them: `smtp.mail()` and `smtp.rcpt()` would send them
    through parseaddr, which can make another address of one.
    """
    size = f" SIZE={len(letter.raw)}" if smtp.has_extn("size") else ""  # RFC 1870: a "no" before the body
    lines = [f"MAIL FROM:<{letter.envelope_from}>{size}", *(f"RCPT TO:<{each}>" for each in letter.envelope_to), "DATA"]
    asked = _Pipeline(smtp, lines) if smtp.has_extn("pipelining") else _Turns(smtp, lines)
    code, words = asked.next()
    if code != 250:
        asked.leave()
        raise _Refused(_refusal(code, words))
    refused: list[tuple[str, Answer]] = []
    for address in letter.envelope_to:
        code, words = asked.next()
        if code not in {250, 251}:
            refused.append((address, (code, words)))
    if len(refused) == len(letter.envelope_to):
        asked.leave()
        # While one of them may still be taken, it is too early to give up.
        worst = next((answer for _, answer in refused if _is_temporary_recipient(*answer)), None)
        code, words = worst or refused[0][1]
        raise _Refused(Delivery(sent=False, temporary=worst is not None, answer=f"{code} {words}"[:500]))
    code, words = asked.next()
    if code != 354:
        raise _Refused(_refusal(code, words))
    return tuple((address, f"{code} {words}"[:500]) for address, (code, words) in refused)


class _Turns:
    """One line after the answer to the one before."""

    def __init__(self, smtp: smtplib.SMTP, lines: Sequence[str]) -> None:
        self._smtp = smtp
        self._lines = iter(lines)

    def next(self) -> Answer:
        """Say the next line and hear the answer."""
        return _command(self._smtp, next(self._lines))

    def leave(self) -> None:
        """The rest is not said."""


class _Pipeline:
    """All lines at once (RFC 2920): one round trip to the relay in place of three."""

    def __init__(self, smtp: smtplib.SMTP, lines: Sequence[str]) -> None:
        self._smtp = smtp
        self._unheard = len(lines)
        smtp.send("".join(f"{line}\r\n" for line in lines))

    def next(self) -> Answer:
        """Hear the answer to the next line."""
        self._unheard -= 1
        return _heard(self._smtp)

    def leave(self) -> None:
        """Hear the rest, in which there is no letter: DATA may be taken all the same, and is ended at once (§3.1)."""
        try:
            while self._unheard:
                code, _ = self.next()
                if code == 354:
                    self._smtp.send(b".\r\n")
                    _heard(self._smtp)
        except (_Dropped, OSError, smtplib.SMTPException):
            self._smtp.close()  # or an answer that comes late would be taken for one to the next letter


def _refusal(code: int, words: str) -> Delivery:
    return Delivery(sent=False, temporary=_is_temporary(code), answer=f"{code} {words}"[:500])


def _is_temporary(code: int) -> bool:
    """Only a plain 5xx is for ever; an answer that makes no sense is not evidence (HOUSE invariant 10)."""
    return not 500 <= code < 600 or code in _OUR_TROUBLE


def _is_temporary_recipient(code: int, words: str) -> bool:
    # RFC 5321 §4.5.3.1.10: 552 to RCPT is an old way to say "too many recipients", unless 5.2.2 says
    # that this mailbox is full.
    return _is_temporary(code) or (code == 552 and not words.startswith("5."))


def _command(smtp: smtplib.SMTP, line: str) -> Answer:
    """Say one line and hear the answer. Raises _Dropped when the connection is over or speaks no SMTP."""
    smtp.send(f"{line}\r\n")
    return _heard(smtp)


def _heard(smtp: smtplib.SMTP) -> Answer:
    code, words = _answer(smtp)
    if code == 421:  # RFC 5321 §3.8: it closes the connection, whatever was asked
        raise _Dropped(f"421 {words}")
    return code, words


def _answer(smtp: smtplib.SMTP) -> Answer:
    try:
        code, words = smtp.getreply()
    except smtplib.SMTPResponseException as trouble:  # smtplib's own "500 Line too long" for garbage
        raise _Dropped("the relay speaks no SMTP: its line is too long") from trouble
    text = answer_line(words.decode("utf-8", "replace"))
    if not 200 <= code < 600:
        raise _Dropped(answer_line(f"the relay speaks no SMTP: {text}"))
    return code, text


def _dotted(raw: bytes) -> bytes:
    """Dot-stuffing (RFC 5321 §4.5.2) and nothing else; the letter has CRLF only, see letter_fault."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
