"""Wires the web process: settings, database, carriers, and the doors they are reached
by.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from db.store import installation
from db.store.engine import connect
from gateway import health, lightness, logs, phone, staff, transports
from gateway.context import EXTENSION, Context
from gateway.conversation import Conversation
from gateway.webhooks import BODY_MOST, Webhooks
from settings import Settings, SettingsError, from_environment

DESK = "/staff"


def create_app(settings: Settings | None = None) -> Flask:
    """The web process. Raises SettingsError when a setting is missing or would be
    dangerous here.
    """
    settings = settings or from_environment()
    database = connect(settings.database_url)
    if settings.simulator:
        _refuse_simulator_in_public(settings)
        installation.refuse_simulator_when_live(database)
    logs.start()
    app = Flask(__name__, static_url_path=lightness.static_address())
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=BODY_MOST,
        MAX_FORM_MEMORY_SIZE=BODY_MOST,
    )
    carriers = transports.transports(settings)
    conversation = Conversation(database, settings)
    context = Context(settings, database, carriers, conversation)
    app.extensions[EXTENSION] = context
    carriers_first: WSGIApplication = Webhooks(app.wsgi_app, context)
    if settings.trusted_proxies:
        carriers_first = _behind_proxies(carriers_first, settings.trusted_proxies)
    app.wsgi_app = carriers_first  # type: ignore[method-assign, assignment]  # as Flask asks for it
    by_https = settings.public_url.startswith("https:")
    staff.init(app, https=by_https and not settings.simulator)
    lightness.init(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(staff.bp, url_prefix=DESK)
    if settings.simulator:
        app.register_blueprint(phone.bp)
    return app


def _behind_proxies(service: WSGIApplication, proxies: int) -> WSGIApplication:
    """So many of them are believed when they say who asked, how, and under which name."""
    return ProxyFix(service, x_for=proxies, x_proto=proxies, x_host=proxies)


def _refuse_simulator_in_public(settings: Settings) -> None:
    public_host = urlsplit(settings.public_url).hostname or ""
    hosts = {"HOST": os.environ.get("HOST", ""), "PUBLIC_URL": public_host}
    for name, host in hosts.items():
        if host and not _is_this_machine(host):
            raise SettingsError(
                f"SIMULATOR is on while {name} is {host}: anyone could book in anyone's name. Turn it off."
            )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
