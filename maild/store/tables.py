"""Every table there is: the one place that knows all files of them."""

from __future__ import annotations

from maild.store import schema, schema_keeping, schema_monitoring

__all__ = ["metadata", "schema", "schema_keeping", "schema_monitoring"]

metadata = schema.metadata
