"""Tokens without a person's login: an app in its own name, a service account."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from maild.testing.issuer import FakeIssuer
from tests.integration.test_oauth.conftest import Office

OUR_NAME = 'grant = "client"'


def test_in_its_own_name_nobody_signs_in(tmp_path: Path, issuer: FakeIssuer) -> None:
    office = Office(tmp_path, issuer, OUR_NAME)
    assert office.account().token() in issuer.tokens
    assert issuer.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "maild-test",
            "client_secret": "the-secret-of-maild-test",
            "scope": "mail offline_access",
        }
    ]
    assert 'has grant = "client"' in office.maild("login", "office").output


def test_a_service_account_signs_its_claim(tmp_path: Path, issuer: FakeIssuer) -> None:
    import jwt

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file = tmp_path / "service.json"
    file.write_text(json.dumps({"client_email": "desk@project.iam.example", "private_key": pem}))
    file.chmod(0o600)
    office = Office(tmp_path, issuer, 'grant = "service_account"\nkey_file = "service.json"')
    assert office.account().token() in issuer.tokens
    claim = jwt.decode(
        issuer.asked[0]["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience=f"{issuer.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (claim["iss"], claim["sub"]) == ("desk@project.iam.example", "support@example.com")
    assert claim["scope"] == "mail offline_access"
