"""Is it alive, is it ready, how is it doing: for operators and their machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    generate_latest,
)
from werkzeug.wrappers import Response as AnyResponse

from db.store import health, installation
from db.store.engine import Tx, to_ms
from db.store.migrate import current_is_head
from db.texts import breakers
from gateway.context import here
from gateway.transports.base import same_secret

bp = Blueprint("health", __name__)


@bp.get("/")
def root() -> AnyResponse:
    if here().settings.simulator:
        return redirect("/phone")
    return redirect("/staff/")


@bp.get("/healthz")
def alive() -> Response:
    return Response("ok\n", content_type="text/plain")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """503 only when the database is out of reach or its schema is old; all else is a
    field to watch.
    """
    try:
        if not current_is_head(here().db):
            return jsonify(
                ready=False, database="schema is old: run python -m db upgrade"
            ), 503
        with here().db.connection() as tx:
            return jsonify(ready=True, database="ok", **_fields(tx)), 200
    except Exception as problem:
        kind = type(problem).__name__
        return jsonify(ready=False, database=f"out of reach ({kind})"), 503


def _fields(tx: Tx) -> dict[str, Any]:
    now = to_ms(datetime.now(UTC))
    settings = here().settings
    kind = installation.kind(tx)
    is_demo = kind == "demo"
    senders = ("simulator",) if is_demo else settings.sms_senders
    clocks = health.clocks(tx)
    return {
        "installation": kind,
        "clock_seconds_ago": {job: _seconds(now - at) for job, at in clocks.items()},
        "queue": _queue(tx, now),
        "sending": "simulator" if is_demo else settings.sending,
        "senders": _senders(tx, senders, now),
    }


def _queue(tx: Tx, now: int) -> dict[str, int]:
    queue = health.queue(tx, now)
    due_for = 0
    if queue.oldest:
        due_for = now - queue.oldest
    return {"waiting": queue.waiting, "oldest_seconds": _seconds(due_for)}


def _seconds(ms: int) -> int:
    return ms // 1000


def _senders(tx: Tx, names: Iterable[str], now: int) -> dict[str, dict[str, Any]]:
    """Each sender's state: ok, failing (some in a row), down (left alone for a while),
    each with its count and time.
    """
    failing = breakers.failing(tx)
    states: dict[str, dict[str, Any]] = {}
    for name in names:
        if name in failing:
            states[name] = _trouble(failing[name], now)
        else:
            states[name] = {"state": "ok"}
    return states


def _trouble(breaker: breakers.Breaker, now: int) -> dict[str, Any]:
    return {
        "state": "down" if breaker.open_until else "failing",
        "failures": breaker.failures,
        "for_seconds": _seconds(now - breaker.since),
    }


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus text, counted in the database, so that any web process gives the same
    answer.
    """
    if not _may_read_metrics():
        abort(404)
    registry = CollectorRegistry()
    texts = Gauge(
        "lensong_texts",
        "Texts by direction and status",
        ["direction", "status"],
        registry=registry,
    )
    bookings = Gauge(
        "lensong_bookings", "Bookings by status", ["status"], registry=registry
    )
    waiting = Gauge(
        "lensong_queue_waiting", "Texts due and not yet taken", registry=registry
    )
    oldest = Gauge(
        "lensong_queue_oldest_seconds",
        "How long the oldest of them has been due",
        registry=registry,
    )
    clock = Gauge(
        "lensong_clock_seconds_ago",
        "Since each job of the clock last ended well",
        ["job"],
        registry=registry,
    )
    with here().db.connection() as tx:
        for counted in health.texts(tx):
            texts.labels(counted.direction, counted.status).set(counted.texts)
        for seats in health.bookings(tx):
            bookings.labels(seats.status).set(seats.bookings)
        fields = _fields(tx)
    queue = fields["queue"]
    waiting.set(queue["waiting"])
    oldest.set(queue["oldest_seconds"])
    for job, seconds in fields["clock_seconds_ago"].items():
        clock.labels(job).set(seconds)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    """Whoever has the token; anybody where the simulator is on."""
    settings = here().settings
    if settings.simulator:
        return True
    if not settings.metrics_token:
        return False
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return same_secret(given, [settings.metrics_token])
