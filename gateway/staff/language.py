"""What staff read, in Vietnamese or English: sentences from `words/*.toml`, days, hours, numbers."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

from db.store.engine import from_ms
from menus import days

LANGUAGES = ("vi", "en")
_FOLDER = Path(__file__).parent / "words"


def _load(language: str) -> dict[str, str]:
    found = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return {
        key: unicodedata.normalize("NFC", sentence) for key, sentence in found.items()
    }


WORDS = {language: _load(language) for language in LANGUAGES}


def say(language: str, key: str, **values: object) -> str:
    """The sentence, filled in. Raises KeyError for a key that is not written."""
    return WORDS[language][key].format_map(values)


def named(language: str, prefix: str, value: str | None) -> str:
    """The word for a value of a closed list, as `status_SENT`; a value nobody wrote a word for stands for itself."""
    return WORDS[language].get(f"{prefix}_{value}", value or "")


def clock(ms: int) -> str:
    """8h00, on the commune's clock."""
    return days.hour(from_ms(ms))


def stamp(ms: int | None, language: str) -> str:
    """14h05 CN 12/5; a dash where there is none."""
    return "–" if ms is None else days.short_time(from_ms(ms), language)


def day_name(day: str | None, language: str) -> str:
    """`CN 12/5/2026` from an ISO day: the year stands, a list may reach back to last spring."""
    if not day:
        return "–"
    when = date.fromisoformat(day)
    return f"{days.short_day(when, language)}/{when.year}"


def number(value: int | None, language: str) -> str:
    """1.234 in Vietnamese, 1,234 in English."""
    written = f"{int(value or 0):,}"
    return written.replace(",", ".") if language == "vi" else written


def decimal(value: float, language: str) -> str:
    """4,2 in Vietnamese, 4.2 in English."""
    written = f"{value:.1f}"
    return written.replace(".", ",") if language == "vi" else written


def now_ms() -> int:
    """The desk's own reading of the clock: one place, UTC ms."""
    return int(datetime.now(UTC).timestamp() * 1000)


def today(now: int) -> str:
    """The local day as ISO."""
    return days.today(from_ms(now)).isoformat()


def current_day() -> str:
    """The local day of this moment as ISO."""
    return today(now_ms())
