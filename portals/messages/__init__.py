"""What people are told about portals, and outside applications about the end of a session."""
