"""The built-in types and case types, and where a priority comes from when nobody has configured that."""

from __future__ import annotations

from maild.routing.built_in_reasons import split_words
from maild.routing.catalogue import Priorities, Sort

_WARRANTY = split_words(
    en="warranty claim | warranty claims | warranty case | warranty repair | claim under warranty | guarantee claim",
    de="garantiefall | garantiefälle | gewährleistungsfall | garantieanspruch | garantieansprüche"
    " | gewährleistungsanspruch | garantiereparatur | garantieantrag",
    fr="demande de garantie | demande sous garantie | réclamation sous garantie | prise en charge sous garantie",
    es="reclamación de garantía | reclamo de garantía | solicitud de garantía",
    it="richiesta di garanzia | reclamo in garanzia | intervento in garanzia | riparazione in garanzia",
    nl="garantieclaim | garantieaanvraag | garantiereparatie | beroep op garantie | beroep op de garantie",
    tr="garanti talebi | garanti başvurusu | garanti kapsamında onarım",
    ar="مطالبة بالضمان | مطالبة ضمان | طلب ضمان | طلب الضمان",
    zh="保修申请 | 申请保修 | 保修索赔 | 质保申请 | 申请质保",
)

BUILT_IN_TYPES = (
    Sort(
        name="incident",
        label={
            "en": "Incident",
            "de": "Störung",
            "fr": "Incident",
            "es": "Incidencia",
            "it": "Incidente",
            "nl": "Incident",
            "tr": "Olay",
            "ar": "حادث",
            "zh": "事件",
        },
        keywords=split_words(
            en="outage | outages | system is down | server is down | incident report | production is down"
            " | production has stopped | service interruption",
            de="störungsmeldung | totalausfall | systemausfall | serverausfall | produktionsausfall"
            " | anlage steht still",
            fr="panne générale | interruption de service | panne du serveur | signaler un incident",
            es="caída del sistema | caída del servidor | interrupción del servicio | reportar una incidencia",
            it="interruzione del servizio | guasto del sistema | segnalazione di guasto",
            nl="storingsmelding | systeemstoring | serverstoring | storing melden",
            tr="sistem çöktü | sunucu çöktü | hizmet kesintisi | arıza bildirimi",
            ar="تعطل النظام | انقطاع الخدمة | بلاغ عن عطل",
            zh="系统瘫痪 | 系统宕机 | 服务器宕机 | 服务中断 | 故障报告",
        ),
    ),
    Sort(
        name="service_request",
        label={
            "en": "Service request",
            "de": "Serviceanfrage",
            "fr": "Demande de service",
            "es": "Solicitud de servicio",
            "it": "Richiesta di servizio",
            "nl": "Serviceverzoek",
            "tr": "Hizmet talebi",
            "ar": "طلب خدمة",
            "zh": "服务请求",
        },
        keywords=split_words(
            en="service request | service requests | request a technician | request an engineer | maintenance visit"
            " | schedule a maintenance | book a maintenance",
            de="serviceanfrage | serviceauftrag | wartungsauftrag | wartungstermin | techniker anfordern"
            " | technikereinsatz",
            fr="demande de service | demande d'intervention | visite de maintenance | visite d'entretien",
            es="solicitud de servicio | solicitar un técnico | visita de mantenimiento",
            it="richiesta di servizio | richiesta di intervento | visita di manutenzione",
            nl="serviceverzoek | serviceaanvraag | onderhoudsbeurt | monteur aanvragen",
            tr="servis talebi | hizmet talebi | teknisyen talebi | bakım talebi",
            ar="طلب خدمة | طلب صيانة | طلب الصيانة | إرسال فني",
            zh="服务请求 | 维修申请 | 申请维修 | 上门维修 | 申请保养",
        ),
    ),
    Sort(
        name="warranty_claim",
        label={
            "en": "Warranty claim",
            "de": "Garantiefall",
            "fr": "Demande de garantie",
            "es": "Reclamación de garantía",
            "it": "Richiesta di garanzia",
            "nl": "Garantieclaim",
            "tr": "Garanti talebi",
            "ar": "مطالبة بالضمان",
            "zh": "保修申请",
        },
        keywords=_WARRANTY,
    ),
    Sort(
        name="information_request",
        label={
            "en": "Information request",
            "de": "Informationsanfrage",
            "fr": "Demande d'information",
            "es": "Solicitud de información",
            "it": "Richiesta di informazioni",
            "nl": "Informatieverzoek",
            "tr": "Bilgi talebi",
            "ar": "طلب معلومات",
            "zh": "信息咨询",
        },
        keywords=split_words(
            en="request for information | information request | request for a quote | request for quotation"
            " | price list | data sheet | datasheet",
            de="informationsanfrage | preisliste | datenblatt | angebotsanfrage | infomaterial | prospektanfrage",
            fr="demande d'information | demande d'informations | demande de renseignements | liste de prix"
            " | fiche technique | demande de devis",
            es="solicitud de información | lista de precios | ficha técnica | solicitud de presupuesto",
            it="richiesta di informazioni | richiesta informazioni | listino prezzi | scheda tecnica"
            " | richiesta di preventivo",
            nl="informatieaanvraag | informatieverzoek | prijslijst | offerteaanvraag",
            tr="bilgi talebi | fiyat listesi | teklif talebi",
            ar="طلب معلومات | قائمة الأسعار | طلب عرض سعر",
            zh="价格表 | 询价 | 报价单 | 技术资料",
        ),
    ),
)

# The names that the built-in service levels know as cases of service.
BUILT_IN_CASE_TYPES = (
    Sort(
        name="warranty",
        label={"en": "Warranty", "de": "Garantie", "fr": "Garantie", "es": "Garantía", "ar": "ضمان"},
        keywords=_WARRANTY,
        type="warranty_claim",
    ),
    Sort(
        name="damage",  # the keywords are those of the reason that brings this case type with it
        label={"en": "Damage", "de": "Schaden", "fr": "Dommage", "es": "Daño", "ar": "ضرر"},
    ),
    Sort(
        name="repair",
        label={"en": "Repair", "de": "Reparatur", "fr": "Réparation", "es": "Reparación", "ar": "إصلاح"},
        keywords=split_words(
            en="repair order | repair request | request a repair | needs repair | needs to be repaired"
            " | send it in for repair",
            de="reparaturauftrag | reparaturanfrage | zur reparatur | reparieren lassen | muss repariert werden",
            fr="demande de réparation | ordre de réparation | faire réparer | doit être réparé | doit être réparée",
            es="solicitud de reparación | orden de reparación | necesita reparación | hay que reparar",
            it="richiesta di riparazione | ordine di riparazione | deve essere riparato | deve essere riparata",
            nl="reparatieverzoek | reparatieopdracht | moet gerepareerd worden | laten repareren | ter reparatie",
            tr="onarım talebi | tamir talebi | onarılması gerekiyor | tamir edilmesi gerekiyor",
            ar="طلب إصلاح | طلب تصليح | يحتاج إلى إصلاح | تحتاج إلى إصلاح",
            zh="维修申请 | 申请维修 | 需要维修 | 需要修理 | 返修",
        ),
        type="service_request",
    ),
    Sort(
        name="complaint",
        label={"en": "Complaint", "de": "Beschwerde", "fr": "Réclamation", "es": "Queja", "ar": "شكوى"},
        keywords=split_words(
            en="formal complaint | make a complaint | file a complaint | lodge a complaint | letter of complaint"
            " | this is a complaint | i wish to complain | we wish to complain",
            de="beschwerdeschreiben | reklamation | mängelrüge | möchte mich beschweren | möchten uns beschweren"
            " | beschwere mich | beschweren uns",
            fr="lettre de réclamation | déposer une réclamation | porter plainte | faire une réclamation",
            es="presentar una queja | presentar una reclamación | queja formal | reclamación formal"
            " | hoja de reclamaciones",
            it="presentare un reclamo | reclamo formale | lettera di reclamo | voglio reclamare",
            nl="klacht indienen | formele klacht | officiële klacht | klachtbrief",
            tr="şikayette bulunmak | şikayet dilekçesi | resmi şikayet | şikayet ediyorum",
            ar="تقديم شكوى | أقدم شكوى | شكوى رسمية | أود أن أشتكي",
            zh="我要投诉 | 我们要投诉 | 正式投诉 | 投诉信",
        ),
    ),
)

BUILT_IN_PRIORITIES = Priorities(
    default="medium",
    importance={"high": "high", "low": "low"},
    # ITIL's table. It acts only when both are known: by keywords of one's own, or by rules.
    matrix={
        "high": {"high": "critical", "medium": "high", "low": "medium"},
        "medium": {"high": "high", "medium": "medium", "low": "low"},
        "low": {"high": "medium", "medium": "low", "low": "low"},
    },
)
