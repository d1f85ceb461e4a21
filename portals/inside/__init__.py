"""What the portals' inner pages share: writing to those who help, and what they answered."""
