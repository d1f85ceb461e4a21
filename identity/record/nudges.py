"""What a domain module calls after a commit so that a worker looks at once: nothing, until an app's ready() puts a task
there. The domain knows no tasks, and the schedule finds whatever a lost nudge left behind."""


def noop(*_about: object) -> None:
    """No worker to wake: the schedule does it."""
