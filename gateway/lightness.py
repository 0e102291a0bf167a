"""What keeps pages light on a slow line: answers are compressed, and files of our own
are fetched once.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request
from flask_compress import Compress

STATIC = Path(__file__).with_name("static")
YEAR = 365 * 24 * 3600  # seconds
# Brotli's level: the next ones save 2 % and cost three times as long.
LEVEL = 5


def static_address() -> str:
    """Under which the files of `static/` are served: another one as soon as any of them
    changes, so that a browser may keep them for a year. Links between them are relative.
    """
    found = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(STATIC).as_posix().encode())
            found.update(path.read_bytes())
    return f"/static/{found.hexdigest()[:12]}"


def init(app: Flask) -> None:
    """Compresses what Flask answers. Carriers are answered before it, as they are."""
    app.config.update(
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=LEVEL,
        COMPRESS_STREAMS=False,  # an export; and a file would stay open
    )
    Compress(app)
    app.after_request(_whole)  # runs before the line above


def _whole(response: Response) -> Response:
    """A file of ours is read as a whole: it is small, and only so compressed."""
    if request.endpoint == "static":
        response.direct_passthrough = False
        response.get_data()
    return response
