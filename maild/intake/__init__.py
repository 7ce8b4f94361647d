"""The doors mail comes in by: SMTP and LMTP, IMAP, pipe, import."""
