"""Write a file whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


class WriteError(Exception):
    """The file could not be written; the old one stands. The text is one sentence that says why and what to do."""


def write_atomically(path: str, data: bytes, like: str, expected: bytes | None = None) -> None:
    """Replace the file `path` (of a link, what it leads to) by `data`, with the mode of the file `like`.

    With `expected`, the file must still hold these bytes. Raises WriteError, and then nothing was changed.
    """
    target = Path(path).resolve()
    try:
        if target.is_dir():
            raise WriteError(f"{path}: cannot be written: it is a folder; name a file")
        if expected is not None and target.read_bytes() != expected:
            raise WriteError(f"{path}: was changed by someone else meanwhile and left as it is; run the command again")
        _replace(target, data, target if target.exists() else Path(like))
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{path}: cannot be written: {reason}; check the path, its permissions and the disk") from None


def _replace(target: Path, data: bytes, like: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _copy_mode(temporary, like)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _copy_mode(path: Path, like: Path) -> None:
    if not like.is_file():
        umask = os.umask(0)
        os.umask(umask)
        path.chmod(0o666 & ~umask)
        return
    model = like.stat()
    with suppress(PermissionError):
        os.chown(path, model.st_uid, model.st_gid)
    path.chmod(stat.S_IMODE(model.st_mode))
