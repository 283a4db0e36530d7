"""Lake Formation, which ministack does not have.

Gap: its requests are taken for S3's.
AWS: a REST-JSON service with its own IAM namespace.
Patch: recognised by the scope of the signature, answered by moto's model inside this process (no
second port), loaded at the first request. IAM is enforced as for any other service.
"""
import asyncio
import threading

from hooks import module, need, wrap

SERVICE = "lakeformation"


def apply():
    app, actions = module("app"), module("core.iam_actions")
    need(app, "SERVICE_HANDLERS", "detect_service")
    need(actions, "SERVICE_TO_IAM_NAMESPACE", "_BOTOCORE_SERVICE_MAP")
    actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE
    actions._BOTOCORE_SERVICE_MAP[SERVICE] = [SERVICE]
    app.SERVICE_HANDLERS[SERVICE] = Moto().handle
    wrap(app, "detect_service", _detect)


def _detect(original, method, path, headers, query):
    if f"/{SERVICE}/aws4_request" in headers.get("authorization", ""):
        return SERVICE
    return original(method, path, headers, query)


class Moto:
    """moto's Lake Formation, called without a socket."""

    def __init__(self):
        self.app, self.lock = None, threading.Lock()

    async def handle(self, method, path, headers, body, query):
        return await asyncio.to_thread(self._call, method, path, headers, body, query)

    def _call(self, method, path, headers, body, query):
        with self.lock:  # moto's backends are not made for threads
            if self.app is None:
                from moto.moto_server.werkzeug_app import create_backend_app
                self.app = create_backend_app(SERVICE)
            kept = {name: headers[name] for name in ("authorization", "content-type", "x-amz-date") if name in headers}
            answer = self.app.test_client().open(
                path, method=method, data=body, query_string=query, headers=kept,
                base_url="http://lakeformation.us-east-1.amazonaws.com")
        return answer.status_code, {"Content-Type": answer.content_type}, answer.get_data()
