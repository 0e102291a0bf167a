"""Many rows written in stretches, so that a turn which writes too never waits for all
of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from db.store.engine import Database

# Seconds that one stretch may take: so long waits a turn that writes, on PostgreSQL
# only for a row of the stretch.
STRETCH_S = {"sqlite": 0.040, "postgresql": 0.100}
# The same where the rows are new, so that on PostgreSQL no turn meets one of them.
NEW_ROWS_S = {"sqlite": 0.040, "postgresql": 0.500}
# after each on SQLite: whoever waits asks every millisecond (db/store/links.py)
REST_S = 0.003
FEWEST, MOST = 200, 200_000


@dataclass(slots=True)
class Stretch:
    """How many rows the next one takes: as many as lately fitted into the time."""

    db: Database
    seconds: Mapping[str, float] = field(default_factory=lambda: STRETCH_S)  # by engine
    rows: int = 2_000

    def took(self, seconds: float) -> None:
        """Adapt to what the last stretch took, and let others write."""
        engine = self.db.dialect.name
        allowed = self.seconds[engine]
        fits = self.rows * allowed / max(seconds, 0.001)
        rows = max(int(fits), FEWEST)
        twice = 2 * self.rows
        self.rows = min(rows, MOST, twice)
        if self.db.is_sqlite:
            time.sleep(REST_S)
