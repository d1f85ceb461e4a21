"""Forms of old accounts."""
