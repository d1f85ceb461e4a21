"""Sign-on of outside applications, by token or by header."""
