"""Signing in at mail providers with OAuth2 (RFC 6749): tokens instead of passwords for IMAP and the relay.

account     what gives a token that holds, whoever asks
issuers     Google, Microsoft, others: where they are asked, and for what
grants      what is asked: refreshing, a login by device (RFC 8628) or browser (RFC 8252), our own name
asking      one question to an issuer, by HTTP
kept        the tokens on disk
command     a token from another program's mouth
"""
