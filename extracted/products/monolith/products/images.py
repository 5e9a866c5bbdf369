"""Product images on disk: an upload is streamed, measured and put in place whole or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from monolith.common.errors import PayloadTooLarge

SUFFIX_BY_TYPE = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
}
TYPE_BY_SUFFIX = {suffix: content_type for content_type, suffix in SUFFIX_BY_TYPE.items()}


@dataclass(frozen=True)
class StoredImage:
    """An image in place: its type, its size and the hex SHA-256 of its bytes."""

    content_type: str
    size_bytes: int
    sha256: str


def store_image(
    *, product_id: int, content_type: str, chunks: Iterable[bytes], limit_bytes: int
) -> StoredImage:
    """Write the chunks to disk and put the file in place of the product's former image.

    Raises:
        PayloadTooLarge: more than `limit_bytes` came; the former image stays.
    """
    folder = _folder()
    digest, size_bytes = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{product_id}-")
    try:
        with os.fdopen(handle, "wb") as part:
            for chunk in _limited(chunks, limit_bytes):
                size_bytes += len(chunk)
                digest.update(chunk)
                part.write(chunk)
        target = folder / f"{product_id}{SUFFIX_BY_TYPE[content_type]}"
        former = image_path(product_id=product_id)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if former and former != target:
        former.unlink(missing_ok=True)
    return StoredImage(content_type, size_bytes, digest.hexdigest())


def image_path(*, product_id: int) -> Path | None:
    """Return the file of a product's image, or None."""
    paths = (_folder() / f"{product_id}{suffix}" for suffix in TYPE_BY_SUFFIX)
    return next((path for path in paths if path.exists()), None)


def _limited(chunks: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    left_bytes = limit_bytes
    for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise PayloadTooLarge(f"An image may have at most {limit_bytes} bytes.")
        yield chunk


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "products"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
