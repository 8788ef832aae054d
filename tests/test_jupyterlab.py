"""JupyterLab, as the README opens it, shows the chapters and runs them."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from live_tools import ROOT, assert_rendered, committed, texts
from websocket import WebSocket, create_connection

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHAPTER = "book/example"


class Server(NamedTuple):
    """A Jupyter server: where it listens, and the word that opens it."""

    url: str
    token: str

    def ask(self, where: str, /, **body: Any) -> Any:
        """Return the server's answer, to a POST if there is something to say."""
        request = Request(  # noqa: S310 - our own server
            f"{self.url}{where}",
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"token {self.token}"},
        )
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - same
            text = answer.read().decode()
            return (
                json.loads(text) if "json" in answer.headers["Content-Type"] else text
            )

    def channel(self, kernel: str) -> WebSocket:
        """Open the way to a kernel."""
        return create_connection(
            f"ws{self.url[4:]}api/kernels/{kernel}/channels",
            header=[f"Authorization: token {self.token}"],
            timeout=120,
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start JupyterLab in the book's folder, with no one's own settings."""
    home = tmp_path_factory.mktemp("jupyter")
    own = {name: str(home) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    options = ("--no-browser", "--allow-root", "--ServerApp.port=0")
    command = [sys.executable, "-m", "jupyter", "lab", str(ROOT / "book"), *options]
    with (home / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, env={**os.environ, **own}, stdout=log, stderr=log
        )
    try:
        yield wait_for(home, process)
    finally:
        process.terminate()
        process.wait(30)


def wait_for(home: Path, process: "subprocess.Popen[bytes]") -> Server:
    """Return the server as soon as it answers; its file may be there before."""
    for _ in range(600):
        for file in home.glob("jpserver-*.json"):
            with suppress(ValueError, URLError):  # half written; not listening yet
                info = json.loads(file.read_text(encoding="utf-8"))
                server = Server(f"http://127.0.0.1:{info['port']}/", info["token"])
                server.ask("api/status")
                return server
        assert process.poll() is None, (home / "log").read_text(encoding="utf-8")
        time.sleep(0.1)
    raise TimeoutError((home / "log").read_text(encoding="utf-8"))


def run(kernel: WebSocket, code: str) -> list[Any]:
    """Run code and return its outputs as a notebook stores them."""
    message = uuid.uuid4().hex
    header = {
        "msg_id": message,
        "msg_type": "execute_request",
        "session": message,
        "username": "",
        "version": "5.3",
    }
    request = {"header": header, "parent_header": {}, "metadata": {}}
    content = {"code": code, "silent": False, "store_history": True}
    kernel.send(json.dumps({**request, "content": content, "channel": "shell"}))
    outputs: list[Any] = []
    while True:
        reply = json.loads(kernel.recv())
        if reply["parent_header"].get("msg_id") != message:
            continue
        kind, said = reply["msg_type"], reply["content"]
        if kind in {"stream", "execute_result", "display_data", "error"}:
            outputs.append({"output_type": kind, **said})
        if kind == "status" and said["execution_state"] == "idle":
            return outputs


def test_runs_a_chapter(server: Server) -> None:
    path = CHAPTER.removeprefix("book/") + ".ipynb"
    notebook = server.ask(f"api/contents/{path}")["content"]
    name = notebook["metadata"]["kernelspec"]["name"]
    session = server.ask(
        "api/sessions", path=path, name=path, type="notebook", kernel={"name": name}
    )
    kernel = server.channel(session["kernel"]["id"])
    for cell in committed(CHAPTER):
        assert texts(run(kernel, "".join(cell["source"]))) == texts(cell["outputs"])
    kernel.close()


def test_has_the_extension_that_renders_directives(server: Server) -> None:
    page = server.ask("lab")
    assert "jupyterlab-myst" in page


@pytest.mark.browser
@pytest.mark.filterwarnings("default")  # the driver's own are not ours to mend
def test_renders_directives(server: Server, browser: "Browser") -> None:
    page = browser.new_page()
    name = CHAPTER.removeprefix("book/")
    page.goto(f"{server.url}lab/tree/{name}.ipynb?token={server.token}")
    # The box itself, and not its source, which stands there until it is rendered.
    page.get_by_text("What you will be able to do", exact=True).wait_for()
    assert_rendered(page)
    page.close()
