"""Makes the name of an attachment safe to show, to store and to offer for download (RELIABILITY §5.2)."""

from __future__ import annotations

import re
import unicodedata

LENGTH_LIMIT = 120
_LOOKED_AT = 512  # no file system has longer names, and composing marks takes a time that is quadratic

# Controls, bidi controls (a "exe.fdp" shown backwards), what cannot be seen, line separators, half characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]+"
)
# What Windows takes for a device, with any extension, and its superscript digits.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*([.:]|$)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}(?:\.(?:gz|bz2|xz|zst))?$")

# Only what mail has without a name; `mimetypes` would read the files of this machine.
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/x-vcard": ".vcf",
    "text/vcard": ".vcf",
    "text/xml": ".xml",
    "text/rfc822-headers": ".txt",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/xml": ".xml",
    "application/json": ".json",
    "application/ics": ".ics",
    "application/gzip": ".gz",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "message/rfc822": ".eml",
    "message/global": ".eml",
}
# The first type of each extension.
_TYPES = {extension: content_type for content_type, extension in reversed(_EXTENSIONS.items())}


def safe_name(name: str) -> str:
    """The last part of a sender's file name without anything that could harm; "" when nothing is left."""
    return _tidy(name.replace("\\", "/").rstrip("/").rpartition("/")[2])


def name_for(content_type: str, number: str, title: str = "") -> str:
    """A name for a part that has none: from its title (the subject of an attached mail) or its place."""
    extension = _EXTENSIONS.get(content_type, ".bin")
    stem = _tidy(re.sub(r"[/\\:*?\"<>|]", "_", title))[: LENGTH_LIMIT - len(extension)].rstrip(". ")
    return (stem or f"part-{number}") + extension


def type_for(name: str) -> str:
    """The type that a file's name promises, where nothing else says it; application/octet-stream for most."""
    extension = _EXTENSION.search(name.lower())
    return _TYPES.get(extension.group(), "application/octet-stream") if extension else "application/octet-stream"


def _tidy(name: str) -> str:
    if len(name) > _LOOKED_AT:
        name = name[: _LOOKED_AT // 2] + name[-_LOOKED_AT // 2 :]  # the end has the extension
    name = unicodedata.normalize("NFC", _UNSAFE.sub("", name))
    name = " ".join(name.split()).strip(". ")  # ".htaccess" is hidden, "a.exe. " is a.exe on Windows
    if _RESERVED.match(name):
        name = "_" + name
    if len(name) <= LENGTH_LIMIT:
        return name
    extension = _EXTENSION.search(name)
    if extension is None:
        return name[:LENGTH_LIMIT].rstrip(". ")
    return name[: LENGTH_LIMIT - len(extension.group())].rstrip(". ") + extension.group()
