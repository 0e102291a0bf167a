"""DOCX: paragraphs and tables as WordprocessingML in a zip, which is all that a report
needs of the format (docs/decisions/0016).

What is said (names, words, figures) is text and never markup. Lengths are millimetres,
sizes of letters points.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from db.reporting.sheets import without_control

FONT = "Times New Roman"
TWIPS = 1440 / 25.4  # to a millimetre
HALF = 2  # sizes are said in half points
_MADE = (
    2000,
    1,
    1,
    0,
    0,
    0,
)  # the same report is the same file, whenever it is written
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
XML = str  # a piece of the document, already escaped


def twips(millimetres: float) -> int:
    return round(millimetres * TWIPS)


@dataclass(frozen=True, slots=True)
class Letters:
    """How a run of letters looks."""

    size: float = 14  # points
    bold: bool = False
    italic: bool = False

    def run(self, text: str) -> XML:
        marks = "<w:b/><w:bCs/>" if self.bold else ""
        marks += "<w:i/><w:iCs/>" if self.italic else ""
        half = round(self.size * HALF)
        marks += f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
        said = escape(without_control(text))
        return (
            f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{said}</w:t></w:r>'
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """How a paragraph stands."""

    align: str = "left"  # left | center | both (justified)
    first: float = 0  # indent of the first line
    left: float = 0
    right: float = 0
    before: float = 0  # points
    after: float = 0  # points
    keep_next: bool = False  # on one page with what follows
    rule: bool = False  # a line above it, from indent to indent
    spacing: float = 1  # of lines
    exact: float = 0  # points of a line, where it is set

    def paragraph(self, *runs: XML) -> XML:
        keep = "<w:keepNext/>" if self.keep_next else ""
        rule = ""
        if self.rule:
            line = '<w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/>'
            rule = f"<w:pBdr>{line}</w:pBdr>"
        height = f'w:line="{round(240 * self.spacing)}" w:lineRule="auto"'
        if self.exact:
            height = f'w:line="{round(20 * self.exact)}" w:lineRule="exact"'
        space = f'<w:spacing w:before="{round(20 * self.before)}" w:after="{round(20 * self.after)}" {height}/>'
        indent = (
            f'<w:ind w:left="{twips(self.left)}" w:right="{twips(self.right)}"'
            f' w:firstLine="{twips(self.first)}"/>'
        )
        align = f'<w:jc w:val="{self.align}"/>'
        said = "".join(runs)
        return f"<w:p><w:pPr>{keep}{rule}{space}{indent}{align}</w:pPr>{said}</w:p>"


def page_number(size: float) -> XML:
    """The number of the page that it stands on."""
    half = round(size * HALF)
    look = f'<w:rPr><w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    return (
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{look}<w:t>2</w:t></w:r>"
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """`upright`: its words are read from below, so that a column may be narrow."""

    inside: XML
    upright: bool = False


def table(
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    ruled: bool = True,
    heads: int = 1,
    head_height: float = 0,
) -> XML:
    """`heads` rows stand again on each page; no row is torn. Without rules it is only
    columns beside each other.
    """
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    made = [
        _row(
            cells,
            widths,
            is_ruled=ruled,
            is_head=ruled and at < heads,
            height=head_height,
        )
        for at, cells in enumerate(rows)
    ]
    whole = f'<w:tblW w:w="{sum(twips(width) for width in widths)}" w:type="dxa"/>'
    looks = f'{whole}<w:jc w:val="center"/>{_BORDERS if ruled else ""}<w:tblLayout w:type="fixed"/>{_MARGINS}'
    return f"<w:tbl><w:tblPr>{looks}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(made)}</w:tbl>"


_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_BORDERS = "".join(
    (
        "<w:tblBorders>",
        *(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
            for side in _SIDES
        ),
        "</w:tblBorders>",
    )
)
_ROOM = {"top": 20, "left": 57, "bottom": 20, "right": 57}  # within a cell, in twips
_MARGINS = "".join(
    (
        "<w:tblCellMar>",
        *(f'<w:{side} w:w="{room}" w:type="dxa"/>' for side, room in _ROOM.items()),
        "</w:tblCellMar>",
    )
)


def _row(
    cells: Sequence[Cell],
    widths: Sequence[float],
    *,
    is_ruled: bool,
    is_head: bool,
    height: float,
) -> XML:
    looks = "<w:cantSplit/>"
    if is_head and height:
        looks += f'<w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>'
    if is_head:
        looks += "<w:tblHeader/>"
    made = []
    for cell, width in zip(cells, widths, strict=True):
        turned = '<w:textDirection w:val="btLr"/>' if cell.upright else ""
        middle = '<w:vAlign w:val="center"/>' if is_ruled else ""
        look = f'<w:tcW w:w="{twips(width)}" w:type="dxa"/>{turned}{middle}'
        made.append(f"<w:tc><w:tcPr>{look}</w:tcPr>{cell.inside}</w:tc>")
    return f"<w:tr><w:trPr>{looks}</w:trPr>{''.join(made)}</w:tr>"


@dataclass(frozen=True, slots=True)
class Section:
    """Pages of one size. `lying`: the long side below."""

    body: Sequence[XML]
    top: float
    bottom: float
    left: float
    right: float
    lying: bool = False
    numbered_first: bool = True  # does its first page show its number?

    def looks(self) -> XML:
        across, down = (297, 210) if self.lying else (210, 297)
        lies = ' w:orient="landscape"' if self.lying else ""
        hidden = "" if self.numbered_first else "<w:titlePg/>"
        return (
            '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/>'
            '<w:headerReference w:type="first" r:id="rId3"/>'
            f'<w:pgSz w:w="{twips(across)}" w:h="{twips(down)}"{lies}/>'
            f'<w:pgMar w:top="{twips(self.top)}" w:right="{twips(self.right)}" w:bottom="{twips(self.bottom)}"'
            f' w:left="{twips(self.left)}" w:header="{twips(10)}" w:footer="{twips(10)}" w:gutter="0"/>'
            f"{hidden}</w:sectPr>"
        )


def docx(sections: Sequence[Section], header: XML) -> bytes:
    """The file. `header` is the paragraph on top of every page but hidden ones."""
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations([("officeDocument", "word/document.xml")]),
        "word/document.xml": _document(sections),
        "word/_rels/document.xml.rels": _relations(
            [
                ("styles", "styles.xml"),
                ("header", "header1.xml"),
                ("header", "header2.xml"),
                ("settings", "settings.xml"),
            ]
        ),
        "word/settings.xml": _SETTINGS,
        "word/styles.xml": _styles(),
        "word/header1.xml": f'<w:hdr xmlns:w="{_W}">{header}</w:hdr>',
        "word/header2.xml": f'<w:hdr xmlns:w="{_W}"><w:p/></w:hdr>',
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as file:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, _HEAD + part)
    return kept.getvalue()


def _document(sections: Sequence[Section]) -> XML:
    """A section ends with a paragraph that holds its looks; the last one with the
    document.
    """
    *others, last = sections
    body: list[XML] = []
    for section in others:
        body += section.body
        body.append(f"<w:p><w:pPr>{_TINY}{section.looks()}</w:pPr></w:p>")
    body += last.body
    whole = "".join(body)
    return f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{whole}{last.looks()}</w:body></w:document>'


_TINY = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'


# Without it Word opens the file as one of 2007.
_SETTINGS = (
    f'<w:settings xmlns:w="{_W}"><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)


def _styles() -> XML:
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    size = '<w:sz w:val="28"/><w:szCs w:val="28"/>'
    looks = (
        f'<w:rPr>{fonts}<w:color w:val="000000"/>{size}<w:lang w:val="vi-VN"/></w:rPr>'
    )
    return (
        f'<w:styles xmlns:w="{_W}"><w:docDefaults><w:rPrDefault>{looks}</w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/></w:style>'
        "</w:styles>"
    )


def _types() -> XML:
    parts = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "header1": "header",
        "header2": "header",
    }
    said = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{said}</Types>'
    )


def _relations(targets: Iterable[tuple[str, str]]) -> XML:
    said = "".join(
        f'<Relationship Id="rId{number}" Type="{_R}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{said}</Relationships>'
