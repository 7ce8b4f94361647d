"""The built-in reason codes. Their keywords are precise rather than many: a wrong reason costs more than none.

Left out on purpose is what stands in mails about other things: "damage" (disclaimers: liable for any damage),
"does not work" (a date does not work for me),
"no longer works" (a colleague no longer works here), "no access" (to an account), "broken" (a link),
"wrong delivery" (address, date), "mauvaise pièce" and "manque une pièce" (pièce jointe, an attachment),
"teil fehlt" (the last part of a letter).
"""

from __future__ import annotations

from collections.abc import Mapping

from maild.routing.built_in_asks import EXPECTED, ON_SITE, ORDER, PART, PHOTO, READY_ON, SERIAL, SYMPTOM
from maild.routing.catalogue import BRANCH_MANAGER, Reason


def split_words(**by_language: str) -> Mapping[str, tuple[str, ...]]:
    """Language -> keywords, which are written with | between them."""
    return {
        language: tuple(word.strip() for word in words.split("|") if word.strip())
        for language, words in by_language.items()
    }


BUILT_IN_REASONS = (
    Reason(
        code="missing_part",
        label={
            "en": "Missing part",
            "de": "Fehlendes Teil",
            "fr": "Pièce manquante",
            "es": "Pieza faltante",
            "it": "Pezzo mancante",
            "nl": "Ontbrekend onderdeel",
            "tr": "Eksik parça",
            "ar": "قطعة ناقصة",
            "zh": "缺件",
        },
        keywords=split_words(
            en="missing part | missing parts | part is missing | parts are missing | part missing | parts missing"
            " | missing component | missing components | missing screws"
            " | missing from the box | missing from the package | missing from the delivery"
            " | missing from the shipment | incomplete delivery | incomplete shipment | delivery was incomplete",
            de="fehlteil* | fehlendes teil | fehlende teile | fehlendes ersatzteil | fehlende ersatzteile"
            " | ein teil fehlt | das teil fehlt | ersatzteil fehlt | teile fehlen | fehlt ein teil"
            " | fehlen teile | schrauben fehlen"
            " | unvollständige lieferung | lieferung ist unvollständig | lieferung war unvollständig",
            fr="pièce manquante | pièce détachée manquante | pièces détachées manquantes"
            " | pièces manquantes dans le colis"
            " | pièces manquantes à la livraison | pièce manque | pièces manquent | manque une pièce dans le colis"
            " | manque une pièce dans la livraison | manque une pièce détachée | manque des pièces dans le colis"
            " | manque des pièces dans la livraison | manque des pièces détachées | livraison incomplète"
            " | colis incomplet",
            es="pieza faltante | piezas faltantes | falta una pieza | faltan piezas | falta la pieza"
            " | entrega incompleta | envío incompleto | pedido incompleto",
            it="pezzo mancante | pezzi mancanti | manca un pezzo | mancano dei pezzi"
            " | mancano pezzi | consegna incompleta",
            nl="ontbrekend onderdeel | ontbrekende onderdelen | onderdeel ontbreekt | onderdelen ontbreken"
            " | ontbreekt een onderdeel | onvolledige levering | levering is onvolledig",
            tr="eksik parça | eksik parçalar | parça eksik | parçalar eksik | eksik teslimat",
            ar="قطعة ناقصة | قطع ناقصة | القطعة الناقصة | القطع الناقصة | قطعة مفقودة | قطع مفقودة | القطعة المفقودة"
            " | جزء مفقود | الجزء المفقود",
            zh="缺件 | 缺少零件 | 缺少配件 | 零件缺失 | 配件缺失 | 少了零件 | 少了配件",
        ),
        team="purchasing",
        asks=(ORDER, PART),
    ),
    Reason(
        code="wrong_item",
        label={
            "en": "Wrong item",
            "de": "Falscher Artikel",
            "fr": "Mauvais article",
            "es": "Artículo equivocado",
            "it": "Articolo sbagliato",
            "nl": "Verkeerd artikel",
            "tr": "Yanlış ürün",
            "ar": "منتج خاطئ",
            "zh": "发错货",
        },
        keywords=split_words(
            en="wrong item | wrong items | wrong parts | wrong spare part | received the wrong part"
            " | received the wrong article | received the wrong product | received the wrong products"
            " | sent the wrong product | sent me the wrong product | sent us the wrong product"
            " | sent me the wrong article | sent us the wrong article | wrong article delivered"
            " | wrong product delivered"
            " | wrong goods | received a wrong delivery | received the wrong delivery | received an incorrect item"
            " | received incorrect items | received an incorrect part | received an incorrect product"
            " | not what i ordered | not what we ordered | delivered the wrong",
            de="falschlieferung* | falscher artikel | falschen artikel | falsches teil | falsche teile"
            " | falsches produkt | falsche ware | falsch geliefert | nicht was ich bestellt habe"
            " | nicht was wir bestellt haben | nicht das bestellt*",
            fr="mauvais article | mauvais produit | mauvaise pièce détachée | mauvaises pièces détachées"
            " | mauvaise pièce de rechange | livré la mauvaise pièce | livré une mauvaise pièce | mauvaise pièce livrée"
            " | livré les mauvaises pièces"
            " | article erroné | pas ce que j'ai commandé | pas ce que nous avons commandé",
            es="artículo equivocado | artículo incorrecto | producto equivocado | producto incorrecto"
            " | pieza equivocada | pieza incorrecta | no es lo que pedí | no es lo que pedimos",
            it="articolo sbagliato | articolo errato | prodotto sbagliato | prodotto errato | pezzo sbagliato"
            " | pezzo errato | non è quello che ho ordinato | non è quello che abbiamo ordinato",
            nl="verkeerd artikel | verkeerde artikel | verkeerd product | verkeerde product | verkeerd onderdeel"
            " | verkeerde onderdelen | verkeerd geleverd | niet wat ik heb besteld | niet wat wij hebben besteld",
            tr="yanlış ürün | yanlış parça | yanlış malzeme | hatalı gönderim | yanlış teslimat",
            ar="منتج خاطئ | المنتج الخاطئ | قطعة خاطئة | القطعة الخاطئة | صنف خاطئ | الصنف الخاطئ",
            zh="发错货 | 发错了货 | 发错商品 | 错发 | 收到错误的商品 | 不是我订的 | 不是我们订的",
        ),
        team="warehouse",
        asks=(ORDER, EXPECTED, PHOTO),
    ),
    Reason(
        code="site_not_ready",
        label={
            "en": "Site not ready",
            "de": "Baustelle nicht bereit",
            "fr": "Site pas prêt",
            "es": "Obra no preparada",
            "it": "Sito non pronto",
            "nl": "Locatie niet gereed",
            "tr": "Saha hazır değil",
            "ar": "الموقع غير جاهز",
            "zh": "现场未就绪",
        },
        keywords=split_words(
            en="site not ready | site is not ready | site isn't ready | site not yet ready | site is not yet ready"
            " | site was not ready | site will not be ready | site won't be ready | not ready for installation"
            " | not ready for the installation | foundation is not ready | construction is delayed",
            de="baustelle nicht bereit | baustelle ist nicht bereit | baustelle ist noch nicht"
            " | baustelle noch nicht fertig | baustelle nicht fertig | fundament ist noch nicht | fundament fehlt noch"
            " | bauverzögerung* | nicht bereit für die montage | nicht bereit für die installation",
            fr="site pas prêt | site n'est pas prêt | chantier pas prêt | chantier n'est pas prêt"
            " | chantier n'est pas encore prêt | retard de chantier",
            es="obra no está lista | obra no está preparada | obra todavía no está | obra aún no está"
            " | sitio no está listo | obra no preparada | retraso de la obra",
            it="sito non è pronto | sito non pronto | cantiere non è pronto | cantiere non pronto"
            " | cantiere non è ancora pronto | ritardo del cantiere",
            nl="locatie niet gereed | locatie is niet gereed | locatie is niet klaar | locatie is nog niet"
            " | bouwplaats niet gereed | bouwplaats is niet klaar | bouwplaats is nog niet",
            tr="saha hazır değil | şantiye hazır değil | saha henüz hazır değil | şantiye henüz hazır değil",
            ar="الموقع غير جاهز | الموقع ليس جاهز* | الموقع لم يجهز | الموقع غير مهيأ",
            zh="现场未就绪 | 现场尚未就绪 | 现场还没准备好 | 现场没有准备好 | 工地未就绪 | 工地还没准备好",
        ),
        team=BRANCH_MANAGER,
        asks=(READY_ON, ON_SITE),
    ),
    Reason(
        code="access_issue",
        label={
            "en": "No access to the site",
            "de": "Kein Zugang zum Einsatzort",
            "fr": "Pas d'accès au site",
            "es": "Sin acceso a la obra",
            "it": "Accesso al sito impossibile",
            "nl": "Geen toegang tot de locatie",
            "tr": "Sahaya erişim yok",
            "ar": "تعذر الوصول إلى الموقع",
            "zh": "无法进入现场",
        },
        keywords=split_words(
            en="no access to the building | no access to the premises | no access to the property"
            " | no access to the construction site | access to the premises was | could not get into the building"
            " | could not enter the building | could not enter the premises | gate was locked | gate is locked"
            " | door was locked | nobody was there to let | no one was there to let | access road is blocked"
            " | access road was blocked | driveway is blocked",
            de="kein zugang zum gebäude | keinen zugang zum gebäude | kein zugang zur baustelle"
            " | keinen zugang zur baustelle | kein zutritt zum gebäude | keinen zutritt zum gebäude"
            " | tor war verschlossen | tor ist verschlossen | tür war verschlossen | zufahrt ist versperrt"
            " | zufahrt war versperrt | zufahrt ist blockiert | zufahrt war blockiert",
            fr="pas d'accès au bâtiment | pas accès au bâtiment | pas d'accès au chantier | pas accès au chantier"
            " | accès au chantier impossible | portail était fermé | porte était fermée à clé",
            es="sin acceso al edificio | sin acceso a la obra | no hay acceso al edificio | no hay acceso a la obra"
            " | no pudimos entrar al edificio | puerta estaba cerrada con llave | portón estaba cerrado",
            it="nessun accesso all'edificio | nessun accesso al cantiere | accesso al cantiere impossibile"
            " | cancello era chiuso | porta era chiusa a chiave",
            nl="geen toegang tot het gebouw | geen toegang tot de bouwplaats | geen toegang tot het terrein"
            " | poort was gesloten | poort was op slot | deur was op slot",
            tr="binaya giremedik | binaya girilemedi | şantiyeye giremedik | şantiyeye girilemedi | sahaya giremedik"
            " | kapı kilitliydi",
            ar="تعذر الدخول إلى المبنى | لم نتمكن من دخول المبنى | لم نتمكن من الدخول إلى المبنى"
            " | لم نتمكن من الدخول إلى الموقع | البوابة مغلقة | البوابة كانت مغلقة",
            zh="无法进入大楼 | 无法进入工地 | 无法进入现场 | 进不去工地 | 大门锁着 | 门被锁住",
        ),
        team=BRANCH_MANAGER,
        asks=(ON_SITE,),
    ),
    Reason(
        code="damage",
        label={
            "en": "Damaged",
            "de": "Beschädigt",
            "fr": "Endommagé",
            "es": "Dañado",
            "it": "Danneggiato",
            "nl": "Beschadigd",
            "tr": "Hasarlı",
            "ar": "تالف",
            "zh": "损坏",
        },
        keywords=split_words(
            en="arrived damaged | arrived broken | was damaged | were damaged | is damaged | are damaged"
            " | damaged in transit | damaged in transport | damaged on arrival | damaged during | damaged goods"
            " | damaged item | damaged items | damaged parcel | damaged package | damaged packaging | damaged delivery"
            " | transport damage | shipping damage | freight damage | damage report",
            de="transportschaden | transportschäden | beschädigt angekommen | beschädigt geliefert | ist beschädigt"
            " | sind beschädigt | war beschädigt | waren beschädigt | wurde beschädigt | wurden beschädigt"
            " | beschädigte ware | beschädigte lieferung | beschädigte verpackung | beschädigtes paket"
            " | schadensmeldung* | kaputt angekommen | kam beschädigt an | kamen beschädigt an",
            fr="est endommagé | est endommagée | sont endommagés | sont endommagées | arrivé endommagé"
            " | arrivée endommagée | colis endommagé | arrivé cassé | arrivée cassée | avarie de transport"
            " | dommage de transport | dégâts de transport | abîmé pendant le transport",
            es="llegó dañado | llegó dañada | llegaron dañados | llegaron dañadas | está dañado | está dañada"
            " | están dañados | están dañadas | llegó roto | llegó rota | daño de transporte | daños de transporte"
            " | paquete dañado | dañado en el transporte",
            it="arrivato danneggiato | arrivata danneggiata | è danneggiato | è danneggiata | sono danneggiati"
            " | sono danneggiate | danno da trasporto | danni da trasporto | arrivato rotto | arrivata rotta"
            " | pacco danneggiato",
            nl="beschadigd aangekomen | beschadigd geleverd | is beschadigd | zijn beschadigd | was beschadigd"
            " | transportschade | kapot aangekomen | beschadigde verpakking | beschadigd pakket",
            tr="hasarlı geldi | hasarlı ulaştı | hasarlı teslim | hasarlı ürün | hasarlı paket | nakliye hasarı"
            " | kırık geldi | taşıma hasarı",
            ar="وصل تالف* | وصلت تالفة | وصل مكسور* | وصلت مكسورة | تضرر أثناء النقل | تضررت أثناء النقل"
            " | أضرار النقل | البضاعة تالفة | المنتج تالف",
            zh="运输损坏 | 到货损坏 | 收到时已损坏 | 收到时已经损坏 | 包装破损 | 货物损坏 | 货损 | 运输途中损坏",
        ),
        team="support",
        case_type="damage",
        asks=(ORDER, PHOTO),
    ),
    Reason(
        code="defect",
        label={
            "en": "Defect",
            "de": "Defekt",
            "fr": "Défaut",
            "es": "Defecto",
            "it": "Difetto",
            "nl": "Defect",
            "tr": "Arıza",
            "ar": "عطل",
            "zh": "故障",
        },
        keywords=split_words(
            en="defective | is faulty | are faulty | was faulty | faulty unit | faulty device | faulty parts"
            " | has stopped working | have stopped working | it stopped working | device stopped working"
            " | machine stopped working | unit stopped working | pump stopped working | suddenly stopped working"
            " | has broken down | it broke down | device broke down | machine broke down | malfunction*"
            " | manufacturing defect",
            de="ist defekt | sind defekt | war defekt | defektes gerät | defekte geräte | defektes teil | defekte teile"
            " | funktioniert nicht mehr | geht nicht mehr an | ist kaputt | kaputtgegangen | kaputt gegangen"
            " | fehlfunktion* | materialfehler | fabrikationsfehler | produktionsfehler",
            fr="défectueux | défectueuse | défectueuses | ne fonctionne plus | ne marche plus | est en panne"
            " | sont en panne | tombé en panne | tombée en panne | vice de fabrication | défaut de fabrication",
            es="defectuoso | defectuosa | defectuosos | defectuosas | dejó de funcionar | ya no funciona"
            " | está averiado | está averiada | se ha averiado | se averió | defecto de fabricación",
            it="difettoso | difettosa | difettosi | difettose | non funziona più | ha smesso di funzionare | è guasto"
            " | è guasta | si è guastato | si è guastata | difetto di fabbricazione",
            nl="is defect | zijn defect | was defect | defecte onderdelen | defect apparaat"
            " | doet het niet meer | kapot gegaan | fabricagefout | productiefout",
            tr="arızalı | arızalandı | cihaz bozuldu | makine bozuldu | çalışmayı durdurdu | üretim hatası",
            ar="الجهاز معطل | الجهاز لا يعمل | توقف عن العمل | توقفت عن العمل | عيب تصنيع | عيب في التصنيع"
            " | الجهاز تعطل | تعطل الجهاز",
            zh="出现故障 | 发生故障 | 设备故障 | 机器故障 | 不能工作了 | 质量缺陷 | 制造缺陷",
        ),
        team="support",
        asks=(SERIAL, SYMPTOM),
    ),
    Reason(
        code="other",  # for whoever names it; a mail of which nobody knows the reason has none
        label={
            "en": "Other",
            "de": "Sonstiges",
            "fr": "Autre",
            "es": "Otro",
            "it": "Altro",
            "nl": "Overig",
            "tr": "Diğer",
            "ar": "أخرى",
            "zh": "其他",
        },
        team="support",
    ),
)
