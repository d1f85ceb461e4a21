"""What people are told by pages inside a portal."""
