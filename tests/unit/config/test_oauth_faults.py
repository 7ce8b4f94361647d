"""What is wrong with [[oauth]] is told with its line, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.config.load import load
from maild.errors import ConfigError

HEAD = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[oauth]]
name = "office"
"""

CASES = {
    "a provider that nobody knows": ('provider = "yahoo"', "6: oauth.provider: ", "google"),
    "no client": ('provider = "microsoft"', "4: oauth.client_id: ", "console"),
    "google without its secret": (
        'provider = "google"\nclient_id = "x"',
        "4: oauth.client_secret: ",
        "client_secret_file",
    ),
    "our own name without a tenant": (
        'provider = "microsoft"\ngrant = "client"\nclient_id = "x"\nclient_secret = "CANARY-y"',
        "4: oauth.tenant: ",
        "onmicrosoft.com",
    ),
    "a service account at Microsoft": (
        'provider = "microsoft"\ngrant = "service_account"\nkey_file = "k.json"\nusername = "a@example.com"',
        "7: oauth.grant: ",
        'grant = "client"',
    ),
    "a key that is not there": (
        'provider = "google"\ngrant = "service_account"\nkey_file = "k.json"\nusername = "a@example.com"',
        "8: oauth.key_file: ",
        "cannot read",
    ),
    "another provider in the clear": (
        'provider = "other"\nclient_id = "x"\nscopes = ["a"]\ndevice_url = "https://b.example"\ntoken_url = "http://b.example"',
        "10: oauth.token_url: ",
        "https://",
    ),
    "another provider without a way to sign in": (
        'provider = "other"\nclient_id = "x"\nscopes = ["mail"]\ntoken_url = "https://id.example.com/t"',
        "4: oauth.device_url: ",
        "browser_url",
    ),
    "an address that is known": (
        'provider = "microsoft"\nclient_id = "x"\ntoken_url = "https://id.example.com/t"',
        "8: oauth.token_url: ",
        'provider = "other"',
    ),
    "an account that is not there": (
        'provider = "microsoft"\nclient_id = "x"\n[send]\nkind = "smtp"\nusername = "a"\noauth = "ofice"',
        "11: send.oauth: ",
        "did you mean office?",
    ),
    "a password as well": (
        'provider = "microsoft"\nclient_id = "x"\n[send]\nusername = "a"\npassword = "CANARY-x"\noauth = "office"',
        "11: send.oauth: ",
        "keep one",
    ),
    "a relay that is not told whose mail it is": (
        'provider = "microsoft"\nclient_id = "x"\n[send]\nkind = "smtp"\noauth = "office"',
        "8: send.username: ",
        "whose mail",
    ),
}


@pytest.mark.parametrize(("text", "start", "words"), CASES.values(), ids=CASES.keys())
def test_a_fault_names_its_line_and_what_would_be_right(tmp_path: Path, text: str, start: str, words: str) -> None:
    file = tmp_path / "maild.toml"
    file.write_text(HEAD + text, "utf-8")
    file.chmod(0o600)
    with pytest.raises(ConfigError) as wrong:
        load(file, {})
    told = [problem.removeprefix(f"{file}:") for problem in wrong.value.problems]
    [found] = [each for each in told if each.startswith(start)]
    assert words in found
    assert "CANARY" not in str(told)
