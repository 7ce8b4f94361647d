"""Samples for the tables of what we connect to: doors, the relay, sign-ins."""

from __future__ import annotations

from typing import Any

CONNECTIONS: dict[str, Any] = {
    "receiver": {
        "hostname": "mail.example.com",
        "certificate": "certificate.pem",
        "key": "certificate.key",
        "addresses": ["bounces@example.com"],
    },
    "mailbox": {
        "name": "support",
        "host": "imap.example.com",
        "port": 993,
        "username": "support@example.com",
        "password": "the password",
        "password_file": "mailbox.password",
        "password_env": "MAILD_MAILBOX_PASSWORD",
        "token_command": ["oama", "access", "support@example.com"],
        "oauth": "office",
        "address": "support@example.com",
    },
    "send": {
        "port": 587,
        "username": "support@example.com",
        "password": "the password",
        "password_file": "relay.password",
        "password_env": "MAILD_RELAY_PASSWORD",
        "oauth": "office",
        "hostname": "mail.example.com",
    },
    "oauth": {
        "name": "office",
        "provider": "microsoft",
        "client_id": "11111111-2222-3333-4444-555555555555",
        "client_secret": "the secret",
        "client_secret_file": "office.secret",
        "client_secret_env": "MAILD_OFFICE_SECRET",
        "key_file": "service-account.json",
        "username": "support@example.com",
        "tenant": "example.onmicrosoft.com",
        "token_url": "https://id.example.com/token",
        "device_url": "https://id.example.com/device",
        "browser_url": "https://id.example.com/authorize",
        "scopes": ["mail", "offline_access"],
    },
}
