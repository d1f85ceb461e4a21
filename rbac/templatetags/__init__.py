"""Template tags of practices."""
