"""A clock on a server whose time is wrong by so many seconds: `python -m
tests.journeys.skewed_clock -600`.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from db.store.engine import connect
from scheduler.__main__ import jobs
from settings import from_environment


def main() -> None:
    """Every job of the clock, again and again."""
    skew, settings = timedelta(seconds=float(sys.argv[1])), from_environment()
    work = [
        job
        for _, _, job in jobs(
            connect(settings.database_url), settings, lambda: datetime.now(UTC) + skew
        )
    ]
    while True:
        for job in work:
            job()
        time.sleep(0.2)


if __name__ == "__main__":
    main()
