"""The forms that take a code or a passkey, and what all forms share."""
