"""What is told about things inside a portal, by noun."""
