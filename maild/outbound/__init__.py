"""The ways letters leave: MIME building, SMTP relay, Maildir."""
