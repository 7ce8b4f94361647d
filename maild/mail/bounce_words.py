"""Holds the words of mails that say that a mail was not delivered, in the languages of mail systems.

Each pattern is bounded and has no nested repetition.
"""

from __future__ import annotations

import re

from maild.mail.phrases import one_of

_SUBJECT_WORDS = one_of(
    r"""
    undeliver(?:able|ed) | non-?deliver(?:y|able) | not delivered | undelivered
    returned (?:mail|to sender|message) | mail returned | failure notice
    (?:failed|mail failed|message failed)\b.{0,20}mail | mail failed | failure delivery
    delivery (?:failure|failed|status|report|problem|error|has failed|unsuccessful|notification|delayed|warning)
    failed (?:delivery|mail) | delivery to | (?:permanent|transient|temporary)? ?delivery failure
    mail (?:delivery|system|could not|undeliverable|status|error|failure|not delivered)
    message (?:not delivered|undeliverable|could not|status|delivery|delayed|you sent)
    your (?:message|mail|e-?mail)\b.*(?:could not|not be|undeliver|delayed|failed|returned)
    could not (?:send|deliver) | couldn'?t be delivered | error (?:sending|delivering)
    warning: (?:could not|message|mail)
    (?:e-?mail|email) (?:delivery|could not|was not|not delivered|undeliver|system) | unzustellbar
    nicht zustellbar | zustellung(?:sfehler| fehlgeschlagen) | fehler bei der zustellung
    mail konnte nicht | unzustellbarkeits | non remis | échec (?:de la )?remise | non distribu
    message non | notification d.[ée]chec | avis de non | no se (?:puede|pudo|ha podido) entregar
    mensaje no entregado | devuelto | correo (?:no|devuelto) | não (?:é|foi) possível entregar
    não entregue | mensagem não | falha na entrega | impossibile recapitare | mancata consegna
    recapito | niet (?:bestelbaar|afgeleverd) | onbestelbaar | kunde inte leverera | olevererat
    kan ikke leveres | ulevert | nie (?:można|udało się) dostarczyć | niedostarczon | nedoručiteln
    nedoruč | kézbesíthetetlen | kézbesítési | недостав | не доставлен | не удалось доставить
    ошибка доставки | 配信(?:不能|エラー|できません) | 未配信 | メール.*(?:不達|送信エラー|配信) | 退信
    系统退信 | 无法(?:投递|送达) | 未送達 | 배달 (?:실패|되지) | 반송 | teslim edilemedi
    """
)
_SUBJECT_WORDS_2 = one_of(
    r"""
    undeliverable | delivery failed | delivery failure | non[ -]remis | could not be delivered
    returned to sender | user unknown | unknown user | mailbox full | over ?quota
    """
)
SUBJECT = re.compile(rf"(?i)(?:^\W*(?:\*+\s*)?{_SUBJECT_WORDS}|\b{_SUBJECT_WORDS_2}\b)")
ANSWER = re.compile(r"(?i)^\s*(?:re|aw|fwd?|wg|sv|vs|tr|rv|odp|antw)\s*(?:\[\d+\])?:")
_WORDS_WORDS = one_of(
    r"""
    (?:could|can|did|was|were|has|have|is|been) ?(?:not|n.t)(?: be| been| yet been)? ?(?:deliver|reach|sent|send to)
    (?:could|can|was|were|am|is) ?(?:not|n.t) (?:been )?able to (?:deliver|reach|send)
    (?:could|can|was|were|has|is) (?:be |been )?un(?:deliver|able to) | undeliver
    unable to (?:deliver|reach|send|relay) | not able to deliver | wasn.t able to
    delivery (?:to|of|has|failed|failure|attempt|status|error)
    fail(?:ed|ure) (?:to deliver|permanently|notice|delivery|recipient)
    permanent(?:ly)? (?:error|fail|fatal) | fatal error
    returned (?:mail|to sender|below|message|because) | transcript of session | user unknown
    unknown (?:user|recipient|local) | no such (?:user|recipient|mailbox|person|address)
    mailbox (?:is )?(?:full|unavailable|not found)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:rejected|refused|invalid|unknown|disabled)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:inactive|over quota|full)
    (?:recipient|address|account|user|mailbox)\b.{0,40}\b(?:does not exist|doesn.t (?:exist|have))
    (?:recipient|address|account|user|mailbox)\b.{0,40}\bnot (?:exist|found|recognized|accepting|listed|known|valid)
    did not reach | not delivered | quota (?:exceeded|exceed) | over (?:disk )?quota
    message (?:has been |was )?(?:delayed|rejected|refused|blocked) | been postponed | host (?:unknown|not found)
    delivery temporarily | retry(?:ing)?.{0,30}(?:deliver|send) | could not be | nicht zugestellt
    unzustellbar | konnte nicht | non remis | n.a pas pu | pas pu [eê]tre
    no (?:se )?(?:puede|pudo|ha podido) | não (?:pôde|foi|pode) | impossibile
    niet (?:worden )?(?:bezorgd|afgeleverd) | не (?:доставлен|может|удалось|существует) | 配信
    送信できません | 届け | お届け | 無法 | 无法
    """
)
WORDS = re.compile(rf"(?i){_WORDS_WORDS}")
_ORIGINAL_WORDS = one_of(
    r"""
    -{2,} ?(?:below this line|the original|original|this is a copy|returned|message|unsent|start of)[^\n]*
    -{2,} ?(?:begin|header|copy|below|included|transcript of message|forwarded)[^\n]*
    -{3,} (?:message (?:header|body|text|that)|headers?|body)[^\n]*
    (?:the )?(?:header|start|text|body|contents?|first part|copy) of (?:the )?(?:e?-?mail|message)[^\n]{0,60}
    (?:the )?(?:header|start|text|body|contents?|copy) of (?:the )?(?:original|returned|your|sent) [^\n]{0,80}
    original (?:message|mail)(?: (?:follows|headers?|text|below|header))?[ :.-]*$
    (?:your )?(?:undelivered|original|returned|unsent) (?:message|mail)[^\n]{0,40}(?:follows|below|attached)[^\n]*
    return-path: | received: (?:from|by|\() | message header follows[^\n]*
    (?:(?<=\*)|(?<=\*[ ]))(?:original|message|your)[^\n]{0,30}\*+[ \t]*$ | unsent message below[^\n]*
    message contents follow[^\n]* | (?:message|mail) headers follow[^\n]*
    content-type: ?(?:message/(?:rfc822|global)|text/rfc822-headers) | old message:? *$
    here is (?:a copy|your)[^\n]* | included is a copy[^\n]* | below is (?:a copy|your)[^\n]*
    """
)
# The row before the words is not given back ("*+"): a row of n stars took n * n steps.
ORIGINAL = re.compile(rf"(?im)^[ \t>|*]*+{_ORIGINAL_WORDS}")
_REASON_WORDS = one_of(
    r"""
    (?<![-+.])(?<!\d )[45]\d\d[ -] | [45]\.\d\.\d{1,3}\b | unknown | reject | refus | invalid
    not (?:exist|found|known|listed|be delivered|accept|recogni|deliver|valid) | does(?:n.t| not) | full
    not (?:exactly )?match | no match | postponed
    quota | disabled | unavailable | undeliver | no such | fail | unable | could ?n.?t | cannot
    malformed | inactive | denied | illegal | error | too many hops | not our customer | exceed | suspend | expired
    timed? ?out | respond
    """
)
REASON = re.compile(rf"(?i)\b{_REASON_WORDS}")
CODE = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")  # no part of an IP address
SMTP_CODE = re.compile(r"(?:^|[\s(#:>'-])([45]\d\d)(?:: |[ -])(?:#?[45]\.\d|\S)")
_DELAYED_WORDS = one_of(
    r"""
    (?:message|delivery|mail)[^.\n]{0,60}(?:delayed|not yet (?:been )?delivered)
    will (?:continue|keep|be retried|retry|try again) | still (?:trying|being retried) | been postponed
    warning message only | you do not need to resend | THIS IS A WARNING
    """
)
# Said only while the system goes on trying, whatever else it says.
STILL_TRYING = re.compile(
    r"(?i)attempts? will continue|will continue (?:trying|to (?:try|attempt))|warning message only"
    r"|not need to re-?send|only a temporary failure|THIS IS A WARNING|advisory-only"
)
DELAYED = re.compile(rf"(?i){_DELAYED_WORDS}")
GAVE_UP = re.compile(
    r"(?i)permanent|fatal error|giv(?:en|ing) up|failed|not going to try|could not be delivered|undeliverable|cancel"
)
_IGNORED_LINE_WORDS = one_of(
    r"""
    ^\s*(?:from|message-id|reply-to|sender|contact|reporting-mta|mail from|in-reply-to|references)\s*[:=]
    ^\s*(?:return-path|x-[a-z-]+|cc|subject)\s*[:=]
    contact | assistance | questions | postmaster@ | abuse@ | help ?desk | mailto: | mail from: | e=
    https?:// | message[- ]id
    """
)
IGNORED_LINE = re.compile(rf"(?i){_IGNORED_LINE_WORDS}")
# One person speaks, or greets: no mail system does. Systems do say "we", "dear customer", "please".
PERSONAL = re.compile(
    r"(?i)\b(?:i|i'm|i've|my|me|hi|hey|thanks|thank you|regards|cheers|ich|mein|meine|mir|danke|gru(?:ss|ß)"
    r"|je|j'ai|merci|cordialement|yo|mi|gracias|saludos|ciao|grazie|obrigado|bedankt|groeten|jag|tack|jeg"
    r"|я|мне|спасибо)\b"
)
# Mail systems that say "I" all the same.
SYSTEM_SPEAKS = re.compile(r"(?i)after i sent the message|i'm sorry to have to inform|i'm afraid i|hi\. this is the")
# Systems write to a "dear user", people to somebody.
_GREETING_WORDS = one_of(
    r"""
    hello | dear | good (?:morning|day|afternoon) | hallo | liebe | guten (?:tag|morgen) | sehr geehrte
    bonjour | madame | monsieur | hola | estimad[oa]s? | buongiorno | gentile | ciao | ol[áa] | prezad[oa]s?
    hoi | beste | geachte | hej | hei | dzie[ńn] dobry | dobr[ýy] den
    """
)
GREETING = re.compile(rf"(?i)\W*{_GREETING_WORDS}\b(?! (?:user|customer|sender|recipient|subscriber|nutzer|kunde))")
# A notice speaks of mail: a parcel, too, "could not be delivered".
_ABOUT_MAIL_WORDS = one_of(
    r"""
    e-?mails?\b(?!\s{0,2}:) | messages?\b | mailbox | recipients?\b | userid | user\b(?! name) | smtp
    nachricht | courriel | mensaje | correo | messaggio | mensagem | bericht | wiadomo | meddeland
    viesti | zpr[áa]v | сообщени | письм
    destinatai?r | empf[äa]nger | メール | 邮件 | 郵件
    """
)
ABOUT_MAIL = re.compile(rf"(?i)\b{_ABOUT_MAIL_WORDS}")
COMPANIONABLE = re.compile(
    r"(?i)\b(?:we|our|us|hello|dear|please help|wir|unser|hallo|bitte|nous|bonjour|hola|hoi|hej|anyone|anybody)\b"
)

# The whole subject as the big programs write it.
SURE_SUBJECT = re.compile(
    r"(?i)delivery status notification \((?:failure|delay)\)|undelivered mail returned to sender|failure notice"
    r"|returned mail: see transcript for details|mail delivery failed: returning message to sender"
    r"|mail system error - returned mail|undeliverable message"
)

# First words of a text that only a mail system writes; people put their own above when they paste a notice.
_OPENS_WORDS = one_of(
    r"""
    (?:hi[.!]\s{1,8})?this is the (?:qmail-send|mail delivery|mailer-daemon|mail system|postfix|courier|deliver)\b
    (?:hi[.!]\s{1,8})?(?:this is )?the [\w-]{1,20} (?:program|mail system|mail server) at\b
    this message was created automatically by mail delivery software
    this is an automatically generated delivery status notification
    this is a delivery status notification | the original message was received (?:at|on)\b
    a message that you sent (?:could not be delivered|has not yet been delivered)
    message from {1,3}[\w.-]{3,80}\.\s{1,4}unable to deliver message
    -{3,12} ?the following addresses had | delivery has failed to these recipients
    (?:we had trouble delivering|there was (?:a problem|an error) delivering|we were unable to deliver) your message
    your message\s{1,8}to: .{1,300}\s{1,8}subject: .{0,300}\s{1,8}sent: .{1,80}\s{1,8}did not reach
    sorry, we were unable to deliver your message
    это (?:письмо|сообщение) создано автоматически (?:сервером|почтов)
    """
)
OPENS_AS_NOTICE = re.compile(rf"(?i)[\s|*-]{{0,40}}{_OPENS_WORDS}")

_REFUSED_WORDS = one_of(
    r"""
    not (?:a )?(?:member|subscriber|subscribed) | not allowed to post | not authori[sz]ed to (?:post|send) | non-?member
    not (?:permitted|allowed) to (?:post|send)
    """
)
REFUSED_BY_LIST = re.compile(
    rf"(?i)^(?:you|your|request to|not member|message)\b.{{0,200}}{_REFUSED_WORDS}|^not member article"
)
