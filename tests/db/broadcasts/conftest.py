"""The village of the stories about broadcasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import settings as settings_file
from db.store.engine import Database
from settings import Settings
from tests.db.broadcasts.village import Village
from tests.gateway.carriers import serving
from tests.scheduler.conftest import carrier

# the first is the stand-in of the stories about sending
__all__ = [
    "carrier",
    "village",
]


@pytest.fixture
def village(
    url: str,
    db: Database,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Village]:
    """Three people of two hamlets, with an alias for the first."""
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("PRIVACY_KEY", settings.privacy_key)
    monkeypatch.setenv("SIMULATOR", "on")
    monkeypatch.setattr(settings_file, "KEYS_FILE", tmp_path / "var" / "keys.env")
    with ExitStack() as open_:
        clients: list[FlaskClient] = []

        def client() -> FlaskClient:
            if not clients:
                clients.append(open_.enter_context(serving(settings)).test_client())
            return clients[0]

        village = Village(db, settings, tmp_path, capsys, client)
        village.imports(
            "residents",
            "phone,name,hamlet,household,handset,sim,poor",
            "0990000001,An,Quảng Trung I,H1,2g,2g,yes",
            "0990000002,Bình,Quảng Trung I,H1,4g_volte,4g,",
            "0990000003,Chi,Quảng Hồng II,H2,4g_no_volte,3g,near",
        )
        yield village
