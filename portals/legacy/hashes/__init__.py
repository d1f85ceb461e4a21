"""The forms of old password hashes."""
