"""Accounts, addresses, agreements, passwords, profiles, questions, and the rights of staff."""
