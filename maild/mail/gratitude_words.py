"""Holds the phrases of a mere thank-you, as pieces that may follow each other in any order.

No piece can carry a matter of its own: there is no "but", no "not", no "please", no verb of asking in any of them.
"""

# ruff: noqa: E501 - a table of phrases, a language or two a line

from __future__ import annotations

from maild.mail.phrases import one_of

# Each says thanks. en de fr es it pt nl pl sv da no fi cs sk hu ro tr ru uk el ar
THANKS = one_of(
    r"""
    thanks? | thank ?you | thankyou | thx | thnx | thanx | tnx | tks | tysm | tyvm | ty | cheers | ta | much obliged
    many thanks | (?:i|we)(?: really| truly| very much| do)? appreciate (?:it|this|that|(?:your|the)(?: quick| fast| prompt| great)? (?:help|support|reply|response|answer|assistance|effort|efforts|time|service|work))
    (?:much|greatly|very much|really) appreciated | appreciated | kudos | grateful
    danke | dankesch[öo]n | danke sch[öo]n | herzlichen dank | vielen(?: lieben| herzlichen)? dank | besten dank
    tausend dank | lieben dank | ich danke(?: ihnen| euch| dir)? | wir danken(?: ihnen| euch)? | merci vielmals | vergelt'?s gott
    merci | mille mercis? | grand merci | un grand merci | je vous remercie | nous vous remercions | je te remercie
    gracias | muchas gracias | mil gracias | much[ií]simas gracias | te lo agradezco | se lo agradezco | muy agradecid[oa]
    grazie mille | mille grazie | grazie | tante grazie | molte grazie | la ringrazio | vi ringrazio | ti ringrazio
    obrigad[oa] | muito obrigad[oa] | muit[ií]ssimo obrigad[oa] | agrade[çc]o | agradecid[oa] | grat[oa]
    bedankt | dank ?u(?: wel| zeer)? | dank ?je(?: wel)? | dankjewel | dankuwel | hartelijk dank | heel erg bedankt | dank
    dzi[eę]kuj[eę] | dzi[eę]kujemy | dzi[eę]ki | wielkie dzi[eę]ki | serdecznie dzi[eę]kuj[eę]
    tack | tack s[åa] mycket | stort tack | tusen tack | tackar | tak | mange tak | tusind tak | tak skal du have
    takk | tusen takk | mange takk | takker | kiitos | kiitoksia | paljon kiitoksia | suuri kiitos | kiitti
    d[eě]kuji | d[eě]kuju | d[eě]kujeme | d[ií]ky | mockr[aá]t d[eě]kuji | [ďd]akujem(?:e)? | vďaka
    k[öo]sz[öo]n[öo]m | k[öo]sz[öo]nj[üu]k | k[öo]szi | mul[țt]umesc | mul[țt]umim | mersi
    te[şs]ekk[üu]rler | te[şs]ekk[üu]r ederim | te[şs]ekk[üu]r ederiz | [çc]ok te[şs]ekk[üu]rler | sa[ğg] ?ol(?:un)? | eyvallah
    спасибо | благодарю | благодарим | спс | большое спасибо | спасибо большое | огромное спасибо
    дякую | дякуємо | щиро дякую | спасибі | ευχαριστ[ώω] | ευχαριστούμε | شكرا | شكراً | شكرًا | شكرا جزيلا | شكراً جزيلاً | أشكرك(?:م)?
    """
)

# What goes with it: degrees, for what, "it works now", greetings, closings.
BESIDE = one_of(
    r"""
    so much | very much | a lot | lots | a ton | a million | a bunch | again | once again | once more | kindly | indeed | really
    for (?:your|the|all(?: of)? your|all the|this|that|such a)(?: very| so)?(?: quick| fast| prompt| kind| great| excellent| speedy| swift| immediate| wonderful| helpful| detailed| good| super)?(?: and)?(?: quick| fast| prompt| kind| great| helpful| friendly)? (?:help|support|assistance|reply|response|answer|service|explanation|information|info|time|efforts?|patience|solution|fix|update|work|advice|feedback|confirmation|clarification)
    for (?:everything|helping|helping me|helping us|the help|fixing (?:it|this|that)|sorting (?:it|this|that)(?: out)?|solving (?:it|this|that)|letting (?:me|us) know|getting back to (?:me|us)|being so (?:helpful|kind|quick|fast|patient|nice|friendly))
    (?:(?:it|that|this|everything|all)(?:'s| is)? )?(?:now )?(?:works?|worked|working|is working|is fixed|fixed|is solved|is resolved|is sorted)(?: it| for me| for us)?(?: perfectly| fine| great| well| again| like a charm| as expected| now)*
    (?:problem|issue|ticket|case)(?: is| has been)?(?: now)? (?:solved|fixed|resolved|sorted)(?: now)? | solved | resolved | working(?: now| again| fine)? | sorted
    (?:that |this |you )?(?:did it|did the trick|helped|solved it|fixed it|solved the (?:problem|issue)|fixed the (?:problem|issue))(?: a lot)?
    (?:all|everything)(?: is)?(?: good| fine| ok| okay| well| set| clear)(?: now)? | (?:that's|that is|it's|it is|you're|you are) (?:great|perfect|awesome|fantastic|wonderful|excellent|good|fine|brilliant|amazing|the best)
    great(?: job| work| service| support| help| stuff| news)? | perfect | awesome | excellent(?: service| support| work)? | fantastic | wonderful | brilliant | amazing | super | cool | nice | lovely | ok | okay | good(?: job| work)? | fine | yay | wow | hooray | noted | received | got it | will do | understood | very helpful
    hi | hello | hey | dear | good (?:morning|afternoon|evening|day) | hi there | hello there | hi again | hello again | support | service | team
    (?:best|kind|warm|many|with kind|with best|kindest|warmest)? ?regards | best wishes | best | all the best | sincerely | yours(?: sincerely| truly| faithfully)? | br | kr | rgds | take care | have a (?:great|nice|good|lovely|wonderful|pleasant)(?: \w{2,10})? ?(?:day|weekend|evening|week|time|one)? | you too | bye | happy (?:new year|holidays|easter) | merry christmas
    sehr | nochmals | nochmal | noch einmal | noch mal | auch | und | ihnen | euch | dir | das | es | ganz
    f[üu]r (?:ihre|eure|deine|die|das|den|alles|ihr|euer|dein)(?: schnelle[nr]?| rasche[nr]?| prompte[nr]?| tolle[nr]?| gute[nr]?| super| freundliche[nr]?| kompetente[nr]?)?(?: hilfe| unterst[üu]tzung| antwort| r[üu]ckmeldung| info| information(?:en)?| support| service| bem[üu]hungen?| m[üu]he| l[öo]sung| erkl[äa]rung| hilfestellung| bearbeitung| reaktion)?
    (?:es |das |jetzt |alles |nun |hat )*(?:funktioniert|klappt|geht|l[äa]uft|geklappt|erledigt|gel[öo]st|geholfen)(?: es)?(?: jetzt| nun| wieder| alles| prima| super| bestens| einwandfrei| perfekt| wunderbar)*
    (?:das |mein )?problem(?: ist)? (?:gel[öo]st|behoben|erledigt) | alles (?:klar|gut|bestens|ok|okay|in ordnung|prima|super) | prima | toll | klasse | spitze | perfekt | wunderbar | passt | sehr gut | sehr nett | hat (?:mir )?(?:sehr )?geholfen
    hallo | guten (?:tag|morgen|abend) | gr[üu](?:ss|ß) (?:gott|dich|euch) | gr[üu]ezi | moin | servus | liebes team | liebes support-?team | sehr geehrte damen und herren | sehr geehrte(?:r)? (?:frau|herr) | liebe[r]?
    (?:mit )?(?:freundlichen|besten|lieben|herzlichen|viele[n]?|beste|liebe|sch[öo]ne[n]?|freundliche|herzliche)(?: freundlichen| lieben)? gr[üu](?:ss|ß)e[n]? | mit freundlichem gru(?:ss|ß) | gru(?:ss|ß) | gr[üu](?:ss|ß)e | lg | mfg | vg | bg | hg | sch[öo]ne[ns]? (?:tag|abend|wochenende|woche|feiertage)(?: noch)? | einen sch[öo]nen (?:tag|abend)(?: noch)? | ein sch[öo]nes wochenende
    beaucoup | infiniment | encore | bien | encore une fois | [àa] (?:vous|toi|tous) | vous | et | pour (?:votre|ta|vos|la|le|l'|tout|cette|ton)(?: ?rapide| ?pr[ée]cieuse| ?bonne)? ?(?:aide|r[ée]ponse|retour|assistance|r[ée]activit[ée]|support|soutien|temps|intervention|explications?|patience|rapidit[ée])?(?: rapide| pr[ée]cieuse)?
    (?:[çc]a|cela|tout|c'est) (?:marche|fonctionne|est r[ée]gl[ée]|va|bon|parfait|r[ée]gl[ée]|r[ée]solu)(?: bien| maintenant| tr[èe]s bien| parfaitement| nickel| mieux)* | (?:le )?probl[èe]me (?:est )?(?:r[ée]solu|r[ée]gl[ée]) | parfait | super | g[ée]nial | top | nickel | impeccable | tr[èe]s bien | bravo | d'accord
    bonjour | bonsoir | salut | madame | monsieur | cordialement | bien cordialement | tr[èe]s cordialement | cdlt | bien [àa] vous | sinc[èe]res salutations | salutations | meilleures salutations | bonne (?:journ[ée]e|soir[ée]e|fin de journ[ée]e|semaine|ann[ée]e) | bon (?:week-?end|apr[èe]s-midi)
    de nuevo | otra vez | nuevamente | a (?:ti|usted|ustedes|todos|vosotros) | y | por (?:su|tu|la|el|todo|vuestra|sus)(?: r[áa]pida| pronta| gran)? ?(?:ayuda|respuesta|apoyo|atenci[óo]n|soporte|tiempo|asistencia|servicio|rapidez|colaboraci[óo]n)?(?: r[áa]pida)?
    (?:ya |todo |ahora )*(?:funciona|est[áa] (?:resuelto|solucionado|arreglado|bien|perfecto))(?: perfectamente| bien| perfecto| todo| ahora| de nuevo)* | (?:el )?problema (?:est[áa] )?(?:resuelto|solucionado) | (?:todo )?solucionado | resuelto | perfecto | genial | estupendo | excelente | muy bien | vale | de acuerdo | todo bien
    hola | buenos d[íi]as | buenas(?: tardes| noches)? | estimad[oa]s?(?: se[ñn]or(?:es|a)?)? | (?:un )?(?:cordial )?saludos?(?: cordiales)? | un abrazo | atentamente | atte | que (?:tenga|tengas|tengan) (?:un )?(?:buen|lindo) d[íi]a | buen (?:d[íi]a|fin de semana)
    ancora | di nuovo | a (?:voi|te|lei|tutti) | e | per (?:il|la|l'|tutto|il vostro|la vostra|il tuo|la sua|il suo|la tua)(?: prezios[oa]| rapid[oa]| veloce)? ?(?:aiuto|supporto|risposta|assistenza|disponibilit[àa]|collaborazione|tempo|gentilezza)?(?: rapid[oa])?
    (?:ora |adesso |tutto )*(?:funziona|risolto|a posto)(?: perfettamente| tutto| bene| ora| di nuovo| correttamente)* | (?:il )?problema (?:[èe] )?(?:stato )?risolto | perfetto | ottimo | benissimo | molto bene | gentilissim[oiae] | va bene
    ciao | buongiorno | buonasera | salve | gentile | gentili signori | (?:cordiali|distinti|tanti) saluti | saluti | cordialmente | buona (?:giornata|serata|settimana) | buon (?:lavoro|weekend|fine settimana)
    mais uma vez | novamente | de novo | a (?:voc[êe]s?|todos) | pel[oa](?: vossa| sua| seu| vosso)?(?: r[áa]pida| pronta)? ?(?:ajuda|resposta|apoio|aten[çc][ãa]o|suporte|atendimento|colabora[çc][ãa]o|retorno|tempo)? | por tudo
    (?:j[áa] |agora |tudo |est[áa] )*(?:funciona(?:ndo)?|funcionou|resolvido|ok|certo|a funcionar)(?: perfeitamente| bem| agora| tudo)* | (?:o )?problema (?:foi |est[áa] )?resolvido | perfeito | [óo]timo | excelente | maravilha | show | muito bom
    ol[áa] | oi | bom dia | boa (?:tarde|noite) | prezad[oa]s? | car[oa]s? | (?:os melhores )?cumprimentos | com os melhores cumprimentos | atenciosamente | att | abra[çc]os? | um abra[çc]o | bom fim de semana | tenha um (?:bom|[óo]timo) dia
    nogmaals | wel | hoor | en | voor (?:de|je|uw|jullie|het|alles)(?: snelle| goede| fijne| vlotte| prima)? ?(?:hulp|reactie|antwoord|service|ondersteuning|moeite|oplossing|uitleg|info|informatie|support)?
    (?:het |alles |nu )*(?:werkt|doet het|is opgelost|opgelost|gelukt|in orde)(?: nu| weer| perfect| prima| goed| allemaal)* | (?:het )?probleem is opgelost | top | prima | geweldig | helemaal goed | fijn | uitstekend
    hoi | beste | geachte (?:heer|mevrouw) | goedemorgen | goedemiddag | goedenavond | goedendag | (?:met )?(?:vriendelijke|hartelijke) groet(?:en)? | groet(?:en|jes)? | mvg | vriendelijke groet(?:en)? | fijne (?:dag|avond|weekend)(?: nog)? | een fijne dag(?: nog)? | prettig weekend | fijn weekend
    bardzo | serdecznie | pi[ęe]knie | jeszcze raz | za (?:pomoc|szybk[ąa] (?:pomoc|odpowied[źz]|reakcj[ęe])|odpowied[źz]|wsparcie|informacj[ęe]|wszystko|zaanga[żz]owanie) | (?:ju[żz] |wszystko |teraz )*dzia[łl]a(?: dobrze| poprawnie| super| bez zarzutu)* | (?:problem )?rozwi[ąa]zan[ye] | super | [śs]wietnie | doskonale | wszystko (?:ok|w porz[ąa]dku|gra) | dzie[ńn] dobry | cze[śs][ćc] | witam | szanowni pa[ńn]stwo | pozdrawiam(?: serdecznie)? | z powa[żz]aniem | pozdrowienia | mi[łl]ego dnia
    s[åa] mycket | igen | f[öo]r (?:hj[äa]lpen|all hj[äa]lp|svaret|snabbt svar|er hj[äa]lp|din hj[äa]lp|snabb hj[äa]lp|supporten) | (?:nu |det |allt )*(?:fungerar|funkar)(?: det| bra| perfekt| igen| nu| som det ska)* | (?:problemet )?(?:[äa]r )?l[öo]st | toppen | perfekt | jättebra | utm[äa]rkt | hej | hejsan | god morgon | (?:med )?v[äa]nlig(?:a)? h[äa]lsning(?:ar)? | mvh | h[äa]lsningar | ha en (?:bra|fin|trevlig) (?:dag|helg) | trevlig helg
    for (?:hj[æa]lpen|hjelpen|svaret|svar|hurtigt? svar|din hj[æa]lp|jeres hj[æa]lp|rask hjelp|raskt svar|all hjelp) | mange gange | s[åa] meget | s[åa] mye | (?:n[åu] |det |alt )*(?:virker|fungerer)(?: det| fint| perfekt| igen| n[åu]| som det skal)* | problemet er l[øo]st | l[øo]st | supert? | flott | fint | god dag | hei | (?:med )?(?:venlig|vennlig) hilsen | (?:de )?bedste hilsner | mvh | vh | hilsen | ha en (?:fin|god) (?:dag|helg) | god (?:dag|helg|weekend)
    paljon | avusta(?:nne|si)? | nopeasta (?:avusta|vastauksesta) | vastauksesta | nyt | se | toimii(?: nyt| taas| hyvin)* | ongelma ratkaistu | hienoa | loistavaa | mahtavaa | hei | moi | terve | hyv[äa][äa] p[äa]iv[äa][äa] | (?:yst[äa]v[äa]llisin )?terveisin | terveisin | hyv[äa][äa] (?:viikonloppua|p[äa]iv[äa]njatkoa) | t
    moc | mockr[áa]t | je[šs]t[ěe] jednou | za (?:pomoc|rychlou (?:pomoc|odpov[ěe][ďd]|reakci)|odpov[ěe][ďd]|podporu|v[šs]e|informace) | (?:u[žz] |v[šs]e |to |ji[žz] )*funguje(?: to| dob[řr]e| jak m[áa]| v po[řr][áa]dku)* | vy[řr]e[šs]eno | super | skv[ěe]le | v[šs]e v po[řr][áa]dku | dobr[ýy] den | ahoj | zdrav[íi]m | s pozdravem | hezk[ýy] den | p[ěe]kn[ýy] den
    sz[ée]pen | nagyon | m[ée]g egyszer | a (?:gyors )?(?:seg[íi]ts[ée]get|v[áa]laszt|t[áa]mogat[áa]st) | m[űu]k[öo]dik | m[áa]r | most | megoldva | szuper | t[öo]k[ée]letes | rendben | kedves | szia | helló | j[óo] napot | [üu]dv(?:[öo]zlettel)? | tisztelettel | sz[ée]p napot
    mult | frumos | [îi]nc[ăa] o dat[ăa] | pentru (?:ajutor|r[ăa]spuns|suport|tot|sprijin|informa[țt]ii) | (?:acum |totul )*(?:func[țt]ioneaz[ăa]|merge)(?: perfect| bine| acum)* | rezolvat | perfect | bun[ăa] ziua | salut | cu stim[ăa] | cu respect | o zi (?:bun[ăa]|frumoas[ăa])
    [çc]ok | yard[ıi]m(?:[ıi]n[ıi]z|lar[ıi]n[ıi]z)? i[çc]in | destek i[çc]in | cevab[ıi]n[ıi]z i[çc]in | ilginiz i[çc]in | (?:[şs]imdi )?[çc]al[ıi][şs][ıi]yor | sorun [çc][öo]z[üu]ld[üu] | [çc][öo]z[üu]ld[üu] | s[üu]per | harika | m[üu]kemmel | merhaba | iyi (?:g[üu]nler|[çc]al[ıi][şs]malar|ak[şs]amlar) | sayg[ıi]lar(?:[ıi]mla)? | kolay gelsin
    большое | огромное | вам | тебе | еще раз | ещё раз | за (?:помощь|ответ|быстрый ответ|оперативный ответ|оперативность|поддержку|информацию|быструю помощь|вашу помощь|всё|все|разъяснение) | (?:все |всё |теперь |уже )*(?:работает|заработало|получилось|решено)(?: все| всё| отлично| хорошо| теперь)* | проблема (?:решена|решилась) | вопрос (?:решен|решён|закрыт) | отлично | супер | прекрасно | хорошо | понятно | здравствуйте | добрый (?:день|вечер) | доброе утро | привет | (?:с )?уважением | с наилучшими пожеланиями | хорошего дня | всего доброго
    дуже | велике | ще раз | за (?:допомогу|відповідь|швидку відповідь|підтримку|інформацію|все) | (?:все |тепер |вже )*(?:працює|запрацювало|вийшло)(?: добре| чудово)* | (?:проблему |питання )?вирішено | чудово | супер | добре | вітаю | добрий день | доброго дня | з повагою | гарного дня
    جزيلا | جزيلاً | لك | لكم | على (?:المساعدة|مساعدتكم|مساعدتك|الرد|سرعة الرد|الدعم) | (?:كل شيء )?يعمل(?: الآن| جيدا| بشكل جيد)* | تم حل المشكلة | ممتاز | رائع | مرحبا | السلام عليكم | تحياتي | مع (?:أطيب )?التحيات? | مع تحياتي | πολύ | για (?:τη|την) (?:βοήθεια|απάντηση) | καλημέρα | γεια(?: σας)? | λύθηκε | λειτουργεί
    """
)

# Single words, tried when no phrase begins with them.
LOOSE = one_of(
    r"""
    (?:to )?(?:you )?(?:all|both|everyone|everybody|guys|team|folks) | and | it | that | this | you | now | sir | madam
    """
)

# Written without blanks between words, so no end of a word is looked for.
THANKS_JOINED = one_of(
    r"""
    (?:どうも)?ありがとうございま(?:す|した) | (?:どうも)?ありがとう | 有難うございま(?:す|した) | 有り難うございま(?:す|した) | 感謝(?:いたします|します|申し上げます)
    御礼申し上げます | お礼申し上げます | 助かりました | 助かります
    (?:非常|十分|万分|太)?(?:感谢|感謝|谢谢|謝謝|多谢|多謝)(?:您|你|你们|您们|大家)?(?:了|啦|啊)? | 谢了 | 謝了 | 3q
    감사합니다 | 감사드립니다 | 고맙습니다 | 고마워요?
    """
)
BESIDE_JOINED = one_of(
    r"""
    お世話になっております | お世話になりました | お世話になります | お疲れ様です | いつも | 大変 | 本当に | 誠に | 早速の | 迅速な | ご対応(?:いただき)? | 対応(?:いただき)?
    ご返信(?:いただき)? | ご回答(?:いただき)? | ご連絡(?:いただき)? | ご支援 | ご協力 | ご教示(?:いただき)? | (?:問題)?解決(?:いたし|し)ました | (?:無事)?(?:正常に)?動(?:作し|き)ました | 使えるようになりました
    承知(?:いたし|し)ました | 了解(?:いたし|し)ました | 確認(?:いたし|し)ました | 今後とも(?:どうぞ)?(?:よろしく|宜しく)お願い(?:いたし|致し|し)ます | いただき | に | を
    您好 | 你好 | (?:您|你|你们|您)?的?(?:帮助|幫助|支持|回复|回覆|解答|耐心|协助|協助|及时回复|快速回复) | (?:问题|問題)?(?:已经|已經|已)?解决(?:了)? | (?:問題)?(?:已經|已)?解決(?:了)? | (?:现在|現在)?(?:已经|已經)?(?:可以|能|正常)(?:使用|工作|运行|用)?了? | 好的 | 好 | 收到 | 明白 | 非常 | 十分 | 辛苦了? | 祝好 | 顺祝商祺 | 此致 | 敬礼 | 再次 | 太好了 | 没问题了
    안녕하세요 | 안녕하십니까 | 정말 | 진짜 | 대단히 | 너무 | 덕분에 | (?:빠른 )?(?:도움|답변|답장|지원|대응)(?:에|을|을 주셔서)? | 주셔서 | 도와주셔서 | (?:문제가 |잘 )?해결(?:되었|됐)습니다 | (?:이제 )?잘 (?:됩니다|작동합니다) | 좋은 하루 (?:되세요|보내세요) | 수고하세요 | 수고하셨습니다 | 알겠습니다 | 드림
    """
)

EMOJI = "👍👌🙏❤♥💙💚💛💜🧡🤍💕💖😊🙂😀😃😄😁😆🤗😍🥰☺😇🎉💯✅✔👏🤝💪🙌🌹🌷🌸💐⭐🌟✨😉😎🥳🤩👊🫶💗🔝"

# A word that is no name wherever it stands.
NOT_A_NAME = frozenset(
    [
        "but",
        "however",
        "still",
        "not",
        "no",
        "again",
        "please",
        "problem",
        "error",
        "issue",
        "help",
        "why",
        "when",
        "where",
        "what",
        "how",
        "broken",
        "fails",
        "failed",
        "fail",
        "wrong",
        "missing",
        "urgent",
        "can",
        "could",
        "would",
        "will",
        "need",
        "want",
        "try",
        "test",
        "call",
        "reopen",
        "close",
        "cancel",
        "refund",
        "invoice",
        "order",
        "delivery",
        "order's",
        "aber",
        "jedoch",
        "noch",
        "nicht",
        "kein",
        "keine",
        "leider",
        "bitte",
        "fehler",
        "problem",
        "hilfe",
        "warum",
        "wann",
        "wo",
        "was",
        "wie",
        "kaputt",
        "fehlt",
        "rechnung",
        "mais",
        "encore",
        "pas",
        "aucun",
        "erreur",
        "probleme",
        "problème",
        "aide",
        "pourquoi",
        "quand",
        "facture",
        "pero",
        "aun",
        "aún",
        "todavia",
        "todavía",
        "no",
        "error",
        "problema",
        "ayuda",
        "factura",
        "ma",
        "però",
        "non",
        "errore",
        "aiuto",
        "fattura",
        "mas",
        "ainda",
        "não",
        "nao",
        "erro",
        "ajuda",
        "fatura",
        "maar",
        "nog",
        "niet",
        "geen",
        "fout",
        "hulp",
        "factuur",
        "ale",
        "jednak",
        "nie",
        "błąd",
        "men",
        "inte",
        "ikke",
        "fel",
        "feil",
        "fejl",
        "mutta",
        "ei",
        "virhe",
        "bohužel",
        "ne",
        "chyba",
        "de",
        "nem",
        "hiba",
        "dar",
        "nu",
        "eroare",
        "ama",
        "fakat",
        "değil",
        "hata",
        "но",
        "не",
        "ошибка",
        "але",
        "ні",
        "помилка",
        "attached",
        "attachment",
        "anbei",
        "anhang",
        "screenshot",
        "photo",
        "foto",
        "callback",
        "rückruf",
        "angehängt",
        "adjunto",
        "allegato",
        "same",
        "nothing",
        "offline",
        "online",
        "down",
        "yes",
    ]
)
