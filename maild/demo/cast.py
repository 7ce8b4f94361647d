"""Who plays in the demo, and what they write."""

from __future__ import annotations

from maild.mail.model import Address

DESK_NAME = "Nordlicht Support"
SUPPORT = Address(DESK_NAME, "support@nordlicht.example")
AGENT = Address("Anna Berg", "anna.berg@private.example")
ADMIN = Address("", "admin@nordlicht.example")
CUSTOMER = Address("Jörg Müßig", "joerg.muessig@kunde.example")
SHOP = Address("Zoë Löwenherz", "zoe@solarladen.example")
LAWYER = Address("Łukasz Żółć", "lukasz@kancelaria.example")

SUBJECT = "Wärmepumpe meldet Störung E7"
QUESTION = """\
Hello,

since Tuesday my Wärmepumpe "Brise 5" in Köln-Süd stops with Störung E7.
I have attached its Protokoll. What shall I do?

Viele Grüße
Jörg Müßig
"""
FILE_NAME = "Störungsprotokoll.csv"
FILE = "Zeit;Gerät;Meldung\n07:12;Brise 5;E7 Vorlauffühler\n07:45;Brise 5;E7 Vorlauffühler\n".encode()

ANSWER = """\
Hello Mr Müßig,

E7 is the flow sensor. Please tell me the number on the plate inside the door.
"""
SERIAL = "Grüß Gott, the number is BR5-20417-Ö."
HOLD = """\
#hold waiting for the spare part

Thank you! The new sensor is ordered and will be with you in three days.
"""
ARRIVED = "The sensor has just arrived. How do I fit it?"
FITTING = """\
Turn the pump off, pull the blue plug, change the sensor, and turn it on again.
"""
AWAY = "I am out of the office until Monday and read no mail. Bin im Urlaub, schöne Grüße!"
MAILBOX_FULL = "552 5.2.2 <joerg.muessig@kunde.example>: mailbox is full"
SOLVED = """\
#resolve resolved

We have just spoken on the phone: the pump runs again. All the best!
"""

ORDER_SUBJECT = "Bestellung 4711: Größe XL statt L"
ORDER = "Please change my order 4711 to size XL. Danke schön!"

BROKEN_SUBJECT = "WG: WG: WG: Gutachten für Köln"
BROKEN = "The report is in here, somewhere."
DEPTH = 80  # the limit is 50 (MAIL.md §7)

NAMES = {each.address: each.name or each.address for each in (SUPPORT, AGENT, ADMIN, CUSTOMER, SHOP, LAWYER)}
