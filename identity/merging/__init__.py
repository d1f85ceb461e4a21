"""Two accounts become one, and two again."""
