"""Sessions and remembered devices."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "remembered_device": Period(
        "Second step skipped on a remembered device",
        timedelta(days=30),
        'the person chose "Skip this step next time"',
        "the second step is asked for again",
        "identity.sessions.devices",
        "S0-30",
        nist=timedelta(0),
    ),
    "known_device": Period(
        "Device known without skipping anything",
        timedelta(days=365),
        "the last sign-in there",
        "the next sign-in counts as one from a new device",
        "identity.sessions.devices",
        "D-04",
    ),
    "fresh_sign_in": Period(
        "Proof that is fresh enough for a sensitive act",
        timedelta(minutes=5),
        "the last password, passkey or code in the session",
        "the person confirms who they are, and goes on",
        "identity.sign_in.step_up",
        "policy",
    ),
    "saved_post": Period(
        "Form kept over a sign-in",
        timedelta(days=1),
        "it was sent",
        "thrown away",
        "identity.sessions.saved_posts",
        "S3-17",
    ),
    "sign_in_under_way": Period(
        "Sign-in or sign-up that was begun and not finished",
        timedelta(hours=2),
        "the password, or the sign-up form, was accepted",
        "the person signs in again",
        "allauth's login stages",
        "S1-44",
    ),
    "session": Period(
        "Session", timedelta(hours=12), "sign-in", "the person signs in again", "Django's sessions", "S3-17"
    ),
    "session_idle": Period(
        "Session without activity",
        timedelta(minutes=30),
        "the last page or autosave; polls do not count",
        "signed out; what was typed is kept for the same person",
        "identity.sessions.idle",
        "S3-17",
    ),
    "idle_warning": Period(
        "Warning before a session without activity ends",
        timedelta(minutes=5),
        "counted back from its end",
        "every tab asks whether to stay signed in",
        "session.js",
        "S3-17",
    ),
    "idle_step": Period(
        "Step in which the idle clock is moved",
        timedelta(seconds=30),
        "the last time it was moved",
        "the next activity moves it",
        "identity.sessions.idle",
        "S3-17",
    ),
    "last_seen_step": Period(
        "Step in which an account's last sign-in and a session's last use are written",
        timedelta(hours=1),
        "the last time it was written",
        "the next use is written",
        "identity.sessions.sessions",
        "policy",
    ),
}
