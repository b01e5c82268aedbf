"""As whom PostgreSQL runs: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from argus_local.errors import Unsupported

# In its own eyes it is user 1000, while the files that it writes stay root's.
UNSHARE = ("unshare", "--user", "--map-user=1000", "--")


@dataclass(frozen=True)
class Account:
    """How PostgreSQL's programs are started, and to whom its files belong."""

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def own(self, folder: Path) -> None:
        """Give `folder` to the user, where it is not ours."""
        if self.user is None:
            return
        _check_reachable(folder.absolute(), self.user)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, self.user)


def account() -> Account:
    """Return ourselves, or as root: another user in its own eyes, else an ordinary user."""
    if os.geteuid() != 0:
        return Account()
    if shutil.which("unshare") and _succeeds((*UNSHARE, "true")):
        return Account(prefix=UNSHARE)
    return Account(user=_ordinary_user())


def _succeeds(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _ordinary_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Unsupported("PostgreSQL does not run as root, and there is neither `unshare` nor a user `nobody`")


def _check_reachable(folder: Path, user: str) -> None:
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            raise Unsupported(
                f"PostgreSQL does not run as root, and user {user} cannot enter {parent}: "
                "choose another data folder, or run as an ordinary user"
            )
