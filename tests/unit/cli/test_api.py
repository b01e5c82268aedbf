"""What the API refuses is one line; nothing is followed to another address."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from argus_cli.errors import Failure
from argus_cli.incidents.api import Api, in_words


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"detail": "Not found."}, "Not found."),
        ({"level": ['"6" is not a valid choice.']}, 'level: "6" is not a valid choice.'),
        ({"tags": {"0": {"tag": "No."}}}, "tags, 0, tag: No."),
        (["One.", "Two\nlines.", "One."], "One.; Two lines."),
        ({"non_field_errors": ["Both."], "a": ["A."]}, "Both.; a: A."),
        ("502 Bad Gateway", "502 Bad Gateway"),
    ],
)
def test_a_refusal_is_one_line(body, line):
    assert in_words(body) == line


@pytest.fixture
def answering():
    """Starts a server that gives one answer to all, and returns its address."""
    servers = []

    def start(code, body=b"", **headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append((server, Thread(target=server.serve_forever, daemon=True)))
        servers[-1][1].start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("code", "body", "headers", "exits", "said"),
    [
        (301, b"", {"Location": "https://elsewhere.example.org/"}, 2, "sends us to https://elsewhere.example.org/"),
        (200, b"<html>", {}, 2, "Something else than the API"),
        (200, b"[]", {}, 2, "Something else than the API"),
        (400, b'{"level": ["No."]}', {}, 1, "refuses it: level: No."),
        (429, b'{"detail": "Slowly."}', {"Retry_After": "7"}, 4, "again after 7 seconds"),
        (503, b'{"detail": "Away."}', {}, 4, "Away."),
        (502, b"<html>", {}, 4, "502 Bad Gateway"),
    ],
)
async def test_an_answer_that_is_none_says_what_to_do(answering, code, body, headers, exits, said):
    api = Api(answering(code, body, **headers), "key")

    with pytest.raises(Failure, match=said) as failure:
        await api.get("incidents/")

    assert failure.value.exit_code == exits


async def test_an_address_that_is_none_is_said():
    with pytest.raises(Failure, match="does not answer on nonsense"):
        await Api("nonsense", "key").get("incidents/")
