"""A file of a known size that is read from any place."""

import io


class SizedReader(io.RawIOBase):
    """Knows its place among ``size`` bytes; who inherits fills buffers from there on."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._place = 0

    def readable(self) -> bool:
        """Always: it is there to be read."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; returns it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning of the file")
        self._place = start + offset
        return self._place
