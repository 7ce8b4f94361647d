"""Opens the packages in a mail (winmail.dat), so that what they hold is like any other file of the mail."""

from __future__ import annotations

from maild.app.ports import PackageOpener
from maild.errors import Permanent
from maild.mail import attachment_bytes
from maild.mail.model import Mail
from maild.mail.packages import is_package, unopened, unpacked

PACKAGES_LIMIT = 5  # of one mail; each costs a process


def opened(mail: Mail, raw: bytes, open_package: PackageOpener) -> tuple[Mail, dict[str, bytes]]:
    """The mail with its packages opened, and the bytes of the files in them by part ("2/1").

    A mail without packages costs nothing. A package that cannot be opened stays a file, with a defect.
    """
    contents: dict[str, bytes] = {}
    packages = [each for each in mail.attachments if is_package(each)]
    for file in packages[PACKAGES_LIMIT:]:
        mail = unopened(mail, file.part, f"it is one of more than {PACKAGES_LIMIT}")
    for file in packages[:PACKAGES_LIMIT]:
        try:
            package = open_package(attachment_bytes(raw, file.part))
        except Permanent as error:
            mail = unopened(mail, file.part, str(error))
            continue
        mail = unpacked(mail, file.part, package)
        contents |= {f"{file.part}/{index}": each.data for index, each in enumerate(package.files, 1)}
    return mail, contents


def file_bytes(raw: bytes, part: str, open_package: PackageOpener) -> bytes:
    """The decoded bytes of any file of a mail, in a package or not. Raises KeyError when there is none.

    Raises Permanent when the package cannot be opened.
    """
    place, _, index = part.partition("/")
    data = attachment_bytes(raw, place)
    if not index:
        return data
    files = open_package(data).files
    if not index.isdecimal() or not 0 < int(index) <= len(files):
        raise KeyError(part)
    return files[int(index) - 1].data
