"""Turns bytes in a charset that a sender named, rightly or not, into text that is safe to store."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# What senders say, and what they mean. The right side can decode everything the left side can: a
# Windows program that says iso-8859-1 writes cp1252, one that says gb2312 writes gb18030, and so on
# (WHATWG Encoding §4.2 does the same for browsers).
_MEANT = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "7bit": "utf-8",
    "8bit": "utf-8",
    "binary": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8n": "utf-8",
    "unicode": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ansi": "cp1252",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso-8859-8": "cp1255",
    "iso8859-8": "cp1255",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-9": "cp1254",
    "iso8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "koi8": "koi8-r",
    "koi-8": "koi8-r",
    "dos-866": "cp866",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb-18030": "gb18030",
    "cn-gb": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "gb18030-2000": "gb18030",
    "cp936": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "big5-eten": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "ms-cp932": "cp932",
    "ibm-943": "cp932",
    "ibm943": "cp932",
    "jis": "iso-2022-jp",
    "iso-2022-jp-ms": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "mac-ce": "mac_latin2",
    "iso-10646-ucs-2": "utf-16",
    "ucs-2": "utf-16",
}
# What to try when a charset that is right cannot say it all: EUC-JP with vendor characters (①, ㈱).
_WIDER = {"euc_jp": "euc_jis_2004"}
_JIS = frozenset({"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext"})
# Python codecs that are text to text or no charset at all: `=?punycode?q?..?=` must not reach them.
_NO_CHARSET = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI]|\$\(D)")
# Charsets of one byte a character in whose scripts no text happens to be UTF-8: a program that sends
# UTF-8 under such a name has only forgotten to change the label. (A short Thai word may well be both.)
_NEVER_UTF8 = frozenset(
    {"koi8-r", "koi8-u", "mac-roman"}
    | {f"cp{number}" for number in (1250, 1251, 1252, 1254, 1257, 1258, 437, 850)}
    | {f"iso8859-{number}" for number in (1, 2, 3, 4, 5, 9, 10, 13, 14, 15, 16)}
)
_NUMBERED = re.compile(r"(?:x-)?(cp|windows|win|ibm|iso)[ _-]?(?:cp)?[ _-]?(\d[\d_-]*)")


@lru_cache(maxsize=512)
def codec_for(charset: str) -> str | None:
    """Python's name of the codec to use for a charset label, None when nobody knows it."""
    # RFC 2231 §5: a language may follow ("utf-8*en"); real labels also bring quotes and remarks.
    words = charset.partition("*")[0].strip(" \t'\"").lower().split()
    if not words or len(words[0]) > 60 or "\0" in words[0]:
        return None
    label = words[0].rstrip(";,")
    if label.startswith("charset="):
        label = label[8:].strip("'\"")
    numbered = _NUMBERED.fullmatch(label)  # cp-850, win_1252, windows-cp1251, iso88591
    plain = (numbered.group(1).replace("windows", "cp").replace("win", "cp") + numbered.group(2)) if numbered else label
    plain = re.sub(r"^iso8859(?=\d)", "iso8859-", plain)
    for name in (label, label.removeprefix("x-"), label.replace("_", "-"), plain):
        try:
            info = codecs.lookup(_MEANT.get(name, name))
        except (LookupError, ValueError):
            continue
        if getattr(info, "_is_text_encoding", True) and info.name.replace("-", "_") not in _NO_CHARSET:
            # The alias by another spelling: "latin_1" is looked up as iso8859-1.
            return _MEANT.get(info.name, info.name)
    return None


def decode(data: bytes, charset: str = "", otherwise: str = "cp1252") -> str:
    """The text of bytes in a named charset; never raises.

    Without a usable charset the bytes are UTF-8 if they can be, else `otherwise`. Undecodable bytes
    become U+FFFD.
    """
    codec = codec_for(charset) if charset else None
    if codec in _JIS:
        return clean(_decode_jis(data))
    if codec is not None and codec != "utf-8":
        try:
            return clean(_decode_as(codec, data))
        except (UnicodeError, LookupError, ValueError, OverflowError):
            pass  # utf-7 and utf-16 raise on some bytes in spite of "replace"
    try:
        return _storable(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        # Two surrogates of three bytes each, instead of one character of four (CESU-8, old Java and Oracle).
        return clean(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        pass
    if codec is None or _nothing_is_utf8(data):
        fallback = codec_for(otherwise)
        return clean(data.decode("cp1252" if fallback in {None, "utf-8"} else fallback, "replace"))
    return clean(data.decode("utf-8", "replace"))


def _decode_as(codec: str, data: bytes) -> str:
    """The text in a charset that is not UTF-8, unless the bytes say that the label lies."""
    if codec in _NEVER_UTF8:
        if not data.isascii():
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                pass
        return data.decode(codec, "replace")
    if codec in {"utf-16", "utf-32"} and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        if b"\0" not in data:  # ASCII under the name of UTF-16 has no zero byte
            return data.decode("utf-8")
        # RFC 2781 §4.3 says big-endian without a mark; Windows writes little-endian.
        return data.decode(codec + ("-le" if data[:64:2].count(0) < data[1:64:2].count(0) else "-be"), "replace")
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        for other in ("utf-8", _WIDER.get(codec, codec)):
            try:
                return data.decode(other)
            except UnicodeDecodeError:
                continue
        return data.decode(codec, "replace")


def _nothing_is_utf8(data: bytes) -> bool:
    """Whether UTF-8 was claimed for bytes without one valid UTF-8 character beyond ASCII."""
    return data.decode("utf-8", "ignore").isascii()


def _decode_jis(data: bytes) -> str:
    """ISO-2022-JP with the vendor characters that real mail has (①, ㈱, 髙), which Python refuses.

    Each two-byte run is moved into Shift_JIS and read as cp932, as mail programs do (cp50221).
    """
    try:
        return data.decode("iso2022_jp")
    except UnicodeDecodeError:
        pass
    if data.count(b"\x1b") > 10_000:  # no mail; each escape costs
        return data.decode("iso2022_jp", "replace")
    pieces = _ESCAPE.split(data)
    out = [pieces[0].decode("cp932", "replace")]
    for mode, run in zip(pieces[1::2], pieces[2::2], strict=True):
        if mode in {b"$B", b"$@"}:
            out.append(_sjis(run).decode("cp932", "replace"))
        elif mode == b"(I":  # half-width katakana
            out.append(bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in run).decode("cp932", "replace"))
        elif mode == b"$(D":  # JIS X 0212
            out.append((b"\x1b$(D" + run + b"\x1b(B").decode("iso2022_jp_ext", "replace"))
        else:
            out.append(run.decode("cp932", "replace"))
    return "".join(out)


def _sjis(run: bytes) -> bytes:
    """Pairs of 7-bit JIS as Shift_JIS; bytes outside 0x21..0x7E are kept (line ends)."""
    out = bytearray()
    at = 0
    while at < len(run):
        high, low = run[at], run[at + 1] if at + 1 < len(run) else 0
        if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
            out.append(high)
            at += 1
            continue
        lead = ((high - 0x21) >> 1) + 0x81
        out.append(lead if lead <= 0x9F else lead + 0x40)
        out.append(low + (0x1F if low < 0x60 else 0x20) if high & 1 else low + 0x7E)
        at += 2
    return bytes(out)


def clean(text: str) -> str:
    """The text without NUL and without lone surrogates: PostgreSQL and UTF-8 refuse both."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _storable(text)


def _storable(text: str) -> str:
    """A text without surrogates also without NUL and the mark of byte order before it."""
    return text.replace("\0", "").removeprefix("\ufeff")
