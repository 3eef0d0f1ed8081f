"""Files in an object store, by address: ``s3://bucket/folder``, ``gs://...``, ``abfs://...``, ``file:///...``.

The stores come with pyarrow; they find their credentials as the store's own tools do (environment, instance role), so
none stands in sources.yaml. An S3 store that is not Amazon's is named in the address: ``?endpoint_override=host:port``.
"""

import pyarrow as pa
from pyarrow import fs

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.errors import ConfigurationError, InputError, UnavailableError
from include.postmarket.sources import files


def fetch(address: str, label: Label, media: frozenset[Media]) -> Fetched:
    """Give the content of a file in a store, or of a folder's files and partitions as one archive.

    Raises ConfigurationError when the address names no store, InputError when nothing is there, UnavailableError when
    the store does not answer.
    """
    name = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    try:
        store, path = fs.FileSystem.from_uri(address)
        found = store.get_file_info(path)
        if found.type is fs.FileType.Directory:
            return files.pack(_folder(store, path, media), name, label, media)
        if found.type is fs.FileType.File:
            return files.single(name, store.open_input_stream(path).read(), label, media)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise ConfigurationError(
            "the address names no object store that is known here",
            where=f"sources.yaml, {address.partition(':')[0]}://",
            todo="write s3://, gs://, abfs:// or file:// with a bucket and a folder",
        ) from error
    except OSError as error:
        raise UnavailableError(
            f"the object store does not give {name}: {type(error).__name__}",
            where=f"sources.yaml, {address.partition(':')[0]}://",
            todo="look at the credentials of this process and at the store; try again",
        ) from error
    raise InputError(f"there is no {name}", where="object store", todo="check that the address is right")


def _folder(store: fs.FileSystem, path: str, media: frozenset[Media]) -> dict[str, bytes]:
    inside = store.get_file_info(fs.FileSelector(path, recursive=True))
    names = {info.path: info.path.removeprefix(path).lstrip("/") for info in inside if info.is_file}
    return {name: store.open_input_stream(at).read() for at, name in names.items() if files.wanted(name, media)}
