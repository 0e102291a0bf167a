"""A village seen from outside: its register comes from files, its broadcasts from the
console, its clock is set.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, text

from db.__main__ import main
from db.broadcasts import drafts
from db.models import installation
from db.store.engine import Database
from menus.days import at_local, today
from scheduler.__main__ import run_once
from settings import Settings
from tests import factories as make

WORDS = "Buổi đổi máy ở nhà văn hóa, thứ Bảy này còn chỗ."
_files = itertools.count(1)


def tomorrow(written: str = "09:00", days: int = 1) -> datetime:
    """An hour of tomorrow's in the commune: the console starts by the real clock, so
    stories are told ahead of it.
    """
    return at_local(today(datetime.now(UTC)) + timedelta(days=days), written)


class Village:
    """Everything one can do from a terminal and from a phone."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        client: Callable[[], FlaskClient],
    ) -> None:
        self.db, self.settings = db, settings
        self._folder, self._capsys, self._client = folder, capsys, client

    # From the terminal

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """`python -m db ...`: exit code, what it printed, what it complained of."""
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def does(self, *arguments: object) -> str:
        """`python -m db broadcast ...` that must go well: what it printed."""
        code, out, err = self.run("broadcast", *arguments)
        assert (code, err) == (0, ""), err
        return out

    def approves(self, number: int) -> None:
        """Somebody at the desk, who did not write it, has read it."""
        with self.db.transaction() as tx:
            eyes = make.staff(tx, username=f"duyet-{number}")
            seen = drafts.digest(drafts.get(tx, number, 1))
            drafts.approve(
                tx,
                number,
                commune_id=1,
                staff_id=eyes,
                seen=seen,
                now=1,
                no_advert=True,
            )

    def refuses(self, *arguments: object) -> str:
        """`python -m db broadcast ...` that must be refused: the sentence."""
        code, out, err = self.run("broadcast", *arguments)
        assert (code, out) == (1, ""), (code, out)
        assert "Traceback" not in err
        return err.strip()

    def file(
        self, content: str | bytes | dict[str, Any], suffix: str = ".json"
    ) -> Path:
        made = self._folder / f"file-{next(_files)}{suffix}"
        if isinstance(content, dict):
            content = json.dumps(content, ensure_ascii=False)
        made.write_bytes(content if isinstance(content, bytes) else content.encode())
        return made

    def write(
        self,
        audience: dict[str, Any] | None = None,
        words: str | dict[str, str] = WORDS,
        **more: Any,
    ) -> Path:
        """The file of a notice."""
        return self.file({**self.given(audience, words), **more})

    @staticmethod
    def given(
        audience: dict[str, Any] | None, words: str | dict[str, str]
    ) -> dict[str, Any]:
        said = {"vi": words} if isinstance(words, str) else words
        return {
            "name": "Đổi máy",
            "class": "notice",
            "words": said,
            "audience": audience or {},
        }

    def advert(self, words: str | dict[str, str], **more: Any) -> int:
        """The number of an advert to everybody."""
        return int(
            self.does(
                "draft", self.file({**self.given({}, words), "class": "advert", **more})
            )
        )

    def draft(
        self,
        audience: dict[str, Any] | None = None,
        words: str | dict[str, str] = WORDS,
        **more: Any,
    ) -> int:
        """The number of a notice that was drafted from a file."""
        return int(self.does("draft", self.write(audience, words, **more)))

    def started(
        self,
        audience: dict[str, Any] | None = None,
        words: str | dict[str, str] = WORDS,
        **more: Any,
    ) -> int:
        number = self.draft(audience, words, **more)
        self.does("start", number)
        return number

    def imports(self, kind: str, *lines: str) -> str:
        """Take in a CSV file of these lines, the header first: what was printed."""
        with self.db.transaction() as tx:
            tx.run(delete(installation))
        code, out, err = self.run("import", kind, self.file("\n".join(lines), ".csv"))
        assert (code, err) == (0, "")
        self._is_demo()
        return out

    def _is_demo(self) -> None:
        """So that texts go to the simulator, whatever the hour of the installation."""
        with self.db.transaction() as tx:
            tx.run(delete(installation))
            tx.run(insert(installation).values(id=1, kind="demo", since=1))

    def clock(self, at: datetime | None = None) -> str:
        """What `python -m scheduler --once --now ...` does, without a process of its
        own: what it printed.
        """
        now = at or tomorrow()
        self._capsys.readouterr()
        run_once(self.db, self.settings, lambda: now, paced=False)
        return self._capsys.readouterr().out

    # What the terminal shows

    def people(self, number: int) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.does("people", number))))

    def chosen(self, audience: dict[str, Any]) -> str:
        """The names of those whom a rule chooses, in order: `An Binh`."""
        return " ".join(
            one["person"]
            for one in self.people(self.draft(audience))
            if one["chosen"] == "yes"
        )

    def why(self, number: int) -> dict[str, str]:
        """Name -> why there is no text, of everybody who has a reason."""
        return {
            one["person"]: one["reason"] for one in self.people(number) if one["reason"]
        }

    def show(self, number: int) -> dict[str, int]:
        """The first line of `show` as numbers."""
        words = self.does("show", number).splitlines()[0].split()
        return {
            name: int(many) for name, many in zip(words[::2], words[1::2], strict=True)
        }

    # By phone

    def says(self, who: int, written: str) -> str:
        """A text from the phone with this place in the demo block, now: the answer."""
        form = {"from": make.phone(who), "text": written, "id": f"text-{next(_files)}"}
        answer = self._client().post("/sms/simulator", data=form)
        assert answer.status_code == 200
        return str(answer.text)

    # What no command tells

    def texts(self, number: int) -> list[Any]:
        """Rows of messages of this broadcast, in order of person."""
        with self.db.connection() as tx:
            return tx.all(
                text(
                    "SELECT m.* FROM messages m JOIN firings g ON g.id = m.firing_id"
                    " WHERE g.broadcast_id = :id AND m.direction = 'out' ORDER BY g.id, m.person_id"
                ),
                id=number,
            )

    def sent(self, number: int) -> list[str]:
        """The texts that went out."""
        return [
            one.text
            for one in self.texts(number)
            if one.status in ("SENT", "DELIVERED")
        ]

    def agree(self, number: int) -> None:
        """The invariant, by the command and by the row."""
        assert self.does("check", number) == "Everything agrees.\n"
        code, out, _ = self.run("verify")
        assert (code, out) == (0, "Everything agrees.\n")
        shown = self.show(number)
        assert shown["chosen"] == sum(
            many for name, many in shown.items() if name != "chosen"
        )

    def sql(self, statement: str, **values: Any) -> int:
        with self.db.transaction() as tx:
            return tx.run(text(statement), **values)

    def ask(self, statement: str, **values: Any) -> Any:
        with self.db.connection() as tx:
            return tx.value(text(statement), **values)

    def books(self, who: int, starts: datetime | None = None, hall: str = "NVH") -> int:
        """This person has a seat the day after tomorrow: its booking."""
        from db.store.engine import to_ms

        with self.db.transaction() as tx:
            hamlet = tx.value(text("SELECT MIN(id) FROM hamlets"))
            made = make.hall(tx, hamlet, name=hall)
            day = starts or tomorrow("08:00", days=2)
            slot = make.event_with_slots(
                tx, hall_id=made, starts=day, capacity=5
            ).slots[0]
            person = tx.value(
                text("SELECT id FROM people WHERE phone = :phone"),
                phone=make.phone(who),
            )
            return int(
                make.booking(
                    tx, slot_id=slot, person_id=person, now=to_ms(datetime.now(UTC))
                ).id
            )


def a_day(later: int) -> date:
    return today(datetime.now(UTC)) + timedelta(days=later)
