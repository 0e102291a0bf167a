"""The house holds: every import is read, rooms look left only, and each vendor's
library has its one place.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest

from settings import ROOT

# each may look at itself and at those before it
ROOMS = (
    "settings",
    "menus",
    "db",
    "gateway",
    "scheduler",
)

# Who may know a library: paths that begin with one of these.
PLACES = {
    "sqlalchemy": ("db/",),
    "psycopg": ("db/",),
    "sqlite3": ("db/",),
    "alembic": ("db/migrations/", "db/store/migrate.py"),
    "msgspec": (
        "menus/values.py",
        "menus/listening.py",
        "menus/hearing/reader.py",
        "db/sessions.py",
    ),
    "openpyxl": (
        "db/commands/imports/",
        "db/reporting/sheets.py",
    ),  # read there, written here
    "typst": ("gateway/staff/paper.py",),
    "argon2": ("db/office/accounts.py",),
    "rapidfuzz": ("menus/",),
    "phonenumbers": ("menus/numbers.py",),
    "flask": ("gateway/",),
    "flask_compress": ("gateway/lightness.py",),
    "flask_wtf": ("gateway/",),
    "werkzeug": ("gateway/",),
    "prometheus_client": ("gateway/health.py",),
    "certifi": ("gateway/transports/line.py",),
    "urllib3": ("gateway/transports/",),
    "twilio": ("gateway/transports/twilio.py",),
    "apscheduler": ("scheduler/__main__.py",),
    "dotenv": ("settings.py",),
}
# Heavy, and not needed by a turn: imported where they are used, not when a process
# starts.
LATE = ("alembic", "openpyxl", "twilio", "apscheduler", "typst")
# Their module is itself imported late, by name.
LATE_ALREADY = ("db/migrations/", "gateway/transports/twilio.py")
OUR_OWN = ("menus", "db", "gateway", "scheduler")


@cache
def sources() -> dict[str, ast.Module]:
    """Every source file of the product by its path."""
    files = [
        ROOT / "settings.py",
        *(file for room in OUR_OWN for file in (ROOT / room).rglob("*.py")),
    ]
    return {
        str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8"))
        for file in files
    }


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names that are imported anywhere in here; `from a import b` gives a
    and a.b.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out, never relative"
            module = node.module or ""
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_rooms_look_left_only() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources().items()
        for name in imported(tree)
        if (there := name.split(".")[0]) in ROOMS
        and ROOMS.index(there) > ROOMS.index(path.split("/")[0].removesuffix(".py"))
    ]
    assert not wrong


# The ladder of `db/`: each shelf may look at itself and at those above it.
SHELVES = (
    "models", "migrations", "store", "places", "office", "register", "texts", "calendar", "seats", "progress",
    "notices", "broadcasts", "requests", "privacy", "changes", "reports",
    "reporting", "sessions", "port", "commands", "demo", "__main__",
)  # fmt: skip
READS_ONLY = ("models", "store", "reports")  # what a report may look at


def test_the_shelves_of_the_database_look_up_the_ladder_only() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in edges().items()
        for name in names
        if module.startswith("db.")
        and name.startswith("db.")
        and SHELVES.index(name.split(".")[1]) > SHELVES.index(module.split(".")[1])
    ]
    assert not wrong


def test_a_report_looks_at_the_tables_alone() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in edges().items()
        for name in names
        if module.startswith("db.reports")
        and name.startswith("db.")
        and name.split(".")[1] not in READS_ONLY
    ]
    assert not wrong


@pytest.mark.parametrize("library", PLACES)
def test_each_library_is_known_in_its_one_place(library: str) -> None:
    wrong = {
        path
        for path, tree in sources().items()
        if any(name.split(".")[0] == library for name in imported(tree))
        and not path.startswith(PLACES[library])
    }
    assert wrong == set()


def test_every_library_in_use_has_a_place_in_the_table() -> None:
    known = {*sys.stdlib_module_names, *ROOMS, *PLACES}
    strangers = {
        f"{path}: {name}"
        for path, tree in sources().items()
        for name in imported(tree)
        if name.split(".")[0] not in known
    }
    assert not strangers


READS_FILES = ("menus/words.py", "menus/hearing/reader.py")


def test_the_menus_touch_no_file_no_network_and_no_clock() -> None:
    """`words.py` reads the sentences once, `reader.py` what it has learned; the
    terminal's handset reads the clock.
    """
    forbidden = {
        "os",
        "socket",
        "subprocess",
        "sqlite3",
        "urllib",
        "http",
        "time",
        "random",
        "secrets",
        "threading",
    }
    wrong = [
        f"{path}: {name}"
        for path, tree in sources().items()
        if path.startswith("menus/") and path != "menus/__main__.py"
        for name in imported(tree)
        if name.split(".")[0] in forbidden
        or (name.split(".")[0] == "pathlib" and path not in READS_FILES)
    ]
    clocks = [
        path
        for path, tree in sources().items()
        if path.startswith("menus/") and path != "menus/__main__.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("datetime.now", "date.today", "datetime.utcnow")
    ]
    assert not wrong
    assert not clocks


@pytest.mark.parametrize("library", LATE)
def test_heavy_libraries_wait_until_they_are_needed(library: str) -> None:
    wrong = [
        path
        for path, tree in sources().items()
        if not path.startswith(LATE_ALREADY)
        for node in tree.body
        if any(
            name.split(".")[0] == library for name in imported(ast.Module([node], []))
        )
        and not isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    assert not wrong


# Its screens lead to each other as a resident walks, in circles: one drawer to this
# test (docs/decisions/0011).
CONVERSATION = "menus.appointments."


def edges() -> dict[str, set[str]]:
    """Which of our modules imports which. `from a import b` names the module b of the
    package a, not what a says.
    """
    modules = {module_of(path): tree for path, tree in sources().items()}
    return {
        module: {
            name if name in modules else name.rpartition(".")[0]
            for name in named(tree)
            if name.split(".")[0] in ROOMS
            and not (name.startswith(CONVERSATION) and module.startswith(CONVERSATION))
        }
        - {module}
        for module, tree in modules.items()
    }


def named(tree: ast.AST) -> Iterator[str]:
    """What is imported anywhere in here, in full: `from a import b` gives a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_function_of_the_product_returns_whatever_it_likes() -> None:
    """But for the layer that talks to the drivers, and what the standard library asks
    for.
    """
    untyped = [
        f"{path}: {node.name}"
        for path, tree in sources().items()
        if not path.startswith(("db/store/", "gateway/transports/line.py"))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and ast.unparse(node.returns) == "Any"
    ]
    assert untyped == []


def test_no_module_imports_itself_through_others() -> None:
    graph, done = edges(), set[str]()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in sorted(graph[module]):
                walk(other, (*path, module))
            done.add(module)

    for module in graph:
        walk(module, ())


def test_every_module_says_in_its_first_line_what_it_holds() -> None:
    silent = [
        path
        for path, tree in sources().items()
        if tree.body and not ast.get_docstring(tree)
    ]
    assert not silent


def test_no_line_of_a_template_is_longer_than_one_of_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    most = project["tool"]["ruff"]["lint"]["pycodestyle"]["max-line-length"]
    long = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in (ROOT / "gateway/templates").rglob("*.html")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > most
    ]
    assert not long


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md", "docs/plan.md"])
def test_every_command_and_file_that_the_pages_name_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    commands = (ROOT / "db/__main__.py").read_text("utf-8")
    assert set(re.findall(r"`?\bmake ([a-z]+)`?(?= *(?:`|#|$|\n))", text)) <= targets
    for module in set(re.findall(r"python -m ([a-z.]+[a-z])", text)):
        path = ROOT / module.replace(".", "/")
        assert (path / "__main__.py").exists() or path.with_suffix(".py").exists(), (
            module
        )
    for command in set(re.findall(r"python -m db ([a-z]+)", text)):
        assert f'"{command}"' in commands, f"python -m db {command}"
    for path in set(re.findall(r"`([\w./-]+/[\w.-]*)`", text)):
        address = path.startswith(("/", "PUBLIC_URL/", "var/"))
        assert address or (ROOT / path).exists(), path
