"""Read the RMSprop book and run its cells, without the internet.

    python start.py

The browser opens by itself. Everything stays on this machine. To stop, press Ctrl+C
or close this window.
"""

import http.server
import threading
import webbrowser
from functools import partial
from pathlib import Path

# Spelled out, for some systems know other types, and a browser would run nothing.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".data": "application/octet-stream",
    ".html": "text/html; charset=utf-8",
    ".ipynb": "application/json; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve the files beside this one, silently."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | TYPES
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing of each file."""


class Server(http.server.ThreadingHTTPServer):
    """Serve, and say nothing of a page that was closed while it loaded."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Let it go: the page asks again if it still wants the file."""


def server(folder: Path) -> Server:
    """Return a server of a folder, for this machine only, at a free port."""
    handler = partial(Handler, directory=str(folder))
    return Server(("127.0.0.1", 0), handler)


def main() -> None:
    """Serve the book and open it."""
    with server(Path(__file__).resolve().parent / "site") as serving:
        address = f"http://127.0.0.1:{serving.server_port}/"
        print(f"The book is at {address}\nTo stop, press Ctrl+C.", flush=True)  # noqa: T201 - to a person
        threading.Timer(0.5, webbrowser.open, [address]).start()
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print("Stopped.")  # noqa: T201 - as well


if __name__ == "__main__":
    main()
