"""Who gives out tokens: the addresses of Google and Microsoft, and what is asked for there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Where tokens are had, and the scopes that mean "read and send mail"."""

    token_url: str
    device_url: str = ""  # RFC 8628; "": it has no login by device for mail
    browser_url: str = ""  # the authorization endpoint of RFC 6749 §3.1; "": it has no login by browser
    scopes: tuple[str, ...] = ()  # when somebody signs in
    own_scopes: tuple[str, ...] = ()  # when maild asks in its own name


# Google gives no access to mail by device code: "Allowed scopes" of its page on limited-input devices has none of mail.
GOOGLE = Issuer(
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106  # an address, no secret
    browser_url="https://accounts.google.com/o/oauth2/v2/auth",
    scopes=("https://mail.google.com/",),
    own_scopes=("https://mail.google.com/",),
)


def microsoft(tenant: str) -> Issuer:
    """Microsoft 365; `tenant` is its domain or id, or "organizations" for a login from any."""
    base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    outlook = "https://outlook.office.com"
    return Issuer(
        token_url=f"{base}/token",
        device_url=f"{base}/devicecode",
        browser_url=f"{base}/authorize",
        scopes=(f"{outlook}/IMAP.AccessAsUser.All", f"{outlook}/SMTP.Send", "offline_access"),
        own_scopes=("https://outlook.office365.com/.default",),
    )
