"""Many rows written in stretches, so that a turn which writes too never waits for all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from db.store.engine import Database

# Seconds that one stretch may take: so long a turn that writes waits on SQLite. On PostgreSQL it waits for no stretch.
STRETCH_S = {"sqlite": 0.040, "postgresql": 0.100}
REST_S = 0.003  # after each on SQLite: whoever waits asks every millisecond (db/store/links.py)
FEWEST, MOST = 200, 200_000


@dataclass(slots=True)
class Stretch:
    """How many rows the next one takes: as many as lately fitted into the time."""

    db: Database
    rows: int = 2_000

    def took(self, seconds: float) -> None:
        """Adapt to what the last stretch took, and let others write."""
        fits = int(self.rows * STRETCH_S[self.db.dialect.name] / max(seconds, 0.001))
        self.rows = min(max(fits, FEWEST), MOST, 2 * self.rows)
        if self.db.is_sqlite:
            time.sleep(REST_S)
