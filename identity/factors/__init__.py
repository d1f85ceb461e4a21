"""Passkeys, authenticators, phones, recovery codes, and how one is accepted."""
