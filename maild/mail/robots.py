"""Knows senders and subjects that no person writes: daemons, no-reply addresses, out-of-office notes."""

from __future__ import annotations

import re

from maild.mail.model import Address
from maild.mail.phrases import one_of

_DAEMON_WORDS = one_of(
    r"""
    mailer[-_. ]?daemon | mail[-_.]?daemon | mdaemon | maildaemon | mail[-_]?delivery(?:[-_]sub)?[-_]?system
    uucp | mmdf | microsoftexchange[0-9a-f]{8,} | bounce[sd]? | bounce[+=-].* | .*-bounces?(?:[+=].*)?
    smtp-?gateway | internet_agent | \W*mailer[-_. ]daemon\W*
    """
)
_DAEMON = re.compile(rf"(?i)^{_DAEMON_WORDS}$")
# At these addresses people answer, too.
_MAIL_OFFICE_WORDS = one_of(
    r"""
    post[-_]?master | mailmaster | postoffice | mail-?server | listserv | mail-?admin(?:istrator)? | mail-?system
    mail-?gateway
    """
)
_MAIL_OFFICE = re.compile(rf"(?i)^{_MAIL_OFFICE_WORDS}$")
_DAEMON_NAME_WORDS = one_of(
    r"""
    (?:e-?)?mail[ -]?delivery[ -](?:sub)?-?system | mailer[- ]daemon | mail delivery service | mail delivery failure
    internet mail (?:delivery|service) | delivery (?:subsystem|notification) | microsoft exchange
    """
)
_DAEMON_NAME = re.compile(rf"(?i)^\W*{_DAEMON_NAME_WORDS}(?:\W+mailer[- ]daemon)?\W*$")
_MAIL_OFFICE_NAME_WORDS = one_of(
    r"""
    mail(?:er)? administrator | post ?master | mail system | system administrator | delivery service
    mail delivery | mail gateway | mail server
    """
)
_MAIL_OFFICE_NAME = re.compile(rf"(?i)\b{_MAIL_OFFICE_NAME_WORDS}\b")
_NO_REPLY_WORDS = one_of(
    r"""
    reply | respond | antwort(?:en)? | pas[-_.]?repondre | responder? | rispondere | responda
    antworten | svara | answer
    """
)
_NO_REPLY_PHRASES = one_of(
    r"""
    ne[-_.]?pas[-_.]?repondre | no[-_.]?responder | unattended | do[-_.]?not[-_.]?answer
    auto[-_]?(?:mailer|confirm|notify|reply)
    """
)
_NO_REPLY = re.compile(
    r"(?i)^(?:(?:.*[-_.+=])?(?:no|not?|do-?not|don-?t|donot|ne|keine?|nao|non)[-_.]?"
    rf"{_NO_REPLY_WORDS}|{_NO_REPLY_PHRASES})(?:[-_.+=0-9].*)?$"
)
# Addresses from which only programs send. Not root, admin, info, news: people write from those.
_ROBOT_WORDS = one_of(
    r"""
    daemon | cron | anacron | logwatch | logcheck | nagios | icinga | zabbix | monit | munin | monitoring | alerts?
    notifications? | notify | newsletters? | mailings? | majordomo | wwwrun | www-data | apache | httpd | automailer
    """
)
_ROBOT = re.compile(rf"(?i)^{_ROBOT_WORDS}$")
_ROBOT_NAME = re.compile(r"(?i)^\W*(?:ana)?cron daemon\W*$")
# What programs of a Unix host write to root, whoever owns the mailbox they send from.
_ROBOT_SUBJECT_WORDS = one_of(
    r"""
    cron <[^<>]{1,200}@[^<>]{1,200}> | anacron job ['"] | logwatch for \S+ \(linux\)
    \*\* ?(?:problem|recovery) (?:service|host) alert
    smart error \( | degradedarray event on | \*\*\* security information for | unattended-upgrades result for
    """
)
_ROBOT_SUBJECT = re.compile(rf"(?i)^{_ROBOT_SUBJECT_WORDS}")
_LIST_MACHINE = re.compile(
    r"(?i)^(?:owner-.*|.*-owner|.*-request|(?:.*-)?bounces?(?:[+=-].*)?|.*-bounces?(?:[+=].*)?|.*-return-\d.*)$"
)

# Out-of-office and "we got your mail" subjects as the big programs write them, in their languages.
_AUTO_REPLY_SUBJECT_WORDS = one_of(
    r"""
    auto(?:matic|mated|matical)?[- ]?(?:reply|response|replay|answer|responder) | autoreply
    auto[- ]?re: | out[- ]of[- ](?:the[- ])?office | ooo\b | away from (?:my|the) (?:office|desk|mail)
    vacation (?:reply|response|message) | i am (?:currently )?(?:out of|away from) (?:the )?office
    on (?:vacation|leave)\b | absence (?:notice|notification) | automatische antwort
    abwesenheits?(?:notiz|nachricht|benachrichtigung|assistent|agent|meldung)?\b
    automatisch(?:e|es)? (?:re|antwort|rückantwort) | abwesend\b | nicht im büro
    ich bin (?:derzeit |zur zeit )?(?:nicht im (?:büro|haus)|im urlaub|abwesend) | bin im urlaub
    eingangsbestätigung | réponse (?:automatique|d'absence) | reponse automatique
    absent(?:e)? du bureau | absence du bureau | message d'absence | notification d'absence
    je suis absent | accusé de réception automatique | respuesta automática | respuesta automatica
    fuera de (?:la )?oficina | autorespuesta | ausente de la oficina | ausencia (?:de|por)
    risposta automatica | fuori (?:sede|ufficio) | assenza dall'ufficio | assente | resposta automática
    resposta automatica | fora do escritório | ausência temporária | ausente\b | automatisch antwoord
    automatische? (?:beantwoording|reactie) | afwezig(?:heid)?\b | niet aanwezig | buiten kantoor
    autosvar | automatisk(?:t)? svar | frånvaro(?:meddelande)? | ikke til stede | fraværsmelding
    fravær\b | ikke på kontoret | automaattinen vastaus | poissaolo(?:ilmoitus)?
    odpowiedź automatyczna | automatyczna odpowiedź | autoodpowiedź | nieobecność | automatická odpověď
    nepřítomnost | mimo kancelář | automatikus válasz | házon kívül | răspuns automat | raspuns automat
    otomatik yanıt | otomatik cevap | ofis dışında | автоматический ответ | автоответ | вне офиса
    автоматична відповідь | відсутн | 自動応答 | 自動返信 | 不在通知 | 不在の?お知らせ
    自动(?:答复|回复) | 自動(?:答覆|回覆) | 休假通知 | 외출 중 | 부재 중 | 자동 (?:회신|응답)
    رد تلقائي | الرد التلقائي | مجلس خارج
    """
)
_AUTO_REPLY_SUBJECT = re.compile(
    rf"(?i)^\W*(?:(?:re|aw|sv|vs|odp|antw|tr|fw)\s*:\s*)?(?:\[?\W*{_AUTO_REPLY_SUBJECT_WORDS})"
)
_SURE_AUTO_REPLY_SUBJECT = re.compile(
    rf"(?i)^\W*{_AUTO_REPLY_SUBJECT_WORDS}"
    r"(?: ?(?:auto-?)?(?:reply|response|antwort|message|notice))?(?:\W{0,2}(?<=[:：\]])|$)"
)
# Notes and Domino: "AUTO: Ann Lee is out of the office (returning 01/05/2027)".
_NOTES_AUTO_REPLY_SUBJECT = re.compile(
    r"AUTO: .{0,120}(?:out of|away|return|back|abwesend|nicht im|zurück|absent|ausente|assente|afwezig|不在|외출)"
)

# The subject speaks of the feature: "Auto-reply is broken", "Vacation message in German".
_ABOUT_REPLIES = re.compile(
    r"(?i)\W*(?:auto|(?:vacation|out[ -]of[ -](?:the[ -])?office|absence|ooo) "
    r"(?:auto|repl|respon|messag|notif|notice|assist|setting|not work|does|is )|hours?)"
)


def is_daemon(address: Address) -> bool:
    """Whether a mail system may have this address; at postmaster and the like people answer too."""
    return (
        is_unattended(address)
        or bool(_MAIL_OFFICE.match(_local(address.address)))
        or bool(_MAIL_OFFICE_NAME.search(address.name[:200]))
    )


def is_unattended(address: Address) -> bool:
    """Whether only a mail system sends from this address."""
    return bool(_DAEMON.match(_local(address.address)) or _DAEMON_NAME.match(address.name[:200]))


def is_no_reply(address: str) -> bool:
    """Whether the address says that nobody reads answers."""
    return bool(_NO_REPLY.match(_local(address)))


def is_robot(address: Address) -> bool:
    """Whether the address is one that only programs send from."""
    return bool(_ROBOT.match(_local(address.address)) or _ROBOT_NAME.match(address.name[:200]))


def is_robot_subject(subject: str) -> bool:
    """Whether a program of a Unix host begins its mails so; they come from people's addresses too."""
    return bool(_ROBOT_SUBJECT.match(subject[:500]))


def is_list_machine(address: str) -> bool:
    """Whether the address is one that list software or a bounce handler reads (RFC 2142 §6, VERP)."""
    return bool(_LIST_MACHINE.match(_local(address)))


def is_bare_subject(subject: str) -> bool:
    """Whether the subject is one phrase with nothing behind it; programs mostly add what they answer."""
    return not re.search(r"[:：\]]\s*\S", subject)


def is_auto_reply_subject(subject: str) -> bool:
    """Whether the subject begins as that of an automatic reply; a person may write such words too."""
    return bool(_AUTO_REPLY_SUBJECT.match(subject[:200]) or _NOTES_AUTO_REPLY_SUBJECT.match(subject[:200]))


def is_out_of_office_subject(subject: str) -> bool:
    """Whether the subject begins as a note of absence, and does not speak of such notes."""
    return is_auto_reply_subject(subject) and not _ABOUT_REPLIES.match(subject[:200])


def is_sure_auto_reply_subject(subject: str) -> bool:
    """Whether it is the form in which programs write it, "Automatic reply: ..", and no answer to one."""
    return bool(_SURE_AUTO_REPLY_SUBJECT.match(subject[:200]) or _NOTES_AUTO_REPLY_SUBJECT.match(subject[:200]))


def _local(address: str) -> str:
    # The first "@" too: a broken "<Postmaster\\@host@host>" is the postmaster.
    return address.rpartition("@")[0].partition("@")[0].rstrip("\\")
