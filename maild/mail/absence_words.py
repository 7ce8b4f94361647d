"""Holds the words beside a date that say that somebody is away until then, or back from then on.

Fillers stand between the word and the date: "until (Monday the) 5th", "bis (einschließlich Freitag, den) 5.".
"""

# ruff: noqa: E501 - tables, a language or two a line

from __future__ import annotations

import re

from maild.mail.phrases import one_of

_FILLERS = one_of(
    r"""
    the | on | and including | including | inclusive | einschlie(?:ss|ß)lich | einschl\. | inkl\. | zum | den | dem | der | am
    le | el | il | al | au | lo | o | a | d[ií]a | dia | den | d\. | de | op | en met | met | og med | och med | w[łl][ąa]cznie | dnia | dne | data de
    mon(?:day)? | tue(?:sday)? | wed(?:nesday)? | thu(?:rs)?(?:day)? | fri(?:day)? | sat(?:urday)? | sun(?:day)?
    montag | dienstag | mittwoch | donnerstag | freitag | samstag | sonnabend | sonntag | m[io] | d[io] | fr | sa | so
    lundi | mardi | mercredi | jeudi | vendredi | samedi | dimanche | lunes | martes | mi[ée]rcoles | jueves | viernes | s[áa]bado | domingo
    luned[ìi] | marted[ìi] | mercoled[ìi] | gioved[ìi] | venerd[ìi] | sabato | domenica | (?:segunda|ter[çc]a|quarta|quinta|sexta)(?:-feira)?
    maandag | dinsdag | woensdag | donderdag | vrijdag | zaterdag | zondag | m[åa]ndag | mandag | tirsdag | onsdag | torsdag | fredag | l[öø]rdag | s[öø]ndag
    poniedzia[łl]ku | wtorku | [śs]rody | czwartku | pi[ąa]tku | soboty | niedzieli | pond[ěe]l[íi] | [úu]ter[ýy] | [čc]tvrtka | p[áa]tku
    понедельника | вторника | среды | четверга | пятницы | субботы | воскресенья
    """
)
_END_ENGLISH = r"until|till|til|through|thru|up to|after"
_END = one_of(
    r"""
    bis | jusqu['’]?(?:au|[àa]|en)? | hasta | fino | sino | at[ée] | tot | t/m | do | a[žz] do | till och med | t\.?o\.?m\.? | till | til | t\.?o\.?m | p[âa]n[ăa] (?:la|pe|[îi]n)
    до | по | включно до
    """
)
_BACK_ENGLISH = (
    r"(?:back|return(?:ing)?|available|reachable|in the office)(?: again)?(?: (?:in|to|at) (?:the |my )?(?:office|work|desk))?"
    r"(?: again)?(?: on| from| as of| starting)?"
)
_BACK = one_of(
    r"""
    (?:wieder|zur[üu]ck)(?: im b[üu]ro| im haus| erreichbar| da| f[üu]r sie da| zur[üu]ck| im dienst| anwesend| verf[üu]gbar){0,2}(?: ab| am)? | r[üu]ckkehr(?: am)?:?
    (?:de retour|serai de retour|retour|reprise|reviens|joignable|disponible)(?: au bureau)?(?: [àa] partir du| le| d[èe]s le| du)?
    (?:regreso|regresar[ée]|vuelvo|volver[ée]|de vuelta|de regreso|disponible|reincorporo|reincorporar[ée])(?: a la oficina)?(?: a partir del| desde el| el)?
    (?:rientro|rientrer[òo]|torno|torner[òo]|di ritorno|di nuovo (?:in ufficio|disponibile)|disponibile)(?: in ufficio)?(?: a partire dal| dal| il| dal giorno)?
    (?:regresso|regressarei|retorno|retornarei|volto|voltarei|de volta|dispon[íi]vel)(?: ao escrit[óo]rio)?(?: a partir de| em| no dia| dia| a)?
    (?:terug|weer (?:aanwezig|bereikbaar|op kantoor|beschikbaar))(?: op kantoor)?(?: op| vanaf)?
    (?:wracam|wr[óo]c[ęe]|powr[óo]t|b[ęe]d[ęe] (?:dost[ęe]pn[ya]|z powrotem|ponownie)|dost[ęe]pn[ya])(?: do biura| w biurze)?(?: od)?
    (?:tillbaka|[åa]ter|tilbage|tilbake)(?: p[åa] (?:kontoret|jobbet))?(?: igen)?(?: den| fra| fr[åa]n)?
    (?:palaan|takaisin|tavoitettavissa)(?: t[öo]ihin| toimistolla)?(?: j[äa]lleen)? | (?:vr[áa]t[íi]m se|zp[ěe]t|n[áa]vrat)(?: v kancel[áa][řr]i)?(?: od)? | (?:visszat[ée]rek|[úu]jra)
    (?:revin|m[ăa] [îi]ntorc|disponibil)(?: la birou)?(?: pe|[îi]n| din)? | (?:вернусь|возвращаюсь|выйду(?: на работу)?|буду (?:на работе|доступен|доступна|на месте))(?: с)?
    (?:повернуся|буду (?:на роботі|доступн(?:ий|а)))(?: з)? | سأعود(?: في| يوم)? | 返回 | 回来
    """
)
_GAP = (
    rf"[\s,:(]*(?:{_FILLERS}[\s,.]{{1,3}}){{0,4}}(?:\d{{1,2}}\.? ?(?:[-–—]|bis|to|au|al|a|do|till?|tot|t/m|до|по) ?)?$"
)
LEFT_END_ENGLISH = re.compile(rf"(?i)\b(?:{_END_ENGLISH}){_GAP}")
LEFT_RANGE = re.compile(
    r"(?i)(?:\b(?:from|between|vom|von|du|del|dal|de|van|vanaf|od|от|с|з|från|fra|ab)\b.{0,40}|\d\.?\s?)"
    rf"(?:\b(?:to|and|al|au|a|ao|bis|y|e|et|tot|do)\b|[-–—~～])[\s,]{{0,2}}(?:{_FILLERS}[\s,.]{{1,3}}){{0,4}}$"
)
FROM_TO_ENGLISH = re.compile(r"(?i)\b(?:from|between|to|and)\b")
LEFT_END = re.compile(rf"(?i)(?:(?<!\w){_END}{_GAP}|(?:حتى|至|到|~)\s{{0,2}}$)")
LEFT_BACK_ENGLISH = re.compile(rf"(?i)\b{_BACK_ENGLISH}{_GAP}")
LEFT_BACK = re.compile(rf"(?i)(?<!\w){_BACK}{_GAP}")
LEFT_FROM = re.compile(
    rf"(?i)(?<!\w)(?:on|from|as of|starting|am|ab|d[èe]s|[àa] partir d[ue]|[ae] partir del?|a partire dal|od|vanaf|op|fr[åa]n|fra|från|с|з|den|le|el|il|dal|pe|em){_GAP}"
)
RIGHT_END = re.compile(
    r"(?i)[\s)]{0,2}(?:(?:\([月火水木金土日월화수목금토]\))?\s?(?:まで|까지)|['’]?(?:[ae]|y[ae]) kadar|\s?tarihine kadar|-?ig\b|\s?(?:asti|saakka))"
)
RIGHT_BACK = re.compile(
    r"(?i)[\s,)]{0,2}(?:(?:i|ich|je|bin|werde|am|will|shall|i'll|i will|we|sono|ben|ik|weer|estar[ée]|estou|serai|jestem|be|sind wir|b[ęe]d[ęe]|er|[äa]r|jeg|jag|я|буду|'?de|tarihinde|から|より|に|부터|에)[\s]{0,2}){0,4}"
    r"(?:back|wieder|zur[üu]ck|de retour|de vuelta|de regreso|di nuovo|de volta|terug|z powrotem|ponownie|tillbaka|tilbage"
    r"|tilbake|takaisin|zp[ěe]t|d[öo]nece[ğg]im|д?оступ(?:ен|на)|на работе|戻り|出社|復帰|出勤|回来|返回|恢复|복귀|출근)"
)
