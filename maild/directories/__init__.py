"""Asks directories that others keep (CSV, SQL, HTTP) for a limited time, and remembers what they said."""
