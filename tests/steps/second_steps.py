"""The code of an authenticator at a moment."""

import subprocess


def code_at(secret: str, moment) -> str:
    """What an independent tool says: oathtool."""
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return subprocess.run(
        ["oathtool", "--totp", "-b", "-N", stamp, secret], capture_output=True, text=True, check=True
    ).stdout.strip()
