"""Git's own server program behind an HTTP request (gitprotocol-http), as a web server calls it."""

import os
import re
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path

PATH = re.compile(r"/(?P<name>[^/]+/[^/]+)\.git(?P<service>/info/refs|/git-upload-pack|/git-receive-pack)")


def body_of(request: BaseHTTPRequestHandler) -> bytes:
    """The content of a request, also when it comes in pieces, as git sends large ones."""
    if request.headers.get("Transfer-Encoding", "") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length", 0)))
    content = b""
    while size := int(request.rfile.readline().split(b";")[0], 16):
        content += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return content


def serve(request: BaseHTTPRequestHandler, root: Path, path: str, query: str, login: str, body: bytes) -> None:
    """Answer `request` with what git says of the repository at `path` below `root`."""
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": login,
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", maxsplit=1) for line in head.decode().split("\r\n") if ": " in line)
    request.send_response(int(headers.pop("Status", "200").split()[0]))
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
