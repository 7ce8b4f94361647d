"""Holds the words by which mail programs introduce a quote, in the languages they speak.

One table a language is hard to keep apart here: programs mix them, people forward each other's mail.
So each idea has one pattern, and each pattern is bounded and has no nested repetition.
"""

from __future__ import annotations

import re

from maild.mail.phrases import one_of

# en de fr es it pt nl sv da no fi cs sk pl hu ro tr ru uk bg el he ar ja zh ko vi id
_WROTE_LATIN = one_of(
    r"""
    wrote | writes | schrieb(?:en)? | schreibt | geschrieben | [àa] [eé]crit | escribi[oó] | escribe
    ha scritto | scrisse | scrive | escreveu | escreve | schreef | schrijft | geschreven | skrev | skreiv
    har skrivit | kirjoitti | napsal(?:a|i)? | pí[sš]e | nap[ií]sala? | napisa(?:o|la) je | napisała? | pisze | [ií]rta
    a scris | yazd[ıi] | писала? | написала? | пишет | пише | написав(?:ла)? | написа | έγραψε | menulis
    đã viết
    """
)
WROTE_WORDS = one_of(
    rf"""
    \b{_WROTE_LATIN}\b(?:\(a\)|\(а\))? | כתב | كتب | 写道 | 寫道 | 写了 | のメッセージ | のメール
    書きました | さんは書 | 님이 (?:작성|쓴) | 작성: | 쓴 글:
    """
)
WROTE = re.compile(rf"(?i){WROTE_WORDS}")
# What some put instead of "wrote", above a quote with marks.
QUOTING = re.compile(
    r"(?i)(?:quoting|(?:begin )?quote from|according to|zitat von|citando|citat|citation de|citazione|cytowanie"
    r"|\* ?\S|thus spake|quoth|\[[^\]]{2,60}\]:?$)|.{0,120}\b(?:says|said|asked|spake|dixit|meinte|sagte)\b"
)
# A person says who wrote; a program gives a name.
PROSE = re.compile(
    r"(?i)\b(?:i|he|she|they|we|you|who|ich|er|wir|ihr|je|il|elle|nous|yo|él|ella|io|lui|lei|eu|ele|ela)\W+"
    rf"{_WROTE_LATIN}|{_WROTE_LATIN}\W+(?:ich|er|sie|wir|ihr|man|mir|uns|me|us|ik|hij|zij|jag|han|hon|jeg|hun)\b"
    r"|\b(?:the|my|our|your|this|that|der|das|mein|unser|dieser|notre|votre|nuestro|nosso|het|mijn|onze)\s"
)
# Above a quote: these words say more than whose it is.
TOLD = re.compile(
    r"(?i)\b(?:i|we|as|like|what|which|that|because|but|if|when|where|why|this|these|ich|wir|wie|was|dass|wenn|aber|je"
    r"|comme|the|my|our|your|der|die|das|le|les|yo|como|cuando|io|quando|eu|ik|zoals|wat|jag|jeg)\b"
)
# The same at the end of a line without a colon, for a look that costs next to nothing.
WROTE_LAST = (
    "wrote", "writes", "schrieb", "schreibt",
    "crit", "escribió", "scritto", "escreveu", "schreef", "skrev", "kirjoitti", "napsal", "napsala",
    "napisał", "napisała", "(a)", "írta", "scris", "yazdı", "писал", "написал", "написала", "написав", "写道", "寫道",
    "のメッセージ", "のメール", "書きました", "작성", "كتب", "כתב",
)  # fmt: skip
# How a line that introduces a quote begins. A date in digits or a weekday is enough for some programs.
_STARTS_WORDS = one_of(
    r"""
    on | am | um | le | el | il | em | no | op | den | dne | dňa | dnia | w dniu | pe | în | la | the
    at | in | il giorno | il giorno | fecha | date | på | d\. | pada | vào | στις | на | в | у | от
    mon | tue | wed | thu | fri | sat | sun | mo | di | mi | do | fr | sa | so | lun | mar | mer | jeu
    ven | sam | dim | pon | wt | śr | czw | pt | sob | niedz | ma | ti | ke | to | pe | la | su | пн
    вт | ср | чт | пт | сб | вс | нд | في | ב | בתאריך
    """
)
STARTS = re.compile(
    rf"""(?i)(?:\s*{_STARTS_WORDS}\b\.?,?|\s*[\[(<\"'*]{{0,2}}\d{{1,4}}[-./ 年]|\s*\d{{1,2}}\.? ?[^\W\d_]{{3,9}})"""
)
STARTS_WITH_ID = re.compile(r"(?i)(?:in|on) (?:message|article|<)")
DAY = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)?\b\W.{0,20}\b(?:19|20)\d\d\b|\b(?:19|20)\d\d\W{1,2}\d{1,2}|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[月월]"
)
TIME = re.compile(r"\b\d{1,2}[:.h]\d\d")
ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]@[^\s<>\"'(),;:]{2}")

_FROM_WORDS = one_of(
    r"""
    from | von | de(?: la)? | da | van | od | fra | från | lähettäjä | feladó | kimden | gönderen | от(?: кого)? | від
    від кого | отправитель | expéditeur | remitente | mittente | remetente | afzender | avsändare
    avsender | afsender | nadawca | odesílatel | από | 差出人 | 送信元 | 送信者 | from | 发件人 | 寄件者
    寄件人 | 보낸 ?사람 | 보낸이 | من | מאת | expeditor | dari | từ
    """
)
FROM = re.compile(rf"(?i)[ \t>*_|]*{_FROM_WORDS}[ \t\xa0]*\*{{0,2}}[ \t\xa0]*[:：]")
_LABEL_WHEN_WORDS = one_of(
    r"""
    sent | date | gesendet(?: am)? | datum | envoyé(?: le)? | envoyée | enviad[oa](?: el| em)? | fecha
    inviato | data | data/ora | verzonden | wysłano | wysłane | data | skickat | skickades | sendt
    dato | lähetetty | päiväys | päivämäärä | odesláno | elküldve | küldve | dátum | trimis | gönderildi
    tarih | gönderilme | отправлено | дата | надіслано | 送信日時 | 日付 | 日時 | 送信日 | 发送时间 | 发送日期
    日期 | 寄件日期 | 傳送時間 | 时间 | 보낸 ?날짜 | 날짜 | 보낸시간 | التاريخ | تم الإرسال | نُشر
    ημερομηνία | στάλθηκε | date sent | sent at
    """
)
_LABEL_ABOUT_WORDS = one_of(
    r"""
    subject | betreff | objet | sujet | asunto | oggetto | assunto | onderwerp | temat | ämne | emne
    aihe | předmět | predmet | tárgy | subiect | konu | тема | 件名 | 主题 | 主題 | 标题 | 제목
    الموضوع | θέμα | re | betr
    """
)
_LABEL_OTHER_WORDS = one_of(
    r"""
    to | an | à | a | pour | para | per | aan | do | dla | till | til | vastaanottaja | komu | címzett | către
    destinataire | destinatario | destinatário | adresat
    kime | alıcı | кому | 宛先 | 收件人 | 收件者 | 받는 ?사람 | 받는이 | إلى | προς | cc | kopie | copie
    copia | kopia | kopi | kopio | másolat | bilgi | копия | копія | 抄送 | 副本 | 참조 | bcc | reply-to
    antwort an | répondre à | responder a | rispondi a | importance | wichtigkeit | priority | priorität
    attachments? | anlagen? | organization | newsgroups | reply to
    """
)
LABEL = re.compile(
    rf"(?i)[ \t>*_|]*(?:(?P<when>{_LABEL_WHEN_WORDS})|(?P<about>{_LABEL_ABOUT_WORDS})"
    rf"|(?P<other>{_LABEL_OTHER_WORDS}))[ \t\xa0]*\*{{0,2}}[ \t\xa0]*[:：]"
)
# Headers that programs do not show, so that a person copied them.
RAW_HEADER = re.compile(
    r"(?i)[ \t]*(?:received|return-path|delivered-to|mime-version|content-[a-z-]{2,40}|x-[a-z0-9-]{1,60}|dkim-signature"
    r"|authentication-results|message-id|in-reply-to|references|user-agent|list-[a-z]{2,20}|envelope-to):"
)
_ORIGINAL_WORDS = one_of(
    r"""
    original (?:message|appointment|e-?mail) | reply message | original(?=[ \t]*[-_=]{2})
    ursprüngliche (?:nachricht|e-?mail|mail) | originalnachricht | original-nachricht
    urspr\. nachricht | originale? message | message (?:d['’]origine|original|initial)
    courriel original | mensaje original | correo original | messaggio originale | messaggio orig\.?
    mensagem original | oorspronkelijk(?:e)? bericht | wiadomość oryginalna | oryginalna wiadomość
    treść oryginalnej wiadomości | originalmeddelande | ursprungligt meddelande | urspr\. meddelande
    oprindelig (?:meddelelse|besked) | original besked | opprinnelig melding | alkuperäinen viesti
    původní (?:zpráva|e-?mail) | pôvodná správa | eredeti üzenet | mesaj(?:ul)? (?:original|inițial)
    orijinal (?:mesaj|ileti) | özgün ileti | исходное (?:сообщение|письмо) | оригинальное сообщение
    пересылаемое | вихідне повідомлення | 元のメッセージ | オリジナルメッセージ | original message
    原始邮件 | 原始郵件 | 原邮件 | 邮件原件 | 원본 ?메시지 | 원본 메일 | الرسالة الأصلية
    """
)
ORIGINAL = re.compile(rf"(?i)[ \t>*]*[-_=]{{2,}}[ \t]*{_ORIGINAL_WORDS}[ \t]*[-_=]{{0,60}}[ \t*]*$")
_FORWARDED_WORDS = one_of(
    r"""
    (?:original )?forwarded (?:message|by|e?-?mail) | original forwarded
    weitergeleitete (?:nachricht|e-?mail|mail) | (?:message|courriel|e-?mail) (?:transféré|réexpédié)
    mensaje (?:reenviado|transmitido) | correo reenviado | messaggio (?:inoltrato|originale inoltrato)
    mensagem (?:encaminhada|reencaminhada) | doorgestuurd bericht | doorgestuurde
    przekazana wiadomość | wiadomość przekazana | przesłana wiadomość | treść przekazanej
    vidarebefordrat (?:meddelande|brev) | vidarebefordrad | videresendt | videresendte | välitetty viesti
    edelleenlähetetty | přeposlaná (?:zpráva|pošta) | přeposlaný | preposlaná | továbbított | mesaj redirec[tț]ionat
    mesaj transmis | yönlendirilen | yönlendirilmiş | iletilen | iletilmiş | пересылаемое сообщение
    пересланное (?:сообщение|письмо) | перенаправленное | переадресованное | переслане | 转发的?(?:邮件|消息|信息)
    轉寄的?(?:郵件|訊息) | 転送(?:された)?(?:メッセージ|メール) | 전달된 (?:메시지|메일) | (?:ال)?رسالة (?:ال)?معاد
    (?:ال)?رسالة (?:ال)?مُ?عاد | προωθημένο | הודעה שהועברה
    """
)
_FORWARD_BEGINS = one_of(
    r"""
    begin forwarded message | anfang der weitergeleiteten (?:nachricht|e-?mail)
    début du (?:message|courriel|e-?mail) (?:réexpédié|transféré) | inicio del (?:mensaje|correo) reenviado
    inizio messaggio inoltrato | iniciar mensaje reenviado | início da mensagem (?:reencaminhada|encaminhada)
    begin doorgestuurd bericht | vidarebefordrat (?:brev|meddelande) | start på videresendt
    videresendt (?:melding|besked|meddelelse) | rozpoczęcie przekazywanej wiadomości
    początek (?:przekazywanej|przekazanej) wiadomości | välitetty viesti | začátek přeposílané zprávy
    továbbított levél kezdete | începutul mesajului redirec[tț]ionat | iletilen ileti
    начало переадресованного сообщения | початок листа, що пересилається | 下記は転送 | 転送されたメッセージ
    轉寄訊息開始 | 以下是(?:转发|轉寄)的?(?:邮件|郵件) | 开始转发的?邮件 | 開始轉寄郵件 | 전달된 메시지
    بدء الرسالة المعاد
    """
)
FORWARDED = re.compile(rf"(?i)[ \t>*|]*(?:[-_=]{{2,}}[ \t]*{_FORWARDED_WORDS}|{_FORWARD_BEGINS}.{{0,30}}[:：][ \t*]*$)")
_FORWARD_SUBJECT_WORDS = one_of(
    r"""
    fwd? | wg | tr | rv | reenv | enc | i | inoltra | vb | vl | pd | dw | doorst | vidarebefordrat
    videresendt? | továbbítás | tov | 转发 | 轉寄 | 転送 | 전달 | i̇lt | ilt | пересл | πρθ | הועבר
    إعادة توجيه | vs(?=:\s*fw)
    """
)
FORWARD_SUBJECT = re.compile(rf"(?i)\s*(?:\[[^\]]{{0,60}}\]\s*)?{_FORWARD_SUBJECT_WORDS}\s*[:：]")
ANSWER_SUBJECT = re.compile(
    r"(?i)\s*(?:\[[^\]]{0,60}\]\s*)?(?:re|aw|sv|vs|odp|antw|ref|res|rif|ynt|vá|回复|回覆|答复|ответ)\s*(?:\[\d+\])?\s*[:：]"
)
_ANSWERS = one_of(
    r"""
    answers? | comments? | replies | responses? | see | antworten? | siehe | anmerkungen | réponses? | voir
    respuestas? | risposte | antwoorden | zie | svar
    """
)
_BELOW = one_of(
    r"""
    below | in red | in blue | in green | embedded | in the text | in your (?:mail|text|message) | unten
    im text | in rot | in blau | ci-dessous | en rouge | dans le texte | abajo | en rojo | sotto | in rosso
    hieronder | in het rood | nedan | nedenfor | i rött | i rødt
    """
)
INLINE = re.compile(rf"(?i)\b(?:in-?line|in ?between|interspersed|{_ANSWERS}\b.{{0,30}}\b{_BELOW})\b")
_SENT_FROM_WORDS = one_of(
    r"""
    sent (?:from|via|with|using|by) | get \[?outlook | von meinem | von unterwegs
    gesendet (?:von|mit|über|aus|via) | diese nachricht wurde von meinem
    envoyé (?:depuis|de|avec|à partir|via) | enviado (?:desde|do|de|pelo|con|com|a partir)
    inviato (?:da|dal|con) | verzonden (?:vanaf|met|via|vanuit) | verstuurd vanaf | wysłan[eoay] z
    skickat från | sänt från | sendt fra | lähetetty | odesláno z | odoslané z | küldve
    trimis (?:de|din) | отправлено (?:с|из) | надіслано з | 发自我的 | 從我的 | 發自我的 | 나의
    outlook (?:für|for|pour|voor|per|til) | télécharge[rz] outlook | obt[ée]n(?:er|ha) outlook
    hol(?:en sie sich)? outlook
    """
)
SENT_FROM = re.compile(
    rf"(?i)(?:[ \t*_(<>\[]{{0,6}}{_SENT_FROM_WORDS}|.{{1,30}}(?:から送信|'?[dt][ae]n gönderildi|에서 보냄))"
)
"""A line that a phone or program adds. Only a short one at the end counts: see `signatures`."""
