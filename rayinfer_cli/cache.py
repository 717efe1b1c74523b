"""Results kept from run to run, keyed by content; whatever goes wrong with an entry, it is as if there were none."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "RAYINFER_CACHE_DIR"
# Some ten times what the results for Ray's own package take.
MOST_BYTES = 256 * 2**20
_SUFFIX = ".rayinfer"
_DIGEST_SIZE = 32

Reader = Callable[[str], bytes | None]


class Cache:
    """Entries in a folder, one file each.

    A key is what was compiled and with what: `salt` stands for everything that is not the file's own name and content.
    An entry holds the digest of each other file that the result was made from, and holds only while these are the same.
    Entries can be read and written from several processes: each is written whole, under a name of its own at first.
    Beside the plain types an entry may hold dataclasses of the `modules`, and of those inside them.
    """

    def __init__(self, folder: Path, salt: bytes, modules: Collection[str]) -> None:
        self.folder, self.salt, self.modules = folder, salt, tuple(modules)
        # Whether this object has put something into it.
        self.has_grown = False

    def get(self, name: str, data: bytes, read: Reader) -> Any:
        """The result for a file of this name and content, or None; `read` gives the other files as they are now."""
        path = self._path(name, data)
        try:
            entry = path.read_bytes()
            body = memoryview(entry)[_DIGEST_SIZE:]
            if _digest(body) != entry[:_DIGEST_SIZE]:
                return None
            depends, value = _Unpickler(io.BytesIO(body), self.modules).load()
            if any(_digest_of(read(other)) != digest for other, digest in depends):
                return None
            os.utime(path)  # the entries that are used last are kept longest
        except Exception:
            return None
        return value

    def put(self, name: str, data: bytes, others: Mapping[str, bytes | None], value: Any) -> None:
        """Keep a result with the other files that it was made from (None: one that was looked for and is not there)."""
        path = self._path(name, data)
        temporary = None
        try:
            body = pickle.dumps((tuple((each, _digest_of(content)) for each, content in others.items()), value))
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(body) + body)
            os.replace(temporary, path)
            self.has_grown = True
        except Exception:
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)

    def trim(self, most: int = MOST_BYTES) -> None:
        """Drop the entries that were not used for longest, once all together are larger than `most` bytes."""
        try:
            found = [(entry.stat(), entry.path) for entry in self._entries()]
        except OSError:
            return
        total = sum(status.st_size for status, _ in found)
        if total <= most:
            return
        # Some room is left, so that not every run has to look for what to drop.
        for status, path in sorted(found, key=lambda each: each[0].st_mtime):
            if total <= most * 3 // 4:
                return
            with suppress(OSError):
                os.unlink(path)
            total -= status.st_size

    def _entries(self) -> Iterable[os.DirEntry[str]]:
        for shard in os.scandir(self.folder):
            if len(shard.name) == 2 and shard.is_dir(follow_symlinks=False):
                # What a process left that was ended while it wrote counts, too.
                yield from (entry for entry in os.scandir(shard) if entry.name.endswith((_SUFFIX, ".tmp")))

    def _path(self, name: str, data: bytes) -> Path:
        key = hashlib.sha256(self.salt)
        key.update(_digest(os.fsencode(name)))
        key.update(data)
        digest = key.hexdigest()
        return self.folder / digest[:2] / (digest[2:] + _SUFFIX)


def open_cache(*sources: Path, modules: Collection[str] = ("rayinfer", "rayinfer_cli")) -> Cache | None:
    """The user's cache for what this version of rayinfer makes of a file; None where there can be none.

    Results that other code has a part in depend on its files, too: the Python files in `sources`.
    """
    try:
        folder = os.environ.get(FOLDER_VARIABLE) or _default_folder()
        return Cache(Path(folder), _salt(sources), modules)
    except Exception:
        return None


def _default_folder() -> str:
    import platformdirs

    return platformdirs.user_cache_dir("rayinfer", appauthor=False)


def _salt(sources: Iterable[Path]) -> bytes:
    """A digest of all that a result depends on beside the files: this version, its own text, Python and LibCST."""
    here = Path(__file__).parent
    salt = hashlib.sha256(f"{sys.version} {sys.flags.optimize}".encode())
    # Where its version is written: asking for that by `importlib.metadata` takes longer than all the rest.
    libcst = find_spec("libcst")
    found = [Path(libcst.origin).parent / "_version.py"] if libcst is not None and libcst.origin is not None else []
    for root in (here.parent / "rayinfer", here, *found, *sources):
        for path in sorted(root.rglob("*.py")) if root.is_dir() else (root,):
            salt.update(_digest(os.fsencode(path)) + _digest(path.read_bytes()))
    return salt.digest()


class _Unpickler(pickle.Unpickler):
    """Makes plain values and our own dataclasses, and calls nothing else whatever the entry says."""

    def __init__(self, file: io.BytesIO, modules: tuple[str, ...]) -> None:
        super().__init__(file)
        self.modules = modules

    def find_class(self, module: str, name: str) -> Any:
        if any(module == one or module.startswith(f"{one}.") for one in self.modules):
            found = super().find_class(module, name)
            if isinstance(found, type) and dataclasses.is_dataclass(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in an entry")


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).digest()


def _digest_of(content: bytes | None) -> bytes | None:
    return None if content is None else _digest(content)
