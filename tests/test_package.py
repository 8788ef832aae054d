"""The package as a whole: what it exports, what it imports, what it documents."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc
from numpydoc.validate import validate

import rmsprop

ROOT = Path(__file__).parents[1]
MODULES = [
    importlib.import_module(f"rmsprop.{module.name}")
    for module in pkgutil.iter_modules(rmsprop.__path__)
    if not module.name.startswith("_")
]


def field_names(thing: Any) -> list[str]:
    """Return the fields of a dataclass or of a named tuple."""
    return [*getattr(thing, "__dataclass_fields__", getattr(thing, "_fields", []))]


def public_objects() -> dict[str, Any]:
    """Return the public classes and functions by their dotted names."""
    return {
        f"{module.__name__}.{name}": thing
        for module in MODULES
        for name, thing in vars(module).items()
        if name in getattr(module, "__all__", [name])
        and not name.startswith("_")
        and getattr(thing, "__module__", "").startswith(module.__name__)
    }


OBJECTS = public_objects()
CLASSES = {name: thing for name, thing in OBJECTS.items() if inspect.isclass(thing)}
METHODS = [
    f"{name}.{member}"
    for name, thing in CLASSES.items()
    for member in vars(thing)
    if not member.startswith("_") and member not in field_names(thing)
]


# --- Documentation --------------------------------------------------------------------

COMPLETE = {
    "GL08": "a docstring",
    "SS01": "a summary",
    "SS03": "a period at its end",
    "PR01": "all parameters",
    "PR02": "no other parameters",
    "PR03": "in the order of the signature",
    "PR04": "each with a type",
    "PR07": "and a description",
    "RT01": "what is returned",
    "RT03": "and a description of it",
}
# The parameters of classes are checked below as fields; those of methods are described
# once, where the protocol's first class has the method.
NOT_OF_CLASSES_AND_METHODS = {"PR01", "RT01"}


# Numpydoc looks for a `def` or a `class`, which a module that re-exports has not.
DEFINING = {thing.__module__: None for thing in OBJECTS.values()}


@pytest.mark.parametrize("name", [*DEFINING, *OBJECTS])
def test_docstring_is_complete(name: str) -> None:
    codes = set(COMPLETE) - (NOT_OF_CLASSES_AND_METHODS if name in CLASSES else set())
    assert [text for code, text in validate(name)["errors"] if code in codes] == []


@pytest.mark.parametrize("name", METHODS)
def test_docstring_of_a_method_is_complete(name: str) -> None:
    codes = set(COMPLETE) - NOT_OF_CLASSES_AND_METHODS
    assert [text for code, text in validate(name)["errors"] if code in codes] == []


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_of_a_class_is_documented(name: str) -> None:
    doc = ClassDoc(CLASSES[name])
    listed = [*doc["Parameters"], *doc["Attributes"]]
    described = {
        part.strip() for p in listed if p.type and p.desc for part in p.name.split(",")
    }
    assert set(field_names(CLASSES[name])) - described == set()


def test_documentation_is_looked_for() -> None:
    assert {"rmsprop.optimizer.RMSprop", "rmsprop.minimize.minimize"} <= set(OBJECTS)
    assert "rmsprop.optimizer.RMSprop.update" in METHODS


# --- Examples -------------------------------------------------------------------------

# What stands behind the door of the frameworks' wing has its examples at the door.
WING = ("rmsprop.conventions.", "rmsprop.frameworks.")


def example(name: str) -> str:
    """Return the example in a docstring, which doctest runs."""
    thing = OBJECTS[name]
    doc = ClassDoc(thing) if inspect.isclass(thing) else FunctionDoc(thing)
    lines = [
        line for line in doc["Examples"] if line.lstrip().startswith((">>>", "..."))
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("name", OBJECTS)
def test_everything_public_has_an_example(name: str) -> None:
    # A function is called; a class may show itself by what makes it.
    used = "" if name in CLASSES else rf"\b{name.rpartition('.')[2]}\("
    assert re.search(used, example(name))
    assert ">>>" in example(name)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_used_in_an_example_its_own_or_its_class_s(name: str) -> None:
    owner, _, method = name.rpartition(".")
    assert re.search(rf"\b{method}\b", example(owner) + example(name))


# --- Floors ---------------------------------------------------------------------------

PACKAGE = Path(rmsprop.__path__[0])


def room(module: str) -> str:
    """Return the room of a module; the frameworks' wing is one."""
    name = module.removeprefix("rmsprop").strip(".").partition(".")[0]
    return "frameworks" if f"rmsprop.{name}." in WING else name


def imports() -> dict[str, set[str]]:
    """Return the rooms that each room imports from, without the `__init__` files."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if parts == ("rmsprop", "__init__"):
            continue
        here = room(".".join(parts))
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        assert not any(isinstance(n, ast.ImportFrom) and n.level for n in nodes)
        names = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        rooms = {room(name) for name in names if name.startswith("rmsprop")}
        found[here] = found.get(here, set()) | rooms - {here}
    return found


def floors(below: dict[str, set[str]]) -> list[set[str]]:
    """Return the rooms of each floor: all that stand on the floors before it."""
    built: list[set[str]] = []
    left = dict(below)
    while left:
        stood = set().union(*built)
        floor = {name for name, needs in left.items() if needs <= stood}
        if not floor:
            raise ValueError(f"imports must not go round in a circle, got {left}")
        built.append(floor)
        left = {name: needs for name, needs in left.items() if name not in floor}
    return built


def test_package_has_at_most_four_floors_and_no_circle() -> None:
    built = floors(imports())
    assert len(built) <= 4
    assert built[0] == {"_numbers", "_slips"}
    assert {"optimizer", "minimize", "baselines", "objectives"} <= built[1]


def test_circle_and_floors_are_noticed() -> None:
    with pytest.raises(ValueError, match="circle"):
        floors({"a": {"b"}, "b": {"a"}, "c": set()})
    assert floors({"a": {"b"}, "b": {"c"}, "c": set()}) == [{"c"}, {"b"}, {"a"}]


def test_nobody_outside_imports_what_is_behind_the_door_of_the_wing() -> None:
    for path in PACKAGE.glob("*.py"):
        if room(f"rmsprop.{path.stem}") != "frameworks":
            assert "rmsprop.frameworks." not in path.read_text(encoding="utf-8")


# --- Names and imports ----------------------------------------------------------------


def test_exports_are_there_and_sorted() -> None:
    assert all(hasattr(rmsprop, name) for name in rmsprop.__all__)
    assert rmsprop.__all__ == sorted(rmsprop.__all__)


def test_everything_that_is_imported_is_exported() -> None:
    here = {
        name for name, thing in vars(rmsprop).items() if not inspect.ismodule(thing)
    }
    # `minimize` is a module too, until the function of the same name takes its place.
    assert {name for name in here if not name.startswith("_")} == set(rmsprop.__all__)


def test_version_has_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", rmsprop.__version__)


def test_types_are_shipped() -> None:
    assert (Path(rmsprop.__path__[0]) / "py.typed").exists()


def imported_after(statement: str) -> set[str]:
    """Return the packages that a fresh Python has loaded after a statement."""
    program = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=ROOT,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_import_does_not_load_matplotlib() -> None:
    loaded = imported_after("import rmsprop, rmsprop.plotting, rmsprop.objectives")
    assert {"rmsprop", "numpy"} <= loaded
    assert "matplotlib" not in loaded


def test_drawing_loads_matplotlib() -> None:
    drawing = "import rmsprop.plotting; rmsprop.plotting.use_style()"
    assert "matplotlib" in imported_after(drawing)
