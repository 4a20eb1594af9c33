"""Files that are there when they are whole, not before."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path to write to. Its content becomes the file if nothing fails.

    A file that exists keeps its mode, and a link is followed. Devices and pipes are written to directly.

    Raises:
        OSError: it cannot be written; its filename is `path`.
    """
    part: Path | None = None
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        # Unlike Path.resolve, this bears links that lead in a circle.
        target = Path(os.path.realpath(path))
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        yield part
        with suppress(FileNotFoundError):
            shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        if part is not None:
            with suppress(OSError):  # its directory may be what is missing
                part.unlink()
