"""The private key of a made-up recipient, with which it reads what is encrypted to it."""

from collections.abc import Callable
from pathlib import Path

from pysequoia import Tsk, decrypt


class UnreadableKey(ValueError):
    """A file holds no private OpenPGP key that can be used without a passphrase, or a message is not for it."""


def read_private_key(path: Path) -> Callable[[bytes], bytes]:
    """What decrypts a message by the key in a file; it raises :class:`UnreadableKey`, as this does."""
    try:
        decryptor = Tsk.from_bytes(path.read_bytes()).decryptor()
    except OSError as error:
        raise UnreadableKey(f"{path}: {error.strerror}") from None
    except RuntimeError:
        raise UnreadableKey(f"{path} holds no private OpenPGP key that is free of a passphrase") from None

    def read(message: bytes) -> bytes:
        try:
            content = decrypt(message, decryptor).bytes
        except RuntimeError:
            content = None
        if content is None:
            raise UnreadableKey(f"what lies there is not encrypted to the key in {path.name}")
        return content

    return read
