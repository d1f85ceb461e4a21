"""Forms of outside applications."""
