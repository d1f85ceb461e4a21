"""The one-command run: its processes, people and inbox. Nothing here is loaded in production."""
