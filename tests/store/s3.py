"""A server on loopback that speaks S3's protocol, buckets in it, and all that lies in one, as an auditor sees it."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from moto.server import ThreadedMotoServer

from hub.settings import Settings
from hub.vault.encrypted_file import EncryptedReader, FileDamaged
from hub.vault.hub_keys import Purpose, read_ring
from store.faulty_proxy import KEY, SECRET, FaultyProxy

PREFIX = "of-the-hub"
REGION = "us-east-1"
NUMBERS = itertools.count(1)


@dataclass
class Bucket:
    """A bucket, looked at past the proxy, with an account of its own."""

    name: str
    proxy: FaultyProxy
    client: Any = field(repr=False)

    @property
    def url(self) -> str:
        return f"s3://{self.name}/{PREFIX}"

    def options(self, folder: Path, **other: Any) -> Path:
        """A file of options for this bucket's server."""
        values = {
            "endpoint": self.proxy.address,
            "region": REGION,
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            "allow_http": True,
        }
        path = folder / "store_options.yaml"
        path.write_text(yaml.safe_dump({**values, **other}))
        path.chmod(0o600)
        return path

    def used_by(self, hub: Settings, **other: Any) -> Settings:
        """The hub with its landed files in this bucket."""
        folder = hub.home.with_name(f"{hub.home.name}-options")
        folder.mkdir(exist_ok=True)
        return replace(hub, store_url=self.url, store_options_file=self.options(folder, **other))

    def environment(self, hub: Settings) -> dict[str, str]:
        """The variables with which a command is called for a hub that this bucket is used by."""
        return {
            "PATH": "/usr/bin:/bin",
            "HUB_HOME": str(hub.home),
            "HUB_WAREHOUSE_URL": str(hub.warehouse_url),
            "HUB_STORE_URL": self.url,
            "HUB_STORE_OPTIONS_FILE": str(hub.store_options_file),
        }

    def keys(self) -> list[str]:
        """The names of all objects, by the whole path."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def names(self) -> list[str]:
        """The names of all landed files, as the store gives them."""
        start, outbox = f"{PREFIX}/landing/", f"{PREFIX}/outbox/"
        keys = self.keys()
        assert all(one.startswith((start, outbox)) for one in keys), keys
        return [one.removeprefix(start) for one in keys if one.startswith(start)]

    def get(self, name: str) -> bytes:
        found = self.client.get_object(Bucket=self.name, Key=f"{PREFIX}/landing/{name}")
        return bytes(found["Body"].read())

    def put(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"{PREFIX}/landing/{name}", Body=data)

    def uploads(self) -> list[tuple[str, str]]:
        """Uploads that were begun and not ended."""
        found = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])
        return [(one["Key"], one["UploadId"]) for one in found]

    def versions(self, state: str) -> None:
        """Let the bucket keep what was overwritten and removed, or keep no more of it."""
        self.client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": state})

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Whatever bytes can be got: objects, and what they were before."""
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            for one in page.get("Versions", []):
                wanted = {"Bucket": self.name, "Key": one["Key"], "VersionId": one["VersionId"]}
                yield f"{one['Key']} ({one['VersionId']})", self.client.get_object(**wanted)["Body"].read()


class OfBytes(RawIOBase):
    """Bytes to be read as an unbuffered file is."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._data.seek(offset, whence)

    def tell(self) -> int:
        return self._data.tell()

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


def decrypted(hub: Settings, data: bytes) -> bytes | None:
    """What the hub's keys make of some bytes; None where nothing."""
    try:
        with EncryptedReader(OfBytes(data), read_ring(hub, Purpose.MASTER)) as reader:
            return reader.readall()
    except FileDamaged:
        return None


@dataclass
class Server:
    """The server and the proxy before it."""

    moto: ThreadedMotoServer
    proxy: FaultyProxy

    @classmethod
    def started(cls) -> "Server":
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        proxy = FaultyProxy(moto.get_host_and_port())
        proxy.start()
        return cls(moto, proxy)

    def stop(self) -> None:
        self.proxy.stop()
        self.moto.stop()

    def bucket(self) -> Bucket:
        """A new one."""
        host, port = self.moto.get_host_and_port()
        client = boto3.client(
            "s3",
            endpoint_url=f"http://{host}:{port}",
            region_name=REGION,
            aws_access_key_id="an-auditor",
            aws_secret_access_key="unused",
            config=Config(s3={"addressing_style": "path"}),
        )
        bucket = Bucket(f"hub-landing-{next(NUMBERS)}", self.proxy, client)
        client.create_bucket(Bucket=bucket.name)
        return bucket


@contextmanager
def own_server() -> Iterator[Server]:
    """A server that says nothing of single requests, to the end of the block."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server.started()
    yield server
    server.stop()
