"""The folder as a store."""

from pathlib import Path

import pytest

from include.postmarket.lake.store import FolderStore
from include.postmarket.model.errors import IntegrityError, UnavailableError


def test_put_replaces_as_a_whole(tmp_path: Path) -> None:
    """The last content is there, under its key, and nothing else is left in the folder."""
    store = FolderStore(tmp_path / "lake")
    store.put("a/b/c", b"one")
    store.put("a/b/c", b"two")

    assert store.get("a/b/c") == b"two"
    assert (store.has("a/b/c"), store.has("a/b")) == (True, False)
    assert [p.name for p in (tmp_path / "lake" / "a" / "b").iterdir()] == ["c"]


def test_what_is_gone_is_no_empty_file(tmp_path: Path) -> None:
    """A key that is not there is an error."""
    with pytest.raises(IntegrityError, match="a/b is gone"):
        FolderStore(tmp_path).get("a/b")


@pytest.mark.parametrize("key", ["../x", "/etc/x", "a/../../x"])
def test_no_key_leads_out(tmp_path: Path, key: str) -> None:
    """A key is inside of the lake or refused."""
    with pytest.raises(IntegrityError, match="leads out"):
        FolderStore(tmp_path).put(key, b"")


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A full or missing disk is unavailable: the step may be tried again."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(UnavailableError, match="cannot write a/b"):
        FolderStore(tmp_path / "file").put("a/b", b"")
