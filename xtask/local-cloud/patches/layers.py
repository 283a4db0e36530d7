"""Layers at /opt, code at /var/task, and a /tmp of its own.

Gap: ministack runs `bootstrap` from a cache folder, refuses a function whose package has no
`bootstrap`, and never unpacks layers.
AWS: the package is at /var/task and the layers, merged in order, at /opt, both read-only; an
OS-only runtime takes /opt/bootstrap when the package has none; /tmp belongs to one environment.
Patch: `ProvidedWorker._spawn` still does everything but the exec. The one `Popen` it calls is
replaced by `unshare -m` with bind mounts, so each worker has these paths for itself, however many
run at once. The process stays the same through unshare, sh and the bootstrap, so its pid is the
one ministack stops. Needs root, or unprivileged user namespaces and the two folders on the host.
"""
import hashlib
import io
import os
import shutil
import subprocess
import tempfile
import threading
import zipfile

from hooks import module, need, wrap

# /tmp comes last: the three sources may lie beneath the host's /tmp.
ENTER = """set -e
mkdir -p /var/task /opt
mount --bind "$BOX_TASK" /var/task; mount -o remount,bind,ro /var/task
mount --bind "$BOX_OPT" /opt; mount -o remount,bind,ro /opt
cd /var/task
mount --bind "$BOX_TMP" /tmp
unset BOX_TASK BOX_OPT BOX_TMP
if [ -e /var/task/bootstrap ]; then exec /var/task/bootstrap; fi
exec /opt/bootstrap"""

_box = threading.local()


def apply():
    runtime, lambda_svc = module("core.lambda_runtime"), module("services.lambda_svc")
    need(runtime, "subprocess", "ProvidedWorker")
    need(lambda_svc, "_provided_code_lock", "_resolve_layer_zip", "_extract_zip_preserving_mode")
    unpacked = Unpacked(lambda_svc)
    wrap(runtime.ProvidedWorker, "_spawn", lambda original, worker, *args, **kwargs:
         _spawn(original, worker, unpacked, *args, **kwargs))
    wrap(lambda_svc, "_provided_runtime_code_dir", _code_dir)
    wrap(lambda_svc, "_provided_worker_env", lambda original, *args:
         {**original(*args), "LAMBDA_TASK_ROOT": "/var/task"})
    runtime.subprocess = Subprocess()


class Unpacked:
    """Layer contents on disk, one folder per list of layers, unpacked once."""

    def __init__(self, lambda_svc):
        self.svc, self.lock, self.folders = lambda_svc, threading.Lock(), {}
        self.root = tempfile.mkdtemp(prefix="layers-")

    def opt(self, attachments):
        """The folder to be seen at /opt for these layers; later layers win, as on AWS."""
        blobs = [blob for blob in map(self.svc._resolve_layer_zip, attachments) if blob]
        key = hashlib.sha256(b"".join(hashlib.sha256(blob).digest() for blob in blobs)).hexdigest()
        # No fork may overlap a write here, or exec of the bootstrap fails with "text file busy".
        with self.lock, self.svc._provided_code_lock:
            if key not in self.folders:
                self.folders[key] = self._unpack(os.path.join(self.root, key), blobs)
            return self.folders[key]

    def _unpack(self, folder, blobs):
        os.makedirs(folder)
        for blob in blobs:
            with zipfile.ZipFile(io.BytesIO(blob)) as archive:
                self.svc._extract_zip_preserving_mode(archive, folder)
        bootstrap = os.path.join(folder, "bootstrap")
        if os.path.exists(bootstrap):
            os.chmod(bootstrap, 0o755)
        return folder


def _spawn(original, worker, unpacked, *args, **kwargs):
    """Spawn with the box prepared; the /tmp of the generation before is removed, the rest at exit."""
    previous = getattr(worker, "box_tmp", None)
    _box.opt = unpacked.opt(worker.config.get("Layers") or [])
    worker.box_tmp = _box.tmp = tempfile.mkdtemp(prefix="function-tmp-")
    try:
        return original(worker, *args, **kwargs)
    finally:
        _box.opt = None
        if previous:
            shutil.rmtree(previous, ignore_errors=True)


def _code_dir(original, code_zip):
    """Where `_spawn` looks for a bootstrap: the package, else the layers."""
    _box.task = original(code_zip)
    has_own = os.path.exists(os.path.join(_box.task, "bootstrap"))
    return _box.task if has_own or not getattr(_box, "opt", None) else _box.opt


class Subprocess:
    """Stands in for the subprocess module inside lambda_runtime: only spawns of a worker differ."""

    def __getattr__(self, name):
        return getattr(subprocess, name)

    def Popen(self, command, **kwargs):
        if not getattr(_box, "opt", None):
            return subprocess.Popen(command, **kwargs)
        kwargs["env"] = {**kwargs["env"], "BOX_TASK": _box.task, "BOX_OPT": _box.opt, "BOX_TMP": _box.tmp}
        kwargs["cwd"] = "/"
        unshare = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
        return subprocess.Popen([*unshare, "/bin/sh", "-c", ENTER], **kwargs)
