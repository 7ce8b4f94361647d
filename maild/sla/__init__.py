"""Service levels: which promises a ticket has, and where its clocks stand. Pure (docs/sla.md)."""
