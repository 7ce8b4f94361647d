"""Checks DKIM, SPF and DMARC of mail that comes to us straight from the world. Needs maild[check]."""
