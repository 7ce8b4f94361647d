"""What real mail does to words, one line each: charsets, headers, names, bodies, files."""

from __future__ import annotations

import base64

import pytest

from maild.mail import Mail, attachment_bytes, read_mail
from maild.mail.charsets import codec_for


def mail(content_type: str, body: bytes, encoding: str = "8bit", more: str = "") -> Mail:
    head = f"From: a@b.example\n{more}Content-Type: {content_type}\nContent-Transfer-Encoding: {encoding}\n\n"
    return read_mail(head.encode("utf-8", "surrogateescape") + body)


def parts(*each: str, kind: str = "mixed") -> Mail:
    body = "".join(f"--x\n{part}\n" for part in each)
    return read_mail(f"From: a@b.example\nContent-Type: multipart/{kind}; boundary=x\n\n{body}--x--\n".encode())


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("gb2312", "朱镕基".encode("gb18030"), "朱镕基"),
        ("x-gbk", "中".encode("gbk"), "中"),
        ("gb-18030", "中".encode("gb18030"), "中"),
        ("cn-big5", "中".encode("big5"), "中"),
        ("ks_c_5601-1987", "똠".encode("cp949"), "똠"),
        ("iso-2022-jp", b"\x1b$B-!-j\x1b(B ok", "①㈱ ok"),
        ("euc-jp", b"\xad\xa1\xad\xea", "①㈱"),
        ("x-sjis", "日本".encode("cp932"), "日本"),
        ("iso-2022-kr", "한글".encode("iso2022_kr"), "한글"),
        ("hz-gb-2312", b"~{VPND~} ok", "中文 ok"),
        ("iso-8859-1", b"\x93x\x94 \x80", "“x” €"),
        ("iso-8859-8-i", "שלום".encode("cp1255"), "שלום"),
        ("iso-8859-15", b"\xa4", "€"),
        ("koi8-u", "Їжа".encode("koi8_u"), "Їжа"),
        ("cp-850", "ü".encode("cp850"), "ü"),
        ("win-1251", "Ж".encode("cp1251"), "Ж"),
        ("x-mac-cyrillic", "Ж".encode("mac_cyrillic"), "Ж"),
        ("'utf-8'", "ü".encode(), "ü"),
        ('"utf-8; format=flowed"', "ü".encode(), "ü"),
        ("utf8mb4", "😀".encode(), "😀"),
        ("utf-8", b"a \xed\xa0\xbd\xed\xb8\x80 b", "a 😀 b"),
        ("utf-7", b"M+APw-ller +- +ImA-", "Müller + ≠"),
        ("utf-16", "hällo".encode("utf-16"), "hällo"),
        ("utf-16", "hällo".encode("utf-16-le"), "hällo"),
        ("utf-16", "hällo".encode("utf-16-be"), "hällo"),
        # labels that lie
        ("us-ascii", "ü€".encode(), "ü€"),
        ("us-ascii", "ü".encode("latin-1"), "ü"),
        ("iso-8859-1", "Grüße für Übung".encode(), "Grüße für Übung"),
        ("windows-1251", "мир".encode(), "мир"),
        ("shift_jis", "日本語のメール".encode(), "日本語のメール"),
        ("utf-8", "übel für Grüße".encode("latin-1"), "übel für Grüße"),
        ("utf-8", "übel ".encode() + b"\xff", "übel \ufffd"),
        ("utf-16", b"hello there", "hello there"),
        ("x-unknown", "ü".encode(), "ü"),
        ("x-unknown", "ü".encode("latin-1"), "ü"),
        ("hex", b"41", "41"),
    ],
)
def test_charsets_of_bodies(charset: str, data: bytes, text: str) -> None:
    assert mail(f"text/plain; charset={charset}", data).text == text


@pytest.mark.parametrize("label", ["", "hex", "rot13", "idna", "undefined", "unicode_escape", "\0", "x" * 99])
def test_labels_that_name_no_charset(label: str) -> None:
    assert codec_for(label) is None


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?B?w4==?= =?utf-8?B?vGJlcg==?=", "über"),  # cut inside a character, each padded
        ("=?utf-8?B?w7x?= =?utf-8?B?iZXI=?=", "über"),  # cut inside four digits, the last one padded
        ("=?utf-8?B?w4?= =?utf-8?B?vGJlcg==?=", "über"),  # cut inside a character, padding left out
        ("=?utf-8?Q?=C3?=\n =?UTF-8?B?vGJlcg==?=", "über"),
        ("=?utf-8*de?Q?=C3?= =?UTF-8?Q?=BCber?=", "über"),
        ("=?ISO-2022-JP?B?GyRCJCIk?= =?ISO-2022-JP?B?JBsoQg==?=", "あい"),
        ("=?utf-8?Q?hello world =C3=BC?=", "hello world ü"),
        ("=?utf-7?Q?M+APw-ller?=", "Müller"),
        ("=?x-unknown?Q?=C3=BC?= =?foo?Q?=FC?=", "üü"),
    ],
)
def test_encoded_words_that_were_cut(header: str, subject: str) -> None:
    assert read_mail(f"Subject: {header}\n\nx".encode()).subject == subject


@pytest.mark.parametrize(
    ("subject", "content_type", "read"),
    [
        ("über".encode("latin-1"), "", "über"),
        ("über 日本".encode(), "", "über 日本"),
        ("Привет".encode("koi8-r"), "text/plain; charset=koi8-r", "Привет"),
        ("日本語".encode("cp932"), "text/plain; charset=shift_jis", "日本語"),
        ("日本語のテスト".encode("iso2022_jp"), "", "日本語のテスト"),
        (b"Fr+APY-sche 1+1 - A+B +49-89", "text/plain; charset=utf-7", "Frösche 1+1 - A+B +49-89"),
        (b"Fr+APY-sche", "text/plain; charset=utf-8", "Fr+APY-sche"),
    ],
)
def test_headers_that_nobody_encoded(subject: bytes, content_type: str, read: str) -> None:
    head = f"\nContent-Type: {content_type}" if content_type else ""
    assert read_mail(b"Subject: " + subject + head.encode() + b"\n\nx").subject == read


def test_raw_headers_are_in_the_charset_of_the_first_text() -> None:
    head = b"Subject: " + "你好".encode("gbk") + b"\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert read_mail(head + b"--x\nContent-Type: text/plain; charset=gb2312\n\nx\n--x--\n").subject == "你好"


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        ("=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_M=C3=BCller?= <j@x.example>", "Jörg Müller", "j@x.example"),
        ('"=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_M=C3=BCller?=" <j@x.example>', "Jörg Müller", "j@x.example"),
        ("=?utf-8?Q?M=C3=BCller, J=C3=B6rg?= <j@x.example>", "Müller, Jörg", "j@x.example"),
        ("Müller, Jörg <j@x.example>", "Müller, Jörg", "j@x.example"),
        ("=?utf-8?Q?J=C3=B6rg_=3Cj@x.example=3E?=", "Jörg", "j@x.example"),
        ("j@x.example (=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_X?=)", "Jörg X", "j@x.example"),
        ('"x" <<j@x.example>>', "x", "j@x.example"),
        ("john . doe @ x.example", "", "john.doe@x.example"),
        ("Dr. Joe joe@x.example", "Dr. Joe", "joe@x.example"),
        ("Joe [mailto:j@x.example]", "Joe", "j@x.example"),
        ("root (Cron Daemon)", "Cron Daemon", "root"),
    ],
)
def test_names(header: str, name: str, address: str) -> None:
    sender = read_mail(f"From: {header}\n\nx".encode()).sender
    assert sender is not None
    assert (sender.name, sender.address) == (name, address)


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        ("Smith, John <j@x.example>, Doe, Ann <a@x.example>", ["j@x.example", "a@x.example"]),
        ("joe, bob@x.example", ["", "bob@x.example"]),
        ("a@x.example; b@y.example", ["a@x.example", "b@y.example"]),
        ("a@x.example, John <j@x.example>", ["a@x.example", "j@x.example"]),
    ],
)
def test_lists_of_addresses(header: str, addresses: list[str]) -> None:
    assert [each.address for each in read_mail(f"To: {header}\n\nx".encode()).to] == addresses


def test_names_in_utf_7_and_raw_japanese() -> None:
    japanese = 'From: "佐藤" <j@x.example>\n\nx'.encode("iso2022_jp")
    utf7 = b'From: "Heinz M+APw-ller" <a+b-c@x.example>\nContent-Type: text/plain; charset=utf-7\n\nx'
    assert [read_mail(raw).sender.name for raw in (japanese, utf7)] == ["佐藤", "Heinz Müller"]  # type: ignore[union-attr]
    assert read_mail(utf7).sender.address == "a+b-c@x.example"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("name*=utf-8''%C3%BCber.pdf", "über.pdf"),
        ("name*0*=utf-8''%C3; name*1*=%BCber; name*2=.pdf", "über.pdf"),
        ("name*1*=%BCber; name*0*=utf-8''%C3; name*2=.pdf", "über.pdf"),
        ("name*=\"utf-8''%C3%BCber.pdf\"", "über.pdf"),
        ("name*=%C3%BCber.pdf", "über.pdf"),
        ('name="=?utf-8?B?w7xi?=\n\t=?utf-8?B?ZXIucGRm?="', "über.pdf"),
        ('name*0="=?utf-8?B?w7xi"; name*1="ZXIucGRm?="', "über.pdf"),
        ("name==?utf-8?B?w7xiZXIucGRm?=", "über.pdf"),
        ("name=my long name.pdf", "my long name.pdf"),
        ('name="C:\\Users\\x\\a.pdf"', "a.pdf"),
        ('name="../../etc/passwd"', "passwd"),
        ('name="a\u202efdp.exe"', "afdp.exe"),
        ("", "part-1.pdf"),
    ],
)
def test_names_of_files(parameters: str, name: str) -> None:
    assert [file.name for file in mail(f"application/pdf; {parameters}", b"x").attachments] == [name]


@pytest.mark.parametrize(
    ("disposition", "name", "inline"),
    [
        ("attachment filename=a.txt", "a.txt", False),
        ("filename=a.txt", "a.txt", False),
        ("inline; filename=a.txt", "a.txt", True),
        ("attachment", "part-1.txt", False),
    ],
)
def test_dispositions(disposition: str, name: str, inline: bool) -> None:
    found = mail("text/csv", b"x", more=f"Content-Disposition: {disposition}\n").attachments
    assert [(file.name.replace(".csv", ".txt"), file.inline) for file in found] == [(name, inline)]


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("base64", b"aGVsbG8=\n-- \nfooter of a list", "hello"),
        ("base64", b"aGVsbG8=\nIHdvcmxk\n", "hello world"),
        ("BASE64 (x)", b"aGVs!!bG8", "hello"),
        ("quoted-printible", b"a=3Db", "a=b"),
        ("quoted-printable", b"one=  \r\n two=\n three =ZZ", "one two three =ZZ"),
        ("8-bit", "ü".encode(), "ü"),
    ],
)
def test_transfer_encodings(encoding: str, body: bytes, text: str) -> None:
    assert mail("text/plain; charset=utf-8", body, encoding).text == text


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/enriched", "<bold>Hi</bold>\nthere\n\nNew <<x>", "Hi there\nNew <x>"),
        ("text/richtext", "<bold>Hi</bold> there<nl>x<lt>y", "Hi there\nx<y"),
        ("text/plain; format=flowed", "This is \none line.\n> quoted \n> more", "This is one line.\n> quoted more"),
        ("text/plain; format=flowed; delsp=yes", "ab \ncd", "abcd"),
        ("text/html", "<p>Hello<p><b>you</b>", "Hello\n\nyou"),
        ("text", "abc", "abc"),
        ("html", "<p>abc", "abc"),
        ("text/plain", "<!DOCTYPE html>\n<html><body><p>Hello <b>you</b>", "Hello you"),
        ("text/plain", "<b> is how HTML makes bold", "<b> is how HTML makes bold"),
        ("multipart/mixed", "no parts at all", "no parts at all"),
    ],
)
def test_forms_of_text(content_type: str, body: str, text: str) -> None:
    assert mail(content_type, body.encode()).text == text


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Content-Type: text/plain; charset=x-klingon\n\nx", "the charset x-klingon is not known"),
        (b"Content-Type: text/plain; charset=utf-8\n\n\xc3\xbc\xff", "some characters of the text could not be read"),
        (b"From: a@b.example\nFrom: c@d.example\n\nx", "there is more than one From; the first one counts"),
        (b"Content-Type: multipart/mixed\n\nwords", "a multipart names no boundary and has no parts"),
        (b"Subject: x\nno field\nFrom: a@b.example\n\nx", "a line of the header is not a header field"),
    ],
)
def test_defects_are_told(raw: bytes, defect: str) -> None:
    assert read_mail(raw).defects == (defect,)


PLAIN, HTML = "Content-Type: text/plain\n\n", "Content-Type: text/html\n\n"


def test_a_full_html_part_is_preferred_to_an_empty_text_part() -> None:
    assert parts(PLAIN + "\u00a0\n", HTML + "<p>Full <b>words</b>", kind="alternative").text == "Full words"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<span class=SpellE>Kolb</span>en<span>stange</span>", "Kolbenstange"),
        ("<div>a</div><div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"),
        ("<h1>T</h1>one<hr>two", "T\n\none\ntwo"),
        ("<p>a<ul><li>one<li>two</ul>", "a\n\n  * one\n  * two"),
        ("<table><tr><td>Name<td>Kim<tr><td>Order<td>4711</table>", "Name   Kim\nOrder  4711"),
        ("<p>Hi&nbsp;you &amp; me &euro;<br><br><br><br>bye", "Hi you & me €\n\nbye"),
        ("<div style='display:none'>preheader</div><!-- x --><style>p{}</style><p>words", "words"),
        ("<pre>a\n  b</pre>", "a\n  b"),
    ],
)
def test_html_is_laid_out_readably(html: str, text: str) -> None:
    found = mail("text/html; charset=utf-8", html.encode())
    assert (found.text, found.html_only) == (text, True)


STUB = "This is an HTML message; please use a program that shows HTML."


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        (
            STUB,
            "<p>The real words of the mail are here, and there are more of them than in the stub.",
            "The real words",
        ),
        (STUB, f"<p>{STUB} More words below.", STUB),  # they are the mail's words after all
        (STUB, "<p>short", STUB),
        ("My HTML is broken.", "<p>My <b>HTML</b> is broken.<p>Kim", "My HTML is broken."),
    ],
)
def test_a_plain_text_that_only_points_at_the_html(plain: str, html: str, text: str) -> None:
    assert parts(PLAIN + plain, HTML + html, kind="alternative").text.startswith(text)


def test_a_named_boundary_that_is_not_there_is_looked_for() -> None:
    body = "\n--abc\n\none\n--abc\nContent-Type: text/plain\n\ntwo\n--abc--\n"
    found = read_mail(f"Content-Type: multipart/mixed; boundary=abc (x)\n{body}".encode())
    assert (found.text, found.defects) == ("one\ntwo", ("a multipart names a wrong boundary",))
    words = read_mail(b"Content-Type: multipart/mixed; boundary=y\n\nHello\n\n--Kim\nEngineer\n")
    assert words.text == "Hello\n\n--Kim\nEngineer\n"


def test_several_inline_texts_are_all_shown_and_files_are_not() -> None:
    log = 'Content-Type: text/plain; name="log.txt"\n\nlog'
    read = parts(PLAIN + "one", "Content-Type: image/png; name=a.png\n\nx", PLAIN + "two", HTML + "<p>three", log)
    assert read.text.split() == ["one", "two", "three"]
    assert [file.name for file in read.attachments] == ["a.png", "log.txt"]


def test_a_forwarded_mail_is_one_file_named_after_its_subject() -> None:
    inner = "Subject: Inner: thing/2\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\ninner words\n--y--"
    coded = base64.b64encode(b"Subject: Coded\n\nx").decode()
    encoding = "Content-Transfer-Encoding: base64\n"
    raw = (
        f"Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\nContent-Type: message/rfc822\n\n{inner}\n"
        f"--x\nContent-Type: message/rfc822\n{encoding}\n{coded}\n--x--\n"
    ).encode()
    read = read_mail(raw)
    assert read.text == "one"
    assert [file.name for file in read.attachments] == ["Inner_ thing_2.eml", "Coded.eml"]
    assert attachment_bytes(raw, "2") == inner.encode()
    assert attachment_bytes(raw, "3") == b"Subject: Coded\n\nx"


@pytest.mark.parametrize("end", ["`\nend\n", " \nend\n", "\nend\n", "end"])
def test_uuencoded_files(end: str) -> None:
    raw = f"From: a@b.example\n\nHello\n\nbegin 644 my file.txt\n#86)C\n{end}".encode()
    read = read_mail(raw)
    assert read.text.strip() == "Hello"
    assert [(file.name, file.part) for file in read.attachments] == [("my file.txt", "1#1")]
    assert attachment_bytes(raw, "1#1") == b"abc"


def test_prose_about_beginnings_is_no_file() -> None:
    prose = "begin 100 years ago\nand then\nend\n"
    assert read_mail(f"Subject: x\n\n{prose}".encode()).text == prose


@pytest.mark.parametrize("before", ["", "\n\n", "\ufeff", " \r\n"])
def test_what_stands_before_the_header(before: str) -> None:
    assert read_mail(f"{before}Subject: x\n\nhello".encode()).subject == "x"


PICTURE = 'Content-Type: image/png; name="a.png"\nContent-Disposition: inline\n\nx'


@pytest.mark.parametrize(
    ("text", "read"), [("Hello\n\na.pnga.png", "Hello"), ("a.png\nHello", "a.png\nHello"), ("see a.png", "see a.png")]
)
def test_names_of_pictures_at_the_end_are_nobodys_words(text: str, read: str) -> None:
    assert parts(PLAIN + text, PICTURE).text.strip() == read


def test_such_names_stay_when_the_file_is_no_picture_in_the_text() -> None:
    assert parts(PLAIN + "Hello\na.png", PICTURE.replace("inline", "attachment")).text == "Hello\na.png"
