"""Who gets into a portal, its pages, and the way back."""
