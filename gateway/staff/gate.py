"""The one door of the desk: the blueprint that every page hangs itself on, the sign-in, and what each page needs."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from db.office import sign_in
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, roles

bp = Blueprint("staff", __name__)
csrf = CSRFProtect()

IDLE_MS = 8 * 3600 * 1000
_MINUTE_MS = 60_000
# Nothing from anywhere else; Bootstrap draws its small marks as data: images.
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


class Id(IntegerConverter):
    """A number that both engines can hold; a longer one names nothing, so that no address fits it (404)."""

    regex = r"\d{1,18}"


def init(app: Flask, *, https: bool = False) -> None:
    """Sign-in cookies, CSRF and Bootstrap from its own wheel."""
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        SESSION_COOKIE_NAME="desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate does: nothing but the desk has a cookie to ride on
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: a page left open over lunch still works
    )
    app.url_map.converters["int"] = Id  # before any address is made
    csrf.init_app(app)
    Bootstrap5(app)


def _signed_in() -> sign_in.OnDuty | None:
    """Who is signed in, unless the password changed, the account was closed or eight hours went by."""
    now = lang.now_ms()
    if "staff" not in session or now - session.get("at", 0) > IDLE_MS:
        return None
    if now - session["at"] > _MINUTE_MS:
        session["at"] = now
    with here().db.connection() as tx:
        return sign_in.on_duty(tx, session["staff"], session["epoch"])


@bp.before_request
def gate() -> Response | None:
    """The one door: who is there, and may they. A view that says nothing of itself stays shut."""
    csrf.protect()
    needed = getattr(current_app.view_functions[request.endpoint or ""], "needs", None)
    g.staff = _signed_in()
    if needed == layout.ANYBODY:
        return None
    if g.staff is None:
        session.pop("staff", None)
        to = (request.script_root + request.full_path).rstrip("?") if request.method == "GET" else None
        return redirect(url_for("staff.sign_in", next=to), 303)
    if needed != layout.SIGNED_IN and needed not in roles.PERMISSIONS.get(g.staff.role, ()):
        if request.endpoint == "staff.today" and request.method == "GET":
            return redirect(layout.home(), 303)  # the address that everybody knows leads to the own first page
        abort(403)
    return None


@bp.after_request
def keep_private(response: Response) -> Response:
    """Pages about people are not kept by browsers, framed by others, or fed from elsewhere."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.errorhandler(HTTPException)
def rendered(problem: HTTPException) -> HTTPException | layout.Page:
    """What happened and what to do, in the desk's style."""
    if problem.response is not None or (problem.code or 500) < 400:
        return problem
    code = problem.code if problem.code in (400, 403, 404) else 500
    kind = "form" if isinstance(problem, CSRFError) else code
    return layout.page("error", problem.code or 500, kind=kind)


bp.context_processor(layout.surroundings)


@bp.route("/<path:anywhere>", methods=["GET", "POST"])
@layout.open_to(layout.SIGNED_IN)
def nowhere(anywhere: str) -> Response:
    """Inside the gate too, so that even a wrong address asks for the sign-in and answers in the desk's style."""
    abort(404)
