"""The words of the letters we send."""
