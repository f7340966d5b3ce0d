"""Files of a house, named by what is in them: a local folder or S3, chosen by a setting.

A name is schema/first two digits/digest/variant, so one house's files never meet another's and a
stored file never changes. Which variants exist is the capability's business.
"""

import io
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any, Protocol

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import HasSchema, house_scope
from auctionxchange.kernel.errors import NoHouse

_DIGEST = re.compile(r"[0-9a-f]{64}")
_VARIANT = re.compile(r"[a-z0-9_-]{1,40}\.[a-z0-9]{1,8}")


class FileMissing(Exception):
    """The house keeps no such file."""


class Storage(Protocol):
    """Keeps files of houses; every method raises NoHouse without a house."""

    def put(self, house: HasSchema | None, digest: str, variant: str, content: bytes) -> None:
        """Keep one variant; putting it again changes nothing."""
        ...

    def open(self, house: HasSchema | None, digest: str, variant: str) -> IO[bytes]:
        """Open one variant for reading; raises FileMissing."""
        ...

    def exists(self, house: HasSchema | None, digest: str, variant: str) -> bool:
        """Tell whether a variant is kept."""
        ...

    def delete(self, house: HasSchema | None, digest: str) -> None:
        """Remove all variants of one file, or do nothing if there are none."""
        ...


def make_storage(settings: Settings) -> Storage:
    """Build the storage the settings ask for; S3 credentials are read as boto3 reads them."""
    if settings.media_s3_bucket is None:
        return LocalStorage(settings.media_root)
    return S3Storage(settings.media_s3_bucket, settings.media_s3_endpoint)


def file_folder(house: HasSchema | None, digest: str) -> str:
    """Return the folder of one file; raises NoHouse, and ValueError for what is no digest."""
    if house is None:
        raise NoHouse("a file was asked for without a house")
    house_scope(house.schema)
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a SHA-256 digest")
    return f"{house.schema}/{digest[:2]}/{digest}"


def file_name(house: HasSchema | None, digest: str, variant: str) -> str:
    """Return the name of one variant; raises as file_folder does."""
    if not _VARIANT.fullmatch(variant):
        raise ValueError(f"{variant!r} is not the name of a variant")
    return f"{file_folder(house, digest)}/{variant}"


class LocalStorage:
    """Files below one folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, house: HasSchema | None, digest: str, variant: str, content: bytes) -> None:
        """Write beside and rename, so that nobody ever reads half a file."""
        path = self._root / file_name(house, digest, variant)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def open(self, house: HasSchema | None, digest: str, variant: str) -> IO[bytes]:
        try:
            return (self._root / file_name(house, digest, variant)).open("rb")
        except FileNotFoundError as error:
            raise FileMissing(variant) from error

    def exists(self, house: HasSchema | None, digest: str, variant: str) -> bool:
        return (self._root / file_name(house, digest, variant)).is_file()

    def delete(self, house: HasSchema | None, digest: str) -> None:
        shutil.rmtree(self._root / file_folder(house, digest), ignore_errors=True)


class S3Storage:
    """Files in a bucket of S3 or of a server that speaks its protocol."""

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        import boto3  # noqa: PLC0415 - slow to import, and most installations keep files locally

        self._bucket = bucket
        self._client: Any = boto3.client("s3", endpoint_url=endpoint)

    def put(self, house: HasSchema | None, digest: str, variant: str, content: bytes) -> None:
        name = file_name(house, digest, variant)
        self._client.put_object(Bucket=self._bucket, Key=name, Body=content)

    def open(self, house: HasSchema | None, digest: str, variant: str) -> IO[bytes]:
        name = file_name(house, digest, variant)
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=name)
        except self._client.exceptions.NoSuchKey as error:
            raise FileMissing(variant) from error
        return io.BytesIO(answer["Body"].read())

    def exists(self, house: HasSchema | None, digest: str, variant: str) -> bool:
        name = file_name(house, digest, variant)
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=name, MaxKeys=1)
        return any(entry.get("Key") == name for entry in found.get("Contents", []))

    def delete(self, house: HasSchema | None, digest: str) -> None:
        prefix = f"{file_folder(house, digest)}/"
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
        for entry in found.get("Contents", []):
            self._client.delete_object(Bucket=self._bucket, Key=entry["Key"])
