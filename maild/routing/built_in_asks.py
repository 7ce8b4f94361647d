"""What the built-in reasons ask from a customer. Each text goes on from "please send us"."""

from __future__ import annotations

from maild.routing.catalogue import Asked

ORDER = Asked(
    unless="order",
    text={
        "en": "your order number",
        "de": "Ihre Bestellnummer",
        "fr": "votre numéro de commande",
        "es": "su número de pedido",
        "it": "il numero dell'ordine",
        "nl": "uw bestelnummer",
        "tr": "sipariş numaranız",
        "ar": "رقم الطلب",
        "zh": "您的订单号",
    },
)
SERIAL = Asked(
    unless="serial",
    text={
        "en": "the serial number of the device",
        "de": "die Seriennummer des Geräts",
        "fr": "le numéro de série de l'appareil",
        "es": "el número de serie del aparato",
        "it": "il numero di serie dell'apparecchio",
        "nl": "het serienummer van het apparaat",
        "tr": "cihazın seri numarası",
        "ar": "الرقم التسلسلي للجهاز",
        "zh": "设备的序列号",
    },
)
PART = Asked(
    text={
        "en": "which part is missing, with its number if you know it",
        "de": "welches Teil fehlt, wenn möglich mit Teilenummer",
        "fr": "quelle pièce manque, avec sa référence si vous la connaissez",
        "es": "qué pieza falta, con su referencia si la conoce",
        "it": "quale pezzo manca, con il codice se lo conosce",
        "nl": "welk onderdeel ontbreekt, met het nummer als u dat weet",
        "tr": "hangi parçanın eksik olduğu ve biliyorsanız parça numarası",
        "ar": "ما هي القطعة الناقصة، مع رقمها إن كنت تعرفه",
        "zh": "缺少哪个零件，如果知道请注明零件号",
    },
)
EXPECTED = Asked(
    text={
        "en": "what you ordered and what arrived instead",
        "de": "was Sie bestellt haben und was stattdessen ankam",
        "fr": "ce que vous avez commandé et ce qui est arrivé à la place",
        "es": "qué pidió y qué llegó en su lugar",
        "it": "che cosa ha ordinato e che cosa è arrivato invece",
        "nl": "wat u hebt besteld en wat er in plaats daarvan is aangekomen",
        "tr": "ne sipariş ettiğiniz ve onun yerine ne geldiği",
        "ar": "ما الذي طلبته وما الذي وصلك بدلاً منه",
        "zh": "您订购的是什么，实际收到的是什么",
    },
)
PHOTO = Asked(
    unless="attachment",
    text={
        "en": "a photo of it",
        "de": "ein Foto davon",
        "fr": "une photo",
        "es": "una foto",
        "it": "una foto",
        "nl": "een foto ervan",
        "tr": "bir fotoğraf",
        "ar": "صورة توضح ذلك",
        "zh": "一张照片",
    },
)
READY_ON = Asked(
    text={
        "en": "the day on which the site will be ready",
        "de": "der Tag, an dem die Baustelle bereit sein wird",
        "fr": "la date à laquelle le site sera prêt",
        "es": "la fecha en que el lugar estará listo",
        "it": "il giorno in cui il sito sarà pronto",
        "nl": "de dag waarop de locatie klaar is",
        "tr": "sahanın hazır olacağı tarih",
        "ar": "التاريخ الذي سيكون فيه الموقع جاهزاً",
        "zh": "现场准备就绪的日期",
    },
)
ON_SITE = Asked(
    text={
        "en": "the name and telephone number of somebody on site",
        "de": "Name und Telefonnummer einer Person vor Ort",
        "fr": "le nom et le téléphone d'une personne sur place",
        "es": "el nombre y el teléfono de alguien en el lugar",
        "it": "nome e telefono di una persona sul posto",
        "nl": "naam en telefoonnummer van iemand ter plaatse",
        "tr": "sahadaki bir kişinin adı ve telefon numarası",
        "ar": "اسم ورقم هاتف شخص في الموقع",
        "zh": "现场联系人的姓名和电话",
    },
)
SYMPTOM = Asked(
    text={
        "en": "what happens, and since when",
        "de": "was passiert, und seit wann",
        "fr": "ce qui se passe, et depuis quand",
        "es": "qué ocurre y desde cuándo",
        "it": "che cosa succede, e da quando",
        "nl": "wat er gebeurt, en sinds wanneer",
        "tr": "ne olduğu ve ne zamandan beri olduğu",
        "ar": "ماذا يحدث ومنذ متى",
        "zh": "出现什么现象，从什么时候开始",
    },
)
