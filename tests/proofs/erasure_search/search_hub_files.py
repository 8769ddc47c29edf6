"""Every file of a hub but the landed ones: logs, outbox, extracts, drop folder, what dbt wrote."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from hub.settings import Settings
from proofs.erasure_search.decode_files import records_of
from proofs.erasure_search.decrypt import landed_bytes, master_keys
from proofs.erasure_search.finder import Finder, Hit


@dataclass(frozen=True)
class FileHit:
    """An identifier in a file, or in its name."""

    path: str
    place: str
    hit: Hit


def hits_in_files(settings: Settings, finder: Finder, deliveries: Collection[Path]) -> set[FileHit]:
    """Who is in which file or in its name, but for those of ``deliveries``, which are compared row by row. Paths are
    under the hub's home."""
    found = set()
    for path in sorted(one for one in settings.home.rglob("*") if one.is_file() and not one.is_symlink()):
        if path in deliveries:
            continue
        name = str(path.relative_to(settings.home))
        texts = [("its name", name), *((one.place, one.text) for one in records_of(_bytes_of(settings, path)))]
        found |= {FileHit(name, place, hit) for place, text in texts for hit in finder.hits(text)}
    return found


def _bytes_of(settings: Settings, path: Path) -> bytes:
    is_landed = path.is_relative_to(settings.landing)
    return landed_bytes(master_keys(settings), path) if is_landed else path.read_bytes()
