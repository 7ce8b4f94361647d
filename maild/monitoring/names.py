"""The names of all metrics, with their sorts and what they mean: docs/operations.md says the same.

By Prometheus' conventions: base units (seconds, bytes), `_total` for counters, a prefix of our own.
"""

from __future__ import annotations

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)  # seconds

COUNTERS = {
    "maild_mails_accepted_total": "Mails that were stored durably, by door.",
    "maild_accept_failures_total": "Mails that could not be stored: their senders were told to try again.",
    "maild_mails_total": "Mails that were worked off, by outcome.",
    "maild_letters_total": "Tries to send a letter, by the state that followed.",
    "maild_relay_answers_total": "Answers of the relay, by the class of their code; none: it said nothing.",
    "maild_budget_refusals_total": "Letters that a budget held back, by its sort: a flood, or a loop.",
    "maild_errors_total": "Lines of the log that tell of an error, by their event.",
}

HISTOGRAMS = {
    "maild_accept_seconds": "From when a mail was handed over until it was durable; senders wait for that.",
    "maild_mail_seconds": "From when a mail was received until its outcome was committed.",
}

GAUGES = {
    "maild_up": "1 as long as this process answers.",
    "maild_database_up": "Whether the database could be written to in the last seconds (0 or 1).",
    "maild_ready": "Whether mail is taken in and worked off (0 or 1), as /ready says.",
    "maild_processes": "Processes that were heard of lately, by role.",
    "maild_process_silent_seconds": "Since a process was heard of, by machine and number.",
    "maild_inbox_mails": "Mails in the inbox that are not done, by state.",
    "maild_inbox_due_seconds": "For how long the mail has been due that waits for longest.",
    "maild_outbox_letters": "Letters in the outbox that were not sent, by state.",
    "maild_outbox_due_seconds": "For how long the letter has been due that nobody has tried.",
    "maild_outbox_oldest_seconds": "Since the oldest waiting letter was written.",
    "maild_clocks_behind_seconds": "For how long a clock is due that nobody has looked at.",
    "maild_mailbox_read_seconds": "Since an IMAP mailbox was read successfully.",
    "maild_mailbox_trouble": "Whether the last thing that happened to a mailbox was trouble (0 or 1).",
    "maild_expires_seconds": "Until a certificate or token expires; negative when it has.",
    "maild_disk_free_bytes": "Free space for the data folder.",
    "maild_broker_up": "Whether Redis answers (0 or 1); missing when there is none.",
    "maild_backup_age_seconds": "Since the last backup that is known.",
    "maild_trouble": "1 for each trouble that needs a person, by its name.",
    "maild_facts_age_seconds": "Since these gauges were read from the database.",
}
