"""A newcomer who verifies a phone."""

CHOOSE, TEXT, CALL, UPDATE = (f"/id/verify-phone/{part}" for part in ("", "text/", "call/", "update/"))
