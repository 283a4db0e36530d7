"""Invocations of a warm function take a few milliseconds.

Gap: ministack's Runtime API answers in two writes, and Nagle's algorithm with delayed
acknowledgements adds 40 ms to each warm invocation.
AWS: the overhead of a warm invocation is about a millisecond.
Patch: TCP_NODELAY on those sockets.
"""
import socketserver

from hooks import module, need


def apply():
    need(module("core.lambda_runtime"), "ProvidedWorker")
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
