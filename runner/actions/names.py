"""What a file is called that a URL gives, where nobody says it. It knows nothing of what is in it."""

from __future__ import annotations

import os
from urllib.parse import unquote

from runner.actions.urls import Source


def name_of(source: Source, media_type: str | None) -> str:
    """The last part of the URL's path, made safe; one of its host and a digest where there is none."""
    last = unquote(source.parts.path).rpartition("/")[2].strip()
    name = "".join("_" if letter in "/\\" or not letter.isprintable() else letter for letter in last)
    if name in ("", ".", ".."):
        from mimetypes import guess_extension

        suffix = guess_extension(media_type) if media_type else None
        return f"{source.name or 'file'}-{_digest(source)}{suffix or ''}"
    if len(name.encode()) > 200:
        stem, suffix = os.path.splitext(name)
        return f"{_shortened(stem, 150)}-{_digest(source)}{_shortened(suffix, 20)}"
    return name


def with_digest(path: str, source: Source) -> str:
    """The path of another file, told from it by the URL."""
    stem, suffix = os.path.splitext(path)
    return f"{stem}-{_digest(source)}{suffix}"


def _digest(source: Source) -> str:
    from hashlib import sha256

    return sha256(source.parts.geturl().encode(errors="surrogatepass")).hexdigest()[:8]


def _shortened(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
