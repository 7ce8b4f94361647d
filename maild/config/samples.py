"""What the example file shows for keys that have no default. A test holds the names to the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maild.config.samples_connections import CONNECTIONS
from maild.config.samples_levels import LEVELS
from maild.config.samples_routing import ROUTING

Values = Mapping[str, Any]  # {"desk": {...}, "agent": [{...}, {...}]}

SAMPLES: Values = {
    **CONNECTIONS,
    **LEVELS,
    **ROUTING,
    "desk": {
        "address": "support@example.com",
        "secret": "a-text-that-nobody-can-guess",
        "secret_file": "secret.key",
        "secret_env": "MAILD_SECRET",
        "old_secrets_file": "old-secrets.keys",
        "alerts_to": ["postmaster@example.com"],
    },
    "store": {"url_file": "database.url", "url_env": "MAILD_DATABASE"},
    "worker": {"broker_file": "broker.url", "broker_env": "MAILD_BROKER"},
    "queue": {
        "name": "support",
        "addresses": ["support@example.com"],
        "agents": ["anna@example.org"],
        "team": "service",
        "language": "de",
    },
    "agent": {
        "name": "Anna Berg",
        "address": "anna@example.org",
        "queues": ["support"],
        "teams": ["service"],
        "skills": ["refunds"],
        "languages": ["en", "de"],
        "customers": ["key accounts"],
        "types": ["incident"],
        "priorities": ["high", "critical"],
        "shift": "office",
        "capacity": 20,
        "language": "de",
        "timezone": "Europe/Berlin",
    },
    "team": {
        "name": "service",
        "agents": ["anna@example.org"],
        "manager": "boss@example.org",
        "assign": "round_robin",
        "sticky": True,
    },
    "role": {
        "name": "parts desk",
        "permissions": ["service.read", "service.write"],
        "queues": ["support"],
        "teams": ["service"],
    },
    "organisation": {
        "name": "Acme",
        "domains": ["acme.example"],
        "groups": ["key accounts"],
        "tags": ["vip"],
        "priority": "high",
        "language": "de",
        "timezone": "Europe/Berlin",
        "contacts": "all",
    },
    "templates": {"folder": "templates"},
    "mail": {"trusted_forms": ["website@example.com"]},
    "virus_scan": {"clamd": "unix:/run/clamav/clamd.ctl"},
    "authenticity": {"trusted_ids": ["mx.example.com"]},
    "tickets": {"labels": {"on_hold": "waiting"}},
    "lifecycle": {"requires": {"closed": ["root_cause", "resolution_notes"]}},
    "requirement": {
        "to": "resolved",
        "fields": ["serial_number", "resolution_path"],
        "queues": ["support"],
        "types": ["incident"],
        "case_types": ["warranty"],
        "priorities": ["high", "critical"],
    },
    "resolution": {"code": "goodwill", "label": {"en": "settled as a courtesy", "de": "aus Kulanz erledigt"}},
    "aftercare": {
        "queue": {
            "name": "support",
            "after_answer": "on_hold",
            "follow_ups": 1,
            "follow_up_days": 5,
            "close_after": "3d",
            "confirm": True,
            "feedback": True,
        }
    },
    "directory": {
        "name": "orders",
        "of": "orders",
        "csv": "orders.csv",
        "sql": {
            "url": "postgresql://maild:password@db.example.com/shop",
            "url_file": "shop.url",
            "url_env": "MAILD_SHOP",
            "query": "SELECT number, customer_mail, sku FROM orders WHERE number = :key",
        },
        "http": {
            "url": "https://shop.example.com/api/orders/{key}",
            "headers": {"X-Shop": "1"},
            "token": "the token",
            "token_file": "shop.token",
            "token_env": "MAILD_SHOP_TOKEN",
            "rows": "data.items",
        },
        "columns": {"key": "number", "customer": "customer_mail", "product": "sku", "shipped": "shipped_on"},
        "patterns": [r"\bSO-\d{6}\b"],
    },
    "letters": {"large_domains": ["customer.example.com"]},
    "monitoring": {"listen": "127.0.0.1:9725", "backup_age": "2d"},
}
