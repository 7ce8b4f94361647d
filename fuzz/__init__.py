"""Fuzzing of everything that reads what strangers write: `make fuzz`; a few seconds of it run with the tests."""
