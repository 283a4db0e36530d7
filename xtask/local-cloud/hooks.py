"""How a patch takes hold of ministack's private names, and refuses to run on another version.

ministack is beta and the patches replace names it never promised to keep. A patch that
silently no longer applies would turn a red test green, so every name is looked up here and a
missing one ends the launcher with one sentence.
"""
import importlib
import importlib.metadata

MINISTACK_VERSION = "1.5.33"


class PatchFailed(Exception):
    """A private name this launcher relies on is not in the installed ministack."""


def require_version():
    """Stop unless the installed ministack is the one the patches were written for."""
    found = importlib.metadata.version("ministack")
    if found != MINISTACK_VERSION:
        raise PatchFailed(f"the patches are written for ministack {MINISTACK_VERSION}, and {found} is installed")


def module(name):
    """Import `ministack.<name>`, or say which module is gone."""
    try:
        return importlib.import_module(f"ministack.{name}")
    except ImportError as missing:
        raise PatchFailed(f"ministack has no module {name}: {missing}") from missing


def need(owner, *names):
    """Stop unless `owner` (a module or class) has all of `names`."""
    for name in names:
        if not hasattr(owner, name):
            raise PatchFailed(f"{getattr(owner, '__name__', owner)} of ministack {MINISTACK_VERSION} has no {name}")


def wrap(owner, name, wrapper):
    """Replace `owner.name` by `wrapper(original, *args, **kwargs)`."""
    need(owner, name)
    original = getattr(owner, name)

    def wrapped(*args, **kwargs):
        return wrapper(original, *args, **kwargs)

    wrapped.__name__, wrapped.__doc__ = name, original.__doc__
    setattr(owner, name, wrapped)
