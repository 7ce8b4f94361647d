"""Knows the providers where anybody gets an address: such a domain says nothing of who somebody works for."""

from __future__ import annotations

_DOMAINS = """
    126.com 163.com abv.bg alice.it aol.com aol.de arcor.de att.net bigpond.com bk.ru bluewin.ch bol.com.br bt.com
    btinternet.com centrum.cz charter.net comcast.net cox.net daum.net docomo.ne.jp duck.com earthlink.net email.com
    email.cz email.de ezweb.ne.jp fastmail.com fastmail.fm foxmail.com free.fr freemail.hu freenet.de gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.de
    hotmail.es hotmail.fr hotmail.it hushmail.com i.ua icloud.com inbox.com inbox.ru interia.pl laposte.net
    libero.it list.ru live.co.uk live.com live.de live.fr live.nl mac.com mail.bg mail.com mail.de mail.ru
    mailbox.org me.com msn.com naver.com neuf.fr o2.pl onet.pl online.de op.pl orange.fr outlook.com outlook.de
    outlook.es outlook.fr outlook.it pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com rambler.ru
    rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr sina.com sky.com softbank.ne.jp t-online.de
    talktalk.net telenet.be telia.com terra.com.br tiscali.it tuta.com tutanota.com ukr.net uol.com.br verizon.net
    vip.qq.com virgilio.it virgin.net virginmedia.com wanadoo.fr web.de wp.pl xs4all.nl ya.ru yahoo.ca yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net
    ymail.com ziggo.nl zoho.com
"""
FREE_MAIL = frozenset(_DOMAINS.split())


def is_free_mail(domain: str) -> bool:
    """Whether strangers to each other have addresses in this domain."""
    return domain.lower().rstrip(".") in FREE_MAIL
