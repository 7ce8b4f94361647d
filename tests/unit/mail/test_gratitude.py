"""A mere thank-you is known, and everything that says more is left to people."""

from __future__ import annotations

import pytest

from maild.mail import Attachment, Mail, Reply, is_gratitude, is_mere_thanks, read_mail, reply_text

THANKS = [
    "Thanks",
    "thank you!",
    "Thanks a lot!!!",
    "Thx",
    "Many thanks, that worked.",
    "Thanks a lot, works now!",
    "Thank you so much for your quick help!",
    "Hi Anna,\n\nthank you very much, all good now.\n\nBest regards\nAnn Lee",
    "Hello,\n\nThanks for the quick response. It's working perfectly.\n\nKind regards,\nBob",
    "Perfect, thanks!",
    "Awesome. Thank you, Support Team",
    "Ok, thank you. Have a nice weekend!",
    "Much appreciated.\n\nCheers\nTom",
    "I really appreciate it. Thank you.",
    "Thanks — problem solved.",
    "thanks :-)",
    "Thank you Anna 🙏",
    "Got it, thanks",
    "Thanks again and all the best,\nAnn",
    "👍",
    "👍🏽",
    "❤️",
    "🙏🙏🙏",
    "Perfect 👍",
    "Danke!",
    "Vielen Dank für die schnelle Hilfe!",
    "Hallo,\n\nherzlichen Dank, es funktioniert jetzt wieder.\n\nMit freundlichen Grüßen\nMax Muster",
    "Super, danke. Klappt alles.",
    "Besten Dank, Problem gelöst. LG Eva",
    "Guten Tag Frau Lee, vielen Dank. Schönes Wochenende!",
    "Merci beaucoup !",
    "Bonjour,\nMerci pour votre aide, ça marche.\nCordialement\nJean Petit",
    "Un grand merci, tout fonctionne. Bonne journée",
    "¡Muchas gracias!",
    "Hola, gracias por su ayuda. Ya funciona.\nSaludos\nPepa",
    "Mil gracias, todo solucionado",
    "Grazie mille!",
    "Buongiorno, grazie per il supporto, ora funziona. Cordiali saluti, Gino",
    "Muito obrigado pela ajuda!",
    "Obrigada, resolvido. Abraços",
    "Hartelijk dank voor de snelle reactie!\n\nMet vriendelijke groet,\nJan",
    "Bedankt, het werkt weer.",
    "Dziękuję bardzo za pomoc. Pozdrawiam",
    "Dzięki, działa!",
    "Tack så mycket för hjälpen!",
    "Mange tak for hjælpen. God weekend",
    "Tusen takk!\nHilsen Kari",
    "Kiitos paljon avusta!",
    "Děkuji za pomoc, vše funguje.",
    "Köszönöm szépen a segítséget!",
    "Mulțumesc frumos pentru ajutor!",
    "Çok teşekkürler!",
    "Спасибо большое, всё работает!",
    "Здравствуйте! Спасибо за помощь. С уважением, Иван",
    "Дуже дякую за допомогу!",
    "ありがとうございます。",
    "お世話になっております。早速のご対応ありがとうございました。",
    "谢谢！",
    "非常感谢您的帮助，问题已解决。",
    "감사합니다!",
    "شكرا جزيلا",
    "👍\n\nAnn Lee reacted via Gmail",
    "Ann Lee reacted to your message: 👍",
]


@pytest.mark.parametrize("text", THANKS)
def test_a_mere_thank_you(text: str) -> None:
    assert is_mere_thanks(text)


MORE = [
    "",
    "   \n",
    "Thanks, but it still fails",
    "Thanks! Is it fixed?",
    "Thank you. When will it arrive",
    "Thanks, however the printer is offline",
    "Thanks in advance",
    "Thanks, please call me",
    "Thanks, one more thing",
    "Thanks. The invoice is wrong.",
    "Thanks, it works now. Please refund me.",
    "Thanks\nStill broken",
    "Thanks\nBroken Again",
    "Thanks.\nMy number is 555 1234",
    "Thanks, see https://shop.example/1",
    "Thanks for nothing",
    "Thanks for the late answer",
    "No thanks",
    "No, thank you.",
    "Not solved, thanks",
    "thanks for the refund that never came",
    "Thanks I will try tomorrow",
    "Thanks, I'll send it on Monday",
    "It does not work",
    "Hello",
    "Best regards\nAnn Lee",
    "Ann Lee",
    "ok",
    "works now",
    "Yes, thank you",
    "Thanks for being so slow",
    "We would appreciate your reply",
    "ご連絡ありがとうございます。ご対応よろしくお願いいたします。",
    "👎",
    "😡 thanks",
    "👍 but it fails",
    "Danke, aber es geht nicht",
    "Danke. Leider tritt der Fehler wieder auf.",
    "Danke, es funktioniert noch nicht",
    "Danke im Voraus",
    "Danke für die Rechnung, sie ist falsch",
    "Vielen Dank, wann kommt das Paket",
    "Merci, mais ça ne marche pas",
    "Merci de me rappeler",
    "Merci d'avance",
    "Gracias, pero no funciona",
    "Gracias, todavía no funciona",
    "Grazie, ma non funziona",
    "Grazie, quando arriva il pacco",
    "Obrigado, mas ainda não funciona",
    "Bedankt, maar het werkt nog niet",
    "Alvast bedankt",
    "Dziękuję, ale nie działa",
    "Tack, men det fungerar inte",
    "Tak, men det virker ikke",
    "Kiitos, mutta ei toimi",
    "Děkuji, ale nefunguje",
    "Köszönöm, de nem működik",
    "Mulțumesc, dar nu merge",
    "Teşekkürler ama çalışmıyor",
    "Спасибо, но не работает",
    "Дякую, але не працює",
    "ありがとうございます。まだ動きません。",
    "ありがとうございます。いつ届きますか？",
    "谢谢，但是还不行",
    "谢谢\n没用",
    "감사합니다. 아직 안 됩니다.",
    "شكرا لكن لا يعمل",
    "Ann Lee reacted to your message: 👎",
    "Ann reacted to your message by sending it back",
    "Thanks " * 200,
]


@pytest.mark.parametrize("text", MORE)
def test_what_says_more_is_no_mere_thank_you(text: str) -> None:
    assert not is_mere_thanks(text)


def test_a_signature_must_hold_the_name_of_the_sender() -> None:
    assert is_mere_thanks("thanks\nann", "Ann Lee")
    assert is_mere_thanks("Thanks\nAnn Lee\nExample Ltd", "Lee, Ann")
    assert not is_mere_thanks("Thanks\nCancel Everything", "Ann Lee")
    assert not is_mere_thanks("Thanks\nShip Tomorrow", "Ann Lee")


def test_a_mail_with_a_file_says_more() -> None:
    file = Attachment(name="log.txt", type="text/plain", size=1, sha256="", inline=False, part="2")
    assert is_gratitude(Mail(), Reply(text="Thanks!"))
    assert not is_gratitude(Mail(attachments=(file,)), Reply(text="Thanks!"))


def test_a_reaction_in_gmail() -> None:
    raw = (
        "From: Ann Lee <ann@example.org>\nSubject: Re: [#1] Printer\nMIME-Version: 1.0\n"
        "Content-Type: multipart/alternative; boundary=x\n\n"
        "--x\nContent-Type: text/plain; charset=utf-8\n\n👍\n\nAnn Lee reacted via Gmail\n"
        "<https://www.google.com/gmail/about/?utm_source=gmail-in-product>\n\n"
        "On Mon, Jan 4, 2027 at 10:00 Support <support@example.com> wrote:\n\n> It is done.\n"
        '--x\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{"emoji": "👍", "version": 1}\n'
        "--x--\n"
    )
    mail = read_mail(raw.encode())
    assert is_gratitude(mail, reply_text(mail))


@pytest.mark.parametrize(
    "unit", ["thanks ", "thank", "works now ", "it ", "a", "👍", "-", "für die ", "ありがとう", "\n"]
)
def test_long_texts_are_not_read(unit: str) -> None:
    assert not is_mere_thanks("x" + unit * 200_000)
