"""The one door of the desk: the blueprint that every page hangs itself on, the sign-in,
and what each page needs.
"""

from __future__ import annotations

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from db.office import sign_in
from db.progress.conversions import NotLogged
from gateway.context import here
from gateway.staff import language as lang
from gateway.staff import layout, once, roles

bp = Blueprint("staff", __name__)
csrf = CSRFProtect()

IDLE_MS = 8 * 3600 * 1000
_MINUTE_MS = 60_000
# problems with words of their own; the others are ours
EXPLAINED = (
    400,
    403,
    404,
    413,
)
# What a page that takes a file reads, of whoever may open it: more than it takes, so
# that it can say so itself.
FILE_BODY_MOST = 8_000_000  # bytes
FILE_FORM_MOST = 2_000_000  # of the fields, for a file that a form carries on
# Nothing from anywhere else.
_POLICY = (
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


class Id(IntegerConverter):
    """A number that both engines can hold; a longer one names nothing, so that no
    address fits it (404).
    """

    regex = r"\d{1,18}"


def init(app: Flask, *, https: bool = False) -> None:
    """Sign-in cookies and CSRF."""
    app.config.update(
        SESSION_COOKIE_NAME="desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        # the gate does: nothing but the desk has a cookie to ride on
        WTF_CSRF_CHECK_DEFAULT=False,
        # as long as the sign-in: a page left open over lunch still works
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.url_map.converters["int"] = Id  # before any address is made
    csrf.init_app(app)
    app.jinja_env.globals["form_key"] = once.new_key


def _signed_in() -> sign_in.OnDuty | None:
    """Who is signed in, unless the password changed, the account was closed or eight
    hours went by.
    """
    now = lang.now_ms()
    last_seen = session.get("at", 0)
    idle = now - last_seen
    if "staff" not in session or idle > IDLE_MS:
        return None
    if idle > _MINUTE_MS:
        session["at"] = now
    with here().db.connection() as tx:
        return sign_in.on_duty(tx, session["staff"], session["epoch"])


@bp.before_request
def gate() -> Response | None:
    """The one door: who is there, and may they. A view that says nothing of itself
    stays shut.
    """
    endpoint = request.endpoint or ""
    view = current_app.view_functions[endpoint]
    needed = getattr(view, "needs", None)
    takes_a_file = getattr(view, "takes_a_file", False)
    g.staff = _signed_in()
    if takes_a_file and needed is not None and layout.may(needed):
        request.max_content_length = FILE_BODY_MOST
        request.max_form_memory_size = FILE_FORM_MOST
    csrf.protect()  # reads the form
    if needed == layout.ANYBODY:
        return None
    if g.staff is None:
        return _to_sign_in()
    permissions = roles.PERMISSIONS.get(g.staff.role, ())
    if needed == layout.SIGNED_IN:
        return None
    if needed in permissions:
        _begin(view)
        return None
    if endpoint != "staff.today" or not _only_looks():
        abort(403)
    # the address that everybody knows leads to the own first page
    return redirect(layout.home(), 303)


def _begin(view: object) -> None:
    """A form that keeps something is carried out once."""
    only_shows = getattr(view, "only_shows", False)
    if not _only_looks() and not only_shows:
        once.begin()


def _to_sign_in() -> Response:
    """And back to this page from there; what a form would have done is to be done anew."""
    session.pop("staff", None)
    to = layout.this_address() if _only_looks() else None
    return layout.see("staff.sign_in", next=to)


def _only_looks() -> bool:
    """Whether it asks for a page, or for its head alone."""
    return request.method in ("GET", "HEAD")


@bp.after_request
def keep_answer(response: Response) -> Response:
    once.end(response)
    return response


@bp.errorhandler(once.Twice)
def twice(problem: once.Twice) -> Response:
    """The same form came before."""
    return once.once_more()


@bp.after_request
def keep_private(response: Response) -> Response:
    """Pages about people are not kept by browsers, framed by others, or fed from
    elsewhere.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.errorhandler(HTTPException)
def rendered(problem: HTTPException) -> HTTPException | layout.Page:
    """What happened and what to do, in the desk's style."""
    code = problem.code or 500
    if problem.response is not None or code < 400:
        return problem
    if isinstance(problem, CSRFError):
        return layout.page("error", code, kind="form")
    kind = code if code in EXPLAINED else 500
    return layout.page("error", code, kind=kind)


@bp.errorhandler(NotLogged)
def not_logged(problem: NotLogged) -> layout.Page:
    """Something was ticked off for who or what it does not fit: tuition of a shop."""
    return layout.page("error", 400, kind="not_logged")


bp.context_processor(layout.surroundings)


@bp.route("/<path:anywhere>", methods=["GET", "POST"])
@layout.open_to(layout.SIGNED_IN)
def nowhere(anywhere: str) -> Response:
    """Inside the gate too, so that even a wrong address asks for the sign-in and
    answers in the desk's style.
    """
    abort(404)
