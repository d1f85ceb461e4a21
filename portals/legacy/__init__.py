"""Old accounts: how their passwords are checked, here or by the system they came from."""
