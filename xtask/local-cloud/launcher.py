"""The local cloud: ministack with the pieces our design needs, on one loopback port.

    python launcher.py --port 4566 [--ready-file F] [--parent-pid P] [--log-dir D]

IAM is enforced. The administrator's key is `test` / `test` (account 000000000000); every function
runs under temporary credentials of its own role. Environment: DATALAKE_CALL_LOG (a file that gets
one JSON line per API call), DATALAKE_DELAY_MS (delay of calls from outside; `POST
/_datalake/delay?ms=50` changes it), DATALAKE_WITHOUT_PATCHES (names, comma-separated).
"""
import argparse
import asyncio
import importlib.util
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

import calls
import hooks
import lifecycle
import patches

HOST = "127.0.0.1"
ACCOUNT = "000000000000"
FIXED_ENVIRONMENT = {
    "AUTH": "true",
    "BIND_HOST": HOST,
    "MINISTACK_HOST": HOST,
    # Both open a port of their own as soon as `cryptography` can be imported.
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "PERSIST_STATE": "0",
    "MINISTACK_ACCOUNT_ID": ACCOUNT,
    "MOTO_ACCOUNT_ID": ACCOUNT,
    # ministack reads these as the administrator's key.
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def main():
    options = arguments()
    group = lifecycle.own_group()
    folder = lifecycle.temporary_folder()
    lifecycle.start_guardian(group, folder)
    lifecycle.end_on_signals(group, folder)
    if options.parent_pid:
        lifecycle.end_with_parent(options.parent_pid, group, folder)
    if options.log_dir:
        redirect_output(options.log_dir)
    port = options.port or free_port()
    set_environment(port, folder)
    status = 0
    try:
        serve(port, options.ready_file)
    except (hooks.PatchFailed, ValueError, OSError) as failure:
        print(f"local cloud: {failure}", file=sys.stderr, flush=True)
        status = 1
    lifecycle.end(group, folder, status)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="the only listening port; 0 takes a free one")
    parser.add_argument("--ready-file", help="written as JSON {port, pid, endpoint} once the cloud answers")
    parser.add_argument("--parent-pid", type=int, help="end when this process does")
    parser.add_argument("--log-dir", help="write cloud.log there instead of to stderr")
    return parser.parse_args()


def redirect_output(folder):
    os.makedirs(folder, exist_ok=True)
    log = os.open(os.path.join(folder, "cloud.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def set_environment(port, folder):
    """Configure ministack, which reads its environment when imported; nothing of the caller's AWS set-up stays."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        FIXED_ENVIRONMENT,
        GATEWAY_PORT=str(port),
        AWS_ENDPOINT_URL=f"http://{HOST}:{port}",
        S3_DATA_DIR=os.path.join(folder, "s3"),
        STATE_DIR=os.path.join(folder, "state"),
    )
    os.environ.setdefault("LOG_LEVEL", "WARNING")


def serve(port, ready_file):
    """Patch ministack and serve it until the process is ended."""
    hooks.require_version()
    # Without cbor2 the CloudWatch calls of the Rust SDK are answered with 500; without DuckDB Athena runs nothing.
    for package in ("cbor2", "duckdb"):
        if importlib.util.find_spec(package) is None:
            raise hooks.PatchFailed(f"the package {package} is not installed")
    app = hooks.module("app")
    hooks.need(app, "app")
    patches.apply([name for name in os.environ.get("DATALAKE_WITHOUT_PATCHES", "").split(",") if name])
    if ready_file:
        threading.Thread(target=announce, args=(port, ready_file), daemon=True, name="announce").start()
    asyncio.run(listen(calls.from_environment(app.app), port))


async def listen(application, port):
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = os.environ["LOG_LEVEL"]
    # An own trigger keeps hypercorn from taking over the signals: we end at once, it would drain.
    await hypercorn_serve(application, config, shutdown_trigger=asyncio.Event().wait)


def announce(port, ready_file):
    """Write the ready file, whole, once the cloud answers."""
    endpoint = f"http://{HOST}:{port}"
    while True:
        try:
            with urllib.request.urlopen(f"{endpoint}/_datalake/delay", timeout=1):
                break
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    with open(f"{ready_file}.part", "w", encoding="utf-8") as ready:
        json.dump({"port": port, "pid": os.getpid(), "endpoint": endpoint}, ready)
    os.replace(f"{ready_file}.part", ready_file)


if __name__ == "__main__":
    main()
