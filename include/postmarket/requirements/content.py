"""Bytes of files and archives, with bounds: a file that would fill the memory is refused, not read."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from include.postmarket.requirements.reading import fatal

LARGEST = 128 * 1024**2  # bytes of one file, or of one archive unpacked; a register of 10,000 items has about 20 MB
MOST_MEMBERS = 10_000


def read_bytes(path: Path) -> bytes:
    """Give the bytes of a file. Raises FaultyContentError when it is absent, empty or beyond `LARGEST`."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise fatal(f"cannot be read: {error.strerror}", str(path)) from error
    if size > LARGEST:
        raise fatal(f"holds {size:,} bytes, more than {LARGEST:,}: export it in parts", str(path))
    if not content.strip():
        raise fatal("is empty: export it again", str(path))
    return content


def text_of(content: bytes, file: str, encoding: str = "") -> str:
    """Give the text of a file: UTF-8, UTF-16 with a byte order mark, or the encoding that the mapping names.

    Raises FaultyContentError with the line of the first byte that does not fit; a guess could change what a text says.
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    chosen = encoding or ("utf-16" if marked else "utf-8-sig")
    try:
        text = content.decode(chosen)
    except LookupError:
        raise fatal(f"the mapping names an unknown encoding, {chosen!r}", file) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        todo = "save it as UTF-8, or name its encoding in the mapping (encoding: cp1252)"
        raise fatal(f"is not {chosen.removesuffix('-sig').upper()} at byte {error.start}: {todo}", file, line) from None
    if "\x00" in text:
        raise fatal("holds zero bytes: it is no text", file, text[: text.index("\x00")].count("\n") + 1)
    return text


def members(content: bytes, file: str) -> Iterator[tuple[str, bytes]]:
    """Give names and bytes of the files of a ZIP archive.

    Raises FaultyContentError for a broken archive, an encrypted one, and one that unpacks to more than `LARGEST`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            total = sum(info.file_size for info in infos)
            if total > LARGEST or len(infos) > MOST_MEMBERS:
                raise fatal(f"unpacks to {len(infos)} files of {total:,} bytes, more than {LARGEST:,}", file)
            for info in infos:
                with archive.open(info) as member:
                    unpacked = member.read(info.file_size + 1)
                if len(unpacked) != info.file_size:
                    raise fatal(f"{info.filename} unpacks to another size than the archive says", file)
                yield info.filename, unpacked
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise fatal(f"is no readable ZIP archive ({type(error).__name__}): export it again", file) from error
