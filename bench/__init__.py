"""Measures mails per second, on this machine: `make bench`; docs/performance.md says what and how."""
