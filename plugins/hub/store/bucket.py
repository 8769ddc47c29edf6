"""A store in an object store: S3 and what speaks its protocol, Google Cloud Storage, or Azure Blob Storage.

Files are put there by one request each, and only where there is none of that name: so two workers that land the same
bytes cannot both be first, and what somebody reads is never exchanged under them.
"""

import io
import mmap
import shutil
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from hub.store.model import THREE, StoredFile, StoreProblem, StoreUnavailable
from hub.store.sized_reader import SizedReader
from hub.store.workplace import unfinished_file

try:
    import obstore
    from obstore.exceptions import (
        AlreadyExistsError,
        BaseError,
        PermissionDeniedError,
        PreconditionError,
        UnauthenticatedError,
        UnknownConfigurationKeyError,
    )
    from obstore.store import from_url
except ImportError as missing:  # an extra: who keeps files in a folder does without
    raise StoreProblem(
        "HUB_STORE_URL needs the package obstore: pip install 'hate-crime-hub[object-store]'"
    ) from missing

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

LONGEST_ANSWER = timedelta(minutes=1)
SLOWEST_BYTES_A_SECOND = 1024 * 1024
TRIES = 6
COPIED_AT_ONCE = 1024 * 1024
PAGE = 1_000
LONGEST_TRYING = timedelta(minutes=2)
LESS = "the store gave less of an object than was asked for"
NO_BUCKET = "there is no bucket at HUB_STORE_URL"
VERSIONED = (
    "the bucket keeps versions of what is removed, so an erasure would not be true: switch versioning off, and remove "
    "what it has kept"
)


class BucketStore:
    """Objects below the prefix of a bucket, under names of so many parts. It is a :class:`~hub.store.model.Store`."""

    def __init__(self, url: str, options: dict[str, Any], workplace: Path, parts: Collection[int]) -> None:
        self._url, self._options, self._parts = url, options, parts
        self.workplace = workplace
        self._store = self._opened(LONGEST_ANSWER)

    def check(self) -> None:
        """Look into the bucket, without going through it."""
        self._listed("", 1)

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All objects below a folder, by name; what somebody else has put there has other names."""
        for one in sorted(self._listed(folder), key=lambda one: one["path"]):
            if one["path"].count("/") + 1 in self._parts and not one["path"].endswith("/"):
                # The tag, since the time is of whole seconds.
                yield StoredFile(one["path"], int(one["last_modified"].timestamp()) * 10**9 + _fraction(one["e_tag"]))

    def holds(self, name: str) -> bool:
        """Whether there is such an object."""
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def open(self, name: str) -> io.RawIOBase:
        """An object to read from, by a request for each piece that is asked for."""
        return _ObjectReader(self._store, name, self._head(name)["size"])

    def read(self, name: str) -> bytes:
        """All of an object, by one request for the version that was looked at."""
        found = self._head(name)
        try:
            with _asked():
                data = bytes(obstore.get(self._store, name, options={"if_match": found["e_tag"]}).bytes())
        except PreconditionError as changed:
            raise StoreUnavailable(f"{name} was changed by somebody else meanwhile") from changed
        if len(data) != found["size"]:
            raise StoreUnavailable(LESS)
        return data

    def keep(self, name: str, unfinished: Path) -> None:
        """Put a file where there is none of this name."""
        try:
            self._put(name, unfinished, "create")
        except AlreadyExistsError as found:
            # A server that could not decide between two writers answers in the same way, and may have kept neither.
            if not self.holds(name):
                raise StoreUnavailable("the store says that two write the same object, and has none") from found
        except FileNotFoundError as missing:  # not the file that is to be kept: that one is there
            raise StoreProblem(NO_BUCKET) from missing
        unfinished.unlink()

    def put(self, name: str, unfinished: Path) -> None:
        """Put a file, whatever is there."""
        try:
            self._put(name, unfinished, "overwrite")
        except FileNotFoundError as missing:
            raise StoreProblem(NO_BUCKET) from missing
        unfinished.unlink()

    @contextmanager
    def changing(self, name: str) -> Iterator[io.FileIO]:
        """A copy of the object, which is put in its place at the end if that is still the same."""
        before = self._head(name)
        with unfinished_file(self.workplace) as (path, copy):
            with self.open(name) as source:
                shutil.copyfileobj(source, copy, COPIED_AT_ONCE)
            copy.flush()
            with path.open("r+b", buffering=0) as file:
                yield file
            try:
                version = {} if before["version"] is None else {"version": before["version"]}
                self._put(name, path, {"e_tag": before["e_tag"], **version})
            except (AlreadyExistsError, PreconditionError) as changed:
                if self.holds(name):
                    raise StoreUnavailable(f"{name} was changed by somebody else meanwhile") from changed
                raise FileNotFoundError(f"{name} was removed meanwhile") from changed

    def remove(self, name: str) -> None:
        """Remove an object, where it is there."""
        with suppress(FileNotFoundError):
            self._head(name)
            with _asked():
                obstore.delete(self._store, name)

    def address(self, name: str) -> str:
        """Its address in the bucket."""
        return f"{self._url}/{name}"

    def _listed(self, folder: str, most: int | None = None) -> "list[ObjectMeta]":
        try:
            with _asked():
                pages = obstore.list(self._store, prefix=folder or None, chunk_size=most or PAGE)
                return [one for page in islice(pages, 1 if most else None) for one in page]
        except FileNotFoundError as missing:
            raise StoreProblem(NO_BUCKET) from missing

    def _head(self, name: str) -> "ObjectMeta":
        """The metadata of an object. Raises FileNotFoundError, and StoreProblem where the bucket keeps versions."""
        with _asked():
            found = obstore.head(self._store, name)
        self._refuse_versions(found["version"])
        return found

    def _refuse_versions(self, version: str | None) -> None:
        # Google Cloud Storage gives every object one, whether it keeps others or not.
        if version is not None and self._url.startswith("s3:"):
            raise StoreProblem(VERSIONED)

    def _put(self, name: str, path: Path, mode: Any) -> None:
        # A request of so many bytes may take its time; one that hangs has an end.
        longest = LONGEST_ANSWER + timedelta(seconds=path.stat().st_size / SLOWEST_BYTES_A_SECOND)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, _asked():
            put = obstore.put(self._opened(longest), name, data, mode=mode)
        self._refuse_versions(put["version"])

    def _opened(self, longest: timedelta) -> "ObjectStore":
        client = {"timeout": longest, "allow_http": self._options.get("allow_http", False)}
        config = {name: value for name, value in self._options.items() if name != "allow_http"}
        retries = {"max_retries": TRIES, "retry_timeout": LONGEST_TRYING}
        # One of three kinds, by its address: the types of their options cannot be told here.
        options: dict[str, Any] = {"config": config, "client_options": client, "retry_config": retries}
        try:
            with _asked():
                opened: ObjectStore = from_url(self._url, **options)
        except (TypeError, ValueError) as error:
            raise StoreProblem(
                "HUB_STORE_URL is no address of a store, or an option in HUB_STORE_OPTIONS_FILE is no text"
            ) from error
        return opened


class _ObjectReader(SizedReader):
    """Reads an object from any place, by a request for the bytes asked for."""

    def __init__(self, store: "ObjectStore", name: str, size: int) -> None:
        super().__init__(size)
        self._store, self._name = store, name

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer`` as far as the object goes; 0 at its end."""
        length = min(len(buffer), self.size - self._place)
        if length <= 0:
            return 0
        with _asked():
            data = memoryview(obstore.get_range(self._store, self._name, start=self._place, length=length))
        if len(data) != length:
            raise StoreUnavailable(LESS)
        buffer[:length] = data
        self._place += length
        return length


def open_bucket(url: str, options_file: Path | None, workplace: Path, parts: Collection[int] = THREE) -> BucketStore:
    """The store at an address. Raises :class:`~hub.store.model.StoreProblem` where its options are not right."""
    try:
        options = yaml.safe_load(options_file.read_text(encoding="utf-8")) if options_file else {}
    except OSError as error:
        raise StoreProblem(f"HUB_STORE_OPTIONS_FILE: {options_file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError, yaml.YAMLError):
        options = None
    if not isinstance(options, dict) or not all(isinstance(one, str) for one in options):
        raise StoreProblem(f"HUB_STORE_OPTIONS_FILE: {options_file} is to have a line `name: value` for each option")
    for one, value in options.items():
        # Else the library panics, which no handler of exceptions sees.
        if "endpoint" in one and urlsplit(str(value)).scheme not in ("http", "https"):
            raise StoreProblem(f"HUB_STORE_OPTIONS_FILE: {one} is to begin with https:// (or http://)")
    return BucketStore(url, options, workplace, parts)


@contextmanager
def _asked() -> Iterator[None]:
    """What the library says of a failure names addresses and answers: only its kind is told."""
    try:
        yield
    except (AlreadyExistsError, PreconditionError):
        raise
    except UnknownConfigurationKeyError as error:
        raise StoreProblem("HUB_STORE_OPTIONS_FILE has an option that this kind of store does not know") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise StoreProblem(
            "the store at HUB_STORE_URL does not let the hub in; look at HUB_STORE_OPTIONS_FILE"
        ) from error
    except BaseError as error:
        raise StoreUnavailable(
            f"the store at HUB_STORE_URL does not answer as it should ({type(error).__name__})"
        ) from error


def _fraction(tag: str | None) -> int:
    """A tag as a part of a second, the same in every process."""
    return zlib.crc32((tag or "").encode()) % 10**9
