"""Reads mails in a child process, while ingest saves those before them."""
