"""What runs inside the Python of other helpdesks, to measure them on the same mails."""
