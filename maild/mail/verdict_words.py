"""Holds what customers answer to "is it solved?", as whole phrases. en de fr es ar"""

# ruff: noqa: E501 - a table of phrases, a language a line

from __future__ import annotations

from maild.mail.phrases import one_of

# Says yes, and means nothing where nobody has asked.
YES = one_of(
    r"""
    yes | yep | yeah | confirmed | correct | y
    ja | jawohl | jep | bestätigt | bestaetigt | korrekt | stimmt
    oui | ouais | confirmé | je confirme | exact
    s[ií] | sip | confirmado | correcto | as[ií] es
    نعم | أجل | ايوه | أيوه | أكيد | تم التأكيد
    """
)
NO = one_of(
    r"""
    no | nope | n
    nein | nö | leider nein | leider nicht | leider noch nicht | noch nicht
    non | malheureusement non | pas encore
    todavía no | aún no | aun no | lamentablemente no
    لا | كلا | ليس بعد | للأسف لا
    """
)
# Says by itself that it is over.
SOLVED = one_of(
    r"""
    (?:it'?s |it is |this is |that'?s |issue |problem |the issue is |the problem is |my problem is |ticket |everything is |all )?(?:now )?(?:solved|resolved|fixed|sorted)(?: now)? | (?:it |this |that |everything )(?:now )?works(?: now| again| fine| well| perfectly)* | (?:it'?s |it is )?working(?: now| again| fine)+ | you can close (?:it|this|the ticket|this ticket) | please close (?:it|this|the ticket|this ticket)
    (?:es ist |ist |das ist |problem |das problem ist |alles |hat sich )?(?:jetzt |nun )?(?:gelöst|geloest|behoben|erledigt) | (?:es |das |alles )?(?:funktioniert|klappt|geht|läuft)(?: jetzt| nun| wieder| alles| einwandfrei)+ | (?:es |das |alles )(?:funktioniert|klappt|geht|läuft)(?: jetzt| nun| wieder)* | (?:das )?ticket kann geschlossen werden | sie können (?:es|das ticket) schließen
    (?:c'?est |le problème est |problème |tout est )?(?:résolu|réglé|resolu)(?: maintenant)? | (?:ça|cela|tout) (?:marche|fonctionne)(?: maintenant| bien| à nouveau| de nouveau)* | vous pouvez (?:fermer|clore|clôturer) (?:le ticket|la demande)
    (?:está |el problema está |problema |ya está |todo )?(?:resuelto|solucionado|arreglado)(?: ya)? | (?:ya |ahora |todo )+funciona(?: bien| perfectamente| de nuevo)* | funciona(?: ya| bien| perfectamente| de nuevo)+ | pueden? cerrar el (?:ticket|caso)
    تم الحل | تم حل المشكلة | حُلت المشكلة | حلت المشكلة | انحلت المشكلة | المشكلة محلولة | (?:إنه |انه )?يعمل الآن | يعمل بشكل جيد | يمكنكم إغلاق التذكرة
    """
)
UNSOLVED = one_of(
    r"""
    (?:it'?s |it is |this is |the problem is |problem )?(?:still )?(?:not|isn'?t)(?: yet)? (?:solved|resolved|fixed|working)(?: yet)? | (?:it |this |that |still )*(?:does not|doesn'?t|doesnt|did not|didn'?t) (?:work|help)(?: yet| either| at all)? | unsolved | unresolved | still (?:broken|the same|the same problem) | same problem(?: again)? | the problem persists | problem persists
    (?:es |das |das problem |problem )?(?:ist )?(?:leider )?(?:immer )?(?:noch )?nicht (?:gelöst|geloest|behoben|erledigt) | (?:es |das )?(?:funktioniert|klappt|geht|läuft)(?: leider| immer| noch)* nicht(?: richtig)? | ungelöst | (?:das )?problem besteht (?:weiterhin|immer noch|noch) | hat nicht geholfen
    (?:c'?est |le problème est |le problème n'est |ce n'est )?(?:toujours )?pas(?: encore)? (?:résolu|réglé|resolu) | (?:ça|cela) ne (?:marche|fonctionne) (?:toujours )?pas | le problème (?:persiste|est toujours là) | non résolu
    (?:todavía |aún |sigue )?(?:no está |sin |no )(?:resuelto|resolver|solucionado) | (?:todavía |aún |sigue )*(?:no funciona|sin funcionar) | el problema (?:persiste|continúa|sigue)
    لم تحل المشكلة | لم يتم الحل | لم تُحل | غير محلولة | لا يعمل | ما زالت المشكلة | لا تزال المشكلة(?: قائمة| موجودة)? | ما زال لا يعمل | لا زال لا يعمل
    """
)
