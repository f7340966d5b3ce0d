"""Files are kept by house and content, locally and on S3 alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.errors import NoHouse
from auctionxchange.kernel.storage import (
    FileMissing,
    LocalStorage,
    S3Storage,
    Storage,
    make_storage,
)

CONTENT = b"a picture's bytes"
DIGEST = sha256(CONTENT).hexdigest()


@dataclass(frozen=True)
class Keeper:
    schema: str


OAK, ELM = Keeper("t_0123456789abcdef"), Keeper("t_fedcba9876543210")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _host, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    endpoint = request.getfixturevalue("s3")
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="media")
    return S3Storage("media", endpoint)


def test_what_is_put_can_be_read_and_deleted(storage: Storage) -> None:
    storage.put(OAK, DIGEST, "small.jpg", CONTENT)
    storage.put(OAK, DIGEST, "small.jpg", CONTENT)
    with storage.open(OAK, DIGEST, "small.jpg") as stream:
        assert stream.read() == CONTENT
    assert storage.exists(OAK, DIGEST, "small.jpg")
    assert not storage.exists(OAK, DIGEST, "small.jp")
    storage.delete(OAK, DIGEST)
    storage.delete(OAK, DIGEST)
    assert not storage.exists(OAK, DIGEST, "small.jpg")
    with pytest.raises(FileMissing):
        storage.open(OAK, DIGEST, "small.jpg")


def test_one_house_never_reads_or_deletes_anothers_file(storage: Storage) -> None:
    storage.put(OAK, DIGEST, "large.avif", CONTENT)
    assert not storage.exists(ELM, DIGEST, "large.avif")
    with pytest.raises(FileMissing):
        storage.open(ELM, DIGEST, "large.avif")
    storage.delete(ELM, DIGEST)
    assert storage.exists(OAK, DIGEST, "large.avif")


def test_without_a_house_nothing_is_stored_read_or_deleted(storage: Storage) -> None:
    for act in (
        lambda: storage.put(None, DIGEST, "small.jpg", CONTENT),
        lambda: storage.open(None, DIGEST, "small.jpg"),
        lambda: storage.exists(None, DIGEST, "small.jpg"),
        lambda: storage.delete(None, DIGEST),
        lambda: storage.exists(Keeper("exchange"), DIGEST, "small.jpg"),
    ):
        with pytest.raises(NoHouse):
            act()


@pytest.mark.parametrize(
    ("digest", "variant"),
    [("../../etc", "small.jpg"), (DIGEST, "../small.jpg"), (DIGEST, "small"), (DIGEST[1:], "a.b")],
)
def test_a_name_that_could_leave_its_folder_is_refused(
    storage: Storage, digest: str, variant: str
) -> None:
    with pytest.raises(ValueError, match="is not"):
        storage.exists(OAK, digest, variant)


def test_the_settings_choose(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert isinstance(make_storage(settings), LocalStorage)
    assert isinstance(make_storage(replace(settings, media_s3_bucket="media")), S3Storage)
