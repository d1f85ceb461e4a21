"""Open sessions, devices, saved posts, the idle clock."""
