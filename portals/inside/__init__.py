"""What the portals' inner pages share: the first screen, and writing to those who help and what they answered."""
