"""Where mutations begin: mails of many programs, and what is known to have broken a parser somewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from maild.testing.mails import new_mail
from maild.testing.tnef import tnef

_ROOT = Path(__file__).parent.parent
_FOLDERS = (_ROOT / "tests/golden/mails", _ROOT.parent / "shared/corpus/mails", Path("corpus/mails"))
_LONGEST = 64 * 1024  # bytes: a longer one would make every mutation of it slow

# In the order of RELIABILITY §6.1 to §6.3, at a size that a mutation can grow.
_BROKEN = (
    b"", b"\n", b"\r\n\r\n", b"From x\n", b"Subject: x", b"From: a@b.example\n\nx",
    b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 40,
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(60)),
    b"Content-Type: message/rfc822\n\n" * 60, b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200,
    b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n--b--\n--b\n\ny",
    b"Content-Type: multipart/mixed\n\n--\nx\n----\n",
    b'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n----\n',
    b"Content-Type: text/plain" + b";" * 400 + b"\n\nx", b"Content-Type: text/plain" + b"; a=b" * 200 + b"\n\nx",
    b"Content-Type: text/plain; charset=\"a\0b\"\n\nx", b"Content-Type: text/plain; charset=zlib\n\nx",
    b"Content-Type: text/plain; charset=idna\n\n\xff", b"Content-Type: text/plain; charset=utf-16\n\n\xd8\0\xd8",
    b"Content-Type: text/plain; charset=utf-7\n\n+AGE-+!",
    b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B-!\x1b(",
    b"Content-Type: text/plain; name*0*=utf-8''%C3; name*1*=%BC; name*9=x\n\nx",
    b"Content-Type: application/x; name=\"../../etc/passwd\0.txt\"\nContent-Disposition: attachment\n\nx",
    b"Content-Disposition: attachment; filename=\"=?utf-8?q?a=0d=0aB:_c?=.exe\"\n\nMZ",
    b"To: " + b"," * 500 + b"\n\nx", b"To: " + b"(" * 500 + b"\n\nx", b"To: " + b"a." * 300 + b"\n\nx",
    b"To: " + b"=?utf-8?q?a?= " * 100 + b"<a@b.example>\n\nx", b"To: a:b@c.example,d@e.example;;,\n\nx",
    b"From: a@b.example\nFrom: c@d.example\nSubject: x\nSubject: y\n\nx", b"From: a@b.example, c@d.example\n\nx",
    b"Subject: =?utf-8?q?a=0d=0aBcc:_v=40x.example?=\n\nx", b"Subject: " + b"=?utf-8?b?YQ==?= " * 200 + b"\n\nx",
    b"Subject: =?utf-8*en?q?a?= =?iso-2022-jp?b?GyRCLSEbKEI=?=\n\nx", b"Subject: " + b"word " * 2000 + b"\n\nx",
    b"Message-ID: <>\nReferences: <<<<\nIn-Reply-To: <a b@c> <d\n\nx", b"Message-ID: " + b"x" * 5000 + b"\n\nx",
    b"Date: Mon, 1 Jan 2024 00:00:00 +" + b"9" * 400 + b"\n\nx", b"Date: 99 Foo -1 99:99:99 A\n\nx",
    b"X: y\n" * 300 + b"\nx", b"x" * 3000 + b"\n\nx", b" continued\nSubject: x\n\nx", b"Received: x\n" * 60 + b"\nx",
    b"Content-Transfer-Encoding: base64\n\n!!!QUI=====QUI\n=",
    b"Content-Transfer-Encoding: quoted-printable\n\n=\r\n=4=3D=",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 ../a\n#0V%T\n`\nend\n", b"begin 644 a\n#0V%T\n`\nend\nx",
    b"Content-Type: text/plain; format=flowed; delsp=yes\n\n> a \n> b \nc \n-- \nd",
    b"Content-Type: text/enriched\n\n<bold>a</bold><<b>", b"Subject: x\n\n" + b"\n" * 3000 + b"x",
    b"Subject: Re: x\n\n" + b"On " * 900,
    b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n\n--b--",
)  # fmt: skip
_HTML = (
    "<p>Hello</p><blockquote type=cite>quoted</blockquote>",
    "<div class=gmail_quote>On x wrote:<blockquote>q</blockquote></div>",
    "<div>own</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg><b>From:</b> a<br><b>Sent:</b> b</div>old",
    "<ul><li><ul><li>x</ul></ul>", "<table><tr><td>a<td>b<table><tr><td>c</table></table>",
    "<pre>a\n b</pre><!-- c -->", "<![CDATA[x]]><![endif]><!x><?y?>", "&lt;&#0;&#x110000;&nbsp;&notanentity;&amp",
    "<script>x</script><style>y</style><svg onload=z>",
    "<a href='javascript:x'>y</a><img src=cid:one@x alt=\"#close\">",
    "<div style='display:none'>#close resolved</div>visible",
    "<div dir=rtl>\u202e\u0645\u0631\u062d\u0628\u0627</div>", "<p>a<br><br>b</p>" * 20, "<div>" * 60 + "x",
    "</p>" * 60 + "<a " * 20,
)  # fmt: skip


@cache
def mails() -> tuple[bytes, ...]:
    """Golden mails, the shared corpus where it is, mails of the test kit, and broken ones."""
    found = [path.read_bytes() for folder in _FOLDERS if folder.is_dir() for path in sorted(folder.glob("*.eml"))]
    made = [
        new_mail("Hello.\n\nOn 3 May 2024, Kim <kim@x.example> wrote:\n> old\n> words\n", subject="Re: [#1] x"),
        new_mail(
            "see file", files=[("a.txt", "text/plain", b"text"), ("b.zip", "application/zip", b"PK\3\4" + bytes(99))]
        ),
        new_mail("see file", files=[("winmail.dat", "application/ms-tnef", tnef({0x1000: "text"}))]),
        new_mail("x", headers={"Authentication-Results": "mx.desk.example; dmarc=pass header.from=customer.example"}),
        *(new_mail("text", html=html) for html in _HTML),
        *(b"Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n" + html.encode() for html in _HTML),
    ]
    return (*(raw for raw in found if len(raw) <= _LONGEST), *made, *_BROKEN)


def texts() -> list[bytes]:
    """Texts as they stand in mails: the bodies of those of the corpus."""
    return [raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2] for raw in mails()]
