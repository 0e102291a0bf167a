"""A clerk's browser without the browser: follows forms as they stand on the page,
cookies and hidden fields and all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests


@dataclass
class Form:
    """One form of a page: where it goes, what it carries, which buttons it has (name,
    value).
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif self.found and tag == "input" and "name" in given:
            self.found[-1].fields[given["name"]] = given.get("value", "")
        elif self.found and tag == "button" and "name" in given:
            self.found[-1].buttons.append((given["name"], given["value"]))


class Clerk:
    """Signed in at the desk of the service on this port."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._browser = requests.Session()
        self._browser.headers["Connection"] = "close"
        self.open("/staff/")
        self.send(self.form("sign-in"), username=user, password=password)

    def open(self, path: str) -> str:
        self.page = self._browser.get(self._base + path, timeout=20)
        assert self.page.status_code == 200, self.page.text
        return self.page.text

    def form(self, ending: str) -> Form:
        """The form on this page that goes to an address with this ending."""
        forms = _Forms()
        forms.feed(self.page.text)
        return next(
            form
            for form in forms.found
            if form.action.partition("?")[0].endswith(ending)
        )

    def send(self, form: Form, **fields: str) -> str:
        self.page = self._browser.post(
            self._base + form.action, {**form.fields, **fields}, timeout=20
        )
        assert self.page.status_code == 200, self.page.text
        return self.page.text
