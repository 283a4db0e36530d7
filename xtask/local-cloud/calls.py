"""Every API call on one JSON line, and a delay for those from outside: an ASGI wrapper.

A line is written before the last byte of the answer leaves, so whoever has an answer finds its
line. `seq` counts requests as they arrived; lines stand in the order the requests ended.
"""
import asyncio
import datetime
import json
import os
import re
import threading
import time

import operations

XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")
JSON_CODE = re.compile(rb'"(?:__type|code|Code)"\s*:\s*"([^"]+)"')
SEEN = 65536  # bytes of a body that are looked at


class Calls:
    """Wraps ministack's ASGI application."""

    def __init__(self, app, log_path, delay_ms, session_role):
        self.app, self.log_path, self.delay_ms = app, log_path, delay_ms
        self.session_role, self.seq, self.lock = session_role, 0, threading.Lock()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/_ministack"):
            await self.app(scope, receive, send)
        elif scope["path"].startswith("/_datalake/"):
            await self._admin(scope, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope, receive, send):
        call = Call(self, scope)
        # Calls of functions carry their role's temporary key; only the outside world is far away.
        if self.delay_ms and not call.access_key.startswith("ASIA"):
            await asyncio.sleep(self.delay_ms / 1000)
        await self.app(scope, call.receiving(receive), call.sending(send))

    async def _admin(self, scope, send):
        """POST /_datalake/delay?ms=50 sets the delay; every other request reads it."""
        status, query = 200, operations.parsed_query(scope)
        if (scope["method"], scope["path"]) == ("POST", "/_datalake/delay"):
            try:
                self.delay_ms = max(0.0, float(query["ms"][0]))
            except (KeyError, ValueError):
                status = 400
        elif scope["path"] != "/_datalake/delay":
            status = 404
        body = json.dumps({"delay_ms": self.delay_ms}).encode()
        await send({"type": "http.response.start", "status": status,
                    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def next_seq(self):
        with self.lock:
            self.seq += 1
            return self.seq

    def write(self, line):
        """Append one line; the file is opened anew, so a test may remove or replace it."""
        if self.log_path:
            with self.lock, open(self.log_path, "a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")


class Call:
    """One request as it passes."""

    def __init__(self, calls, scope):
        self.calls, self.scope, self.seq = calls, scope, calls.next_seq()
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.query = operations.parsed_query(scope)
        self.access_key, self.service = operations.credential(self.headers, self.query)
        self.request, self.answer, self.status, self.error_header = b"", b"", 0, ""
        self.wall, self.started = time.time(), time.monotonic()

    def receiving(self, receive):
        async def wrapped():
            message = await receive()
            self.request += message.get("body", b"")[:SEEN - len(self.request)]
            return message
        return wrapped

    def sending(self, send):
        held = []

        async def wrapped(message):
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.error_header = next((value.decode("latin-1") for name, value in message["headers"]
                                          if name.lower() == b"x-amzn-errortype"), "")
            else:
                self.answer += message.get("body", b"")[:SEEN - len(self.answer)]
            # The message before is held until it is known not to be the last with something in it: a client that
            # counts bytes, or expects none, does not wait for the empty one that ends the answer.
            held.append(message)
            last = message["type"] == "http.response.body" and not message.get("more_body")
            if last:
                self.calls.write(self.line())
            while len(held) > (0 if last else 1):
                await send(held.pop(0))
        return wrapped

    def line(self):
        scope = self.scope
        return {
            "seq": self.seq,
            "time": datetime.datetime.fromtimestamp(self.wall, datetime.timezone.utc).isoformat(),
            "service": self.service,
            "operation": operations.operation(self.service, scope["method"], scope["path"], self.query, self.headers,
                                              self.request),
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("utf-8"),
            "access_key": self.access_key,
            "role": self.calls.session_role(self.access_key),
            "status": self.status,
            "error": self.error() if self.status >= 400 else None,
            "duration_ms": round((time.monotonic() - self.started) * 1000, 1),
        }

    def error(self):
        """AWS's error code, or the status where the answer has none (HEAD)."""
        if self.error_header:
            return self.error_header.split(":")[0].split("#")[-1]
        found = XML_CODE.search(self.answer) or JSON_CODE.search(self.answer)
        return found.group(1).decode().split("#")[-1] if found else str(self.status)


def session_role(access_key):
    """The role name behind temporary credentials, or None."""
    from ministack.services import sts

    arn = (sts._sessions.get(access_key) or {}).get("Arn", "") if access_key.startswith("ASIA") else ""
    return arn.split("/")[1] if ":assumed-role/" in arn else None


def from_environment(app):
    """The wrapper as the environment configures it."""
    return Calls(app, os.environ.get("DATALAKE_CALL_LOG"), float(os.environ.get("DATALAKE_DELAY_MS") or 0),
                 session_role)
