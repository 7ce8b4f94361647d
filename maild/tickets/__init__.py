"""What a ticket is and may become: statuses, transitions, events, agents' commands; no I/O."""
