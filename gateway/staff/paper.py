"""Paper as a PDF: the sheets of `templates/paper/`, set by Typst. What is said on them
is handed over as data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response

from menus.hearing import fold

if TYPE_CHECKING:
    from typst import Fonts

# a sheet can read nothing outside
_SHEETS = Path(__file__).resolve().parents[1] / "templates" / "paper"
# Typst keeps what it worked out in its last ten runs, 6 MB for a poster; so many empty
# ones, 13 ms, let go of it.
REMEMBERED = 10


def pdf(sheet: str, given: Mapping[str, object]) -> bytes:
    """The sheet of that name with what it is given, as JSON has it. A word in it is
    never read as markup.
    """
    import typst

    fonts = _fonts()
    inputs = {"given": json.dumps(given)}
    made: bytes = typst.compile(
        _SHEETS / f"{sheet}.typ", root=_SHEETS, font_paths=fonts, sys_inputs=inputs
    )
    for _ in range(REMEMBERED):
        typst.compile(b"", font_paths=fonts)
    return made


def download(name: str, made: bytes) -> Response:
    """To be saved under the name, in letters that every computer has:
    `ap-phich-quang-trung-i.pdf`.
    """
    parts = re.findall(r"[a-z0-9]+", fold(name))
    saved_as = "-".join(parts)
    headers = {"Content-Disposition": f'attachment; filename="{saved_as}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


@cache
def _fonts() -> Fonts:
    """Those that come with Typst, so that a sheet looks the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)
