"""What a stranger gets: the locks, the encoding of texts, a `.ci/run` with manners."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from live_tools import ROOT

import rmsprop

PYTHON = [
    file
    for folder in ("rmsprop", "book", "tests")
    for file in (ROOT / folder).rglob("*.py")
]
LOCKS = [ROOT / "requirements.txt", ROOT / ".ci" / "tools.txt"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- Texts ----------------------------------------------------------------------------


def without_encoding(code: str) -> Iterator[int]:
    """Yield the lines that read or write a text in whatever code page there is."""
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        named = {word.arg: ast.unparse(word.value) for word in call.keywords}
        mode = " ".join([*map(ast.unparse, call.args), named.get("mode", "")])
        texts = (
            name.endswith((".read_text", ".write_text")) or named.get("text") == "True"
        )
        opens = re.search(r"\bopen$", name) and not name.startswith(
            ("Image", "tarfile")
        )
        if (texts or (opens and "b'" not in mode)) and named.get(
            "encoding"
        ) != "'utf-8'":
            yield call.lineno


@pytest.mark.parametrize("file", PYTHON, ids=lambda file: file.name)
def test_every_text_is_read_and_written_as_utf_8(file: Path) -> None:
    assert not list(without_encoding(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "code",
    [
        "path.read_text()",
        "path.write_text(text)",
        "open(path)",
        "path.open('w')",
        "path.read_text(encoding='latin-1')",
        "subprocess.run(command, text=True)",
    ],
)
def test_text_without_its_encoding_is_seen(code: str) -> None:
    assert list(without_encoding(code)) == [1]


# --- Warnings -------------------------------------------------------------------------

OWN = "import warnings\n\ndef test_own():\n    warnings.warn('ours', UserWarning)\n"
FOREIGN = "import foreign\n\ndef test_foreign():\n    foreign.f()\n"
OLD = (
    "import warnings\n\ndef test_old():\n    warnings.warn('old', DeprecationWarning)\n"
)


@pytest.mark.parametrize(
    ("code", "options", "passes"),
    [
        (OWN, [], False),  # what our own code warns of is an error
        (FOREIGN, [], True),  # what others' code warns of, or calls old, is not
        (OLD, [], True),
        (FOREIGN, ["-W", "error"], False),  # but all of it is one in CI
        (OLD, ["-W", "error"], False),
    ],
)
def test_warnings_break_what_they_should(
    code: str, options: list[str], passes: bool, tmp_path: Path
) -> None:
    (tmp_path / "test_it.py").write_text(code, encoding="utf-8")
    (tmp_path / "foreign.py").write_text(
        "import warnings\n\ndef f():\n    warnings.warn('theirs', UserWarning)\n",
        encoding="utf-8",
    )
    settings = [f"--config-file={ROOT / 'pyproject.toml'}", f"--rootdir={tmp_path}"]
    plugins = ["-p", "no:cacheprovider", "-p", "nbval.plugin"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *settings, *options]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "test_it.py"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONWARNINGS": ""},
    )
    assert done.returncode == (0 if passes else 1), done.stdout + done.stderr


# --- Locks ----------------------------------------------------------------------------


def pins(text: str) -> dict[str, list[str]]:
    """Return the versions that a lock gives to each package."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, flags=re.MULTILINE):
        found.setdefault(name.lower(), []).append(version)
    return found


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_pins_everything_and_names_no_host(lock: Path) -> None:
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#") and line != "--editable .":
            assert re.fullmatch(r"[\w.-]+==[\w.!+-]+( ; .+)?", line)


def test_lock_of_npm_pins_everything_and_names_no_host() -> None:
    wanted = json.loads(read(".ci/javascript/package.json"))["devDependencies"]
    assert all(re.fullmatch(r"\d+(\.\d+){2}", version) for version in wanted.values())
    packages = json.loads(read(".ci/javascript/package-lock.json"))["packages"]
    assert packages.pop("")["devDependencies"] == wanted
    assert packages
    assert all("integrity" in one for one in packages.values())
    assert not any("resolved" in one for one in packages.values())


def test_lock_holds_what_the_metadata_name() -> None:
    metadata = tomllib.loads(read("pyproject.toml"))
    groups = metadata["dependency-groups"]
    named = [*metadata["project"]["dependencies"], *groups["book"], *groups["test"]]
    assert {name_of(one) for one in named} <= set(pins(read("requirements.txt")))
    assert {name_of(one) for one in groups["tools"]} <= set(pins(read(".ci/tools.txt")))


def test_tools_agree_with_the_lock() -> None:
    lock, tools = pins(read("requirements.txt")), pins(read(".ci/tools.txt"))
    assert {name: tools[name] for name in tools if name in lock} == {
        name: lock[name] for name in tools if name in lock
    }


def test_binder_has_the_versions_of_the_lock() -> None:
    lock, binder = (
        pins(read("requirements.txt")),
        pins(read(".binder/requirements.txt")),
    )
    assert binder
    assert read(".binder/runtime.txt") == "python-3.12\n"
    for name, (version,) in binder.items():
        assert version == lock[name][-1]  # the one for the newer Pythons


# --- Citation -------------------------------------------------------------------------


def test_citation_is_of_this_version() -> None:
    citation, zenodo = (
        yaml.safe_load(read("CITATION.cff")),
        json.loads(read(".zenodo.json")),
    )
    assert citation["version"] == rmsprop.__version__
    assert citation["title"] == zenodo["title"]
    assert citation["keywords"] == zenodo["keywords"]
    assert [author["name"] for author in citation["authors"]] == [
        creator["name"] for creator in zenodo["creators"]
    ]


# --- CI -------------------------------------------------------------------------------


def stages() -> set[str]:
    """Return the names of the functions of `.ci/stages`."""
    return set(re.findall(r"^(\w+)\(\) [{]", read(".ci/stages"), flags=re.MULTILINE))


def jobs() -> Iterator[tuple[str, Any]]:
    for workflow in WORKFLOWS:
        whole = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        assert whole["permissions"] == {}
        yield from whole["jobs"].items()


def test_jobs_run_the_stages_of_ci() -> None:
    called: set[str] = set()
    for _, job in jobs():
        called.update(job.get("strategy", {}).get("matrix", {}).get("stage", []))
        for step in job["steps"]:
            if command := re.search(r"bash \.ci/stages (.+)", step.get("run", "")):
                called.update(set(command[1].split()) - {'"$STAGE"'})
    assert called <= stages()
    lanes = re.findall(r"^(?:first|second)=\((.+)\)$", read(".ci/run"), re.MULTILINE)
    local = set(" ".join(lanes).split())
    assert len(lanes) == 2
    assert local <= stages()
    assert local - {"pythons"} <= called  # there, each Python has its own job


def test_actions_are_pinned_and_keep_no_credentials() -> None:
    for _, job in jobs():
        for step in (step for step in job["steps"] if "uses" in step):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])
            if step["uses"].startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a small clone with a contributor's own work in it."""
    if os.name == "nt" or not shutil.which("git"):
        pytest.skip("needs git and a POSIX shell")
    clone = tmp_path / "clone"
    leave = shutil.ignore_patterns("node_modules")
    shutil.copytree(ROOT / ".ci", clone / ".ci", ignore=leave)
    shutil.copy(ROOT / ".gitignore", clone)
    for name in ("README.md", "gone.md"):
        (clone / name).write_text("first\n", encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], check=True, cwd=clone)  # noqa: S603, S607
    (clone / "README.md").write_text("edited\n", encoding="utf-8")
    (clone / "new.md").write_text("new\n", encoding="utf-8")
    (clone / "gone.md").unlink()
    for name in (".venv", "_build"):
        (clone / name).mkdir()
        (clone / name / "mine").write_text("mine\n", encoding="utf-8")
    return clone


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in files
        if ".git" not in file.parts
    }


def test_ci_works_on_a_copy_and_leaves_the_folder_as_it_was(clone: Path) -> None:
    stage = clone / ".ci" / "stages"
    stage.write_text(
        "for name; do $name; done; cat README.md; mkdir .venv", encoding="utf-8"
    )
    before = state(clone)
    done = subprocess.run(
        ["bash", ".ci/run", "pwd", "ls"],  # noqa: S607
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=clone,
    )
    assert state(clone) == before
    assert done.returncode == 1, done.stderr  # .venv is there at the second stage
    assert "all is well" not in done.stdout
    assert str(clone) not in done.stdout
    assert "edited" in done.stdout
    assert "new.md" in done.stdout
    assert "gone.md" not in done.stdout
