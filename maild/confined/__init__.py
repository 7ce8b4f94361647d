"""Opens strangers' binary formats in a child process with little memory, little time and no secrets."""
