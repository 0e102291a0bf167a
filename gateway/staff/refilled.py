"""A form that was refused comes back as it was typed: the page it would have led back to
is answered at once, with the form filled in and unfolded.

So no view has to remember what stood in its form. Which form it is, its address says;
of several with one address (a line of a list each) their hidden fields do.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from flask import current_app, g, request, session
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from gateway.staff.gate import bp

Attributes = Mapping[str, str | None]
Fields = MultiDict[str, str]

_FLASHES = "_flashes"  # where Flask keeps them in a session
_UNTOUCHED = ("hidden", "submit", "button", "file", "password")
_OF_THE_PAGE = ("csrf_token", "form_key", "back")  # other ones each time it is shown


class Seen(NamedTuple):
    """A form of the page, its hidden fields, and in which details it lies."""

    action: str
    hidden: dict[str, str]
    shown: list[str]  # names of the fields that somebody fills in
    folds: tuple[int, ...]


@bp.after_request
def refill(response: Response) -> Response:
    """What was typed into a form that was refused is never lost."""
    is_refused = "danger" in g.get("told", [])
    if request.method != "POST" or not is_refused or not request.form:
        return response
    html = _shown_next(response)
    filled = html and fill(html, request.path, request.form)
    if not filled:
        return response
    response.status_code = max(response.status_code, 400)
    response.headers.pop("Location", None)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.set_data(filled)
    session.pop(_FLASHES, None)  # they stand on this page
    return response


def _shown_next(response: Response) -> str:
    """The page that would be seen next; empty where it is none of the desk's."""
    if response.mimetype == "text/html" and response.status_code in (200, 400):
        return response.get_data(as_text=True)
    to = response.headers.get("Location")
    if to is None:
        return ""
    told = session.get(_FLASHES, [])
    with current_app.request_context(_asks_for(to)):
        session[_FLASHES] = told
        page = current_app.full_dispatch_request()
        return page.get_data(as_text=True) if page.status_code == 200 else ""


def _asks_for(to: str) -> WSGIEnvironment:
    """The request that a browser would send to go on there."""
    parts = urlsplit(to)
    cookies = [("Cookie", request.headers.get("Cookie", ""))]
    asks = EnvironBuilder(
        parts.path.removeprefix(request.script_root),
        base_url=request.url_root,
        query_string=parts.query,
        headers=cookies,
    )
    return asks.get_environ()


def fill(html: str, action: str, typed: Fields) -> str:
    """The page with the form of this address filled in; empty where it has none with a
    field to fill in.
    """
    reader = _Reader()
    reader.feed(html)
    number = _meant(reader.forms, action, typed)
    if number is None:
        return ""
    writer = _Writer(number, reader.forms[number].folds, typed)
    writer.feed(html)
    writer.close()
    return "".join(writer.written)


def _meant(forms: list[Seen], action: str, typed: Fields) -> int | None:
    for number, form in enumerate(forms):
        hidden = form.hidden.items()
        is_it = all(typed.get(name) == value for name, value in hidden)
        if form.action == action and is_it:
            return number if form.shown else None
    return None


class _Reader(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Seen] = []
        self.is_inside = False
        self._folds: list[int] = []  # the details that are open here
        self._details = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "details":
            self._folds.append(self._details)
            self._details += 1
        elif tag == "form":
            address = urlsplit(has.get("action") or "").path
            self.forms.append(Seen(address, {}, [], tuple(self._folds)))
            self.is_inside = True
        elif self.is_inside and has.get("name"):
            self._field(tag, has)

    def _field(self, tag: str, has: Attributes) -> None:
        form = self.forms[-1]
        name = has["name"] or ""
        kind = has.get("type")
        if tag == "input" and kind == "hidden":
            if name not in _OF_THE_PAGE:
                form.hidden[name] = has.get("value") or ""
        elif tag in ("select", "textarea") or (
            tag == "input" and kind not in _UNTOUCHED
        ):
            form.shown.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "details" and self._folds:
            self._folds.pop()


class _Writer(HTMLParser):
    """Writes the page again, letter for letter but for what was typed."""

    def __init__(self, number: int, folds: tuple[int, ...], typed: Fields) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._number = number
        self._folds = folds
        self._typed = typed
        self._form = -1
        self._details = -1
        self._is_inside = False
        self._select = ""  # the one whose options stand here
        self._drops = False  # what a textarea held

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "details":
            self._details += 1
            if self._details in self._folds:
                has["open"] = None
        elif tag == "form":
            self._form += 1
            self._is_inside = self._form == self._number
        elif self._is_inside:
            self._fill(tag, has)
        if has == dict(attrs):
            self.written.append(self.get_starttag_text() or "")
        else:
            self.written.append(_tag(tag, has))
        if self._drops:
            self.written.append(escape(self._typed[has["name"] or ""], quote=False))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _fill(self, tag: str, has: dict[str, str | None]) -> None:
        name = has.get("name") or ""
        if tag == "input" and has.get("type") in ("checkbox", "radio"):
            _mark(has, "checked", has.get("value") or "on", self._typed.getlist(name))
        elif tag == "input" and has.get("type") not in _UNTOUCHED:
            has["value"] = self._typed.get(name, has.get("value"))
        elif tag == "textarea":
            self._drops = name in self._typed
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select in self._typed:
            chosen = self._typed.getlist(self._select)
            _mark(has, "selected", has.get("value") or "", chosen)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea":
            self._drops = False
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._drops:
            self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.written.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")


def _mark(has: dict[str, str | None], mark: str, value: str, chosen: list[str]) -> None:
    """`checked` or `selected`, where this is what was chosen."""
    has.pop(mark, None)
    if value in chosen:
        has[mark] = None


def _tag(tag: str, has: Attributes) -> str:
    attributes = []
    for name, value in has.items():
        is_bare = value is None
        attributes.append(name if is_bare else f'{name}="{escape(value or "")}"')
    return f"<{' '.join([tag, *attributes])}>"
