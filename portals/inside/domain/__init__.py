"""What pages inside a portal do."""
