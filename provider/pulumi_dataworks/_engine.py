"""All that reaches into the Pulumi SDK's internals. Each lever is guarded.

The SDK gives a dynamic provider neither the engine's address, nor its logs, nor a way to report an
error without a traceback. What is done here works without changing what the SDK does; where an
attribute that it needs is missing, the provider carries on without.
``PULUMI_DATAWORKS_PLAIN_SDK=1`` switches all of it off.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType
from typing import Any

from pulumi.dynamic import ConfigureRequest

from ._api.settings import KEYS
from ._exceptions import DataWorksError, LaunchNotSent, WaitInterrupted

_SWITCHED_OFF = "PULUMI_DATAWORKS_PLAIN_SDK"
_DEAD_AFTER = 5.0
_LOOK_UP_EVERY = 2.0
_MOST_STARTS = 200
_CANCELLED = threading.Event()
_POOL = threading.Lock()
_GOES_ON = "{}. The backfills go on; the next `pulumi up` waits for them, and launches nothing"


class _OneLineTracebacks:
    """Stands in for the module `traceback` in the SDK's servicer, which prints errors whole."""

    def format_exc(self, *arguments: Any, **options: Any) -> str:
        error = sys.exc_info()[1]
        if isinstance(error, DataWorksError):
            return str(error)
        return traceback.format_exc(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(traceback, name)


def is_provider_process() -> bool:
    """Tells whether this process is the SDK's provider process."""
    main = sys.modules.get("__main__")
    return getattr(main, "DynamicResourceProviderServicer", None) is not None


def install_clean_errors() -> None:
    """Makes this package's errors one line on the resource, instead of a traceback."""
    main = sys.modules.get("__main__")
    if _is_on() and is_provider_process() and hasattr(main, "traceback"):
        main.traceback = _OneLineTracebacks()  # type: ignore[union-attr]  # of the SDK's own module


def install_cancel() -> None:
    """Makes the engine's Cancel, which the SDK ignores, end the waits of this process.

    gRPC keeps the bound method, so that the function's code is what has to be exchanged.
    """
    servicer = getattr(sys.modules.get("__main__"), "DynamicResourceProviderServicer", None)
    function = getattr(servicer, "Cancel", None)
    if not _is_on() or not isinstance(function, FunctionType):
        return
    function.__globals__["_cancel_of_pulumi_dataworks"] = _CANCELLED.set
    with contextlib.suppress(ValueError):  # another SDK's Cancel may have variables of its own
        function.__code__ = _cancel.__code__


def _cancel(self: Any, request: Any, context: Any) -> Any:  # noqa: ARG001 - as the SDK has it
    """Lends its code to the SDK's servicer: it knows the names of that module only."""
    from google.protobuf import empty_pb2

    _cancel_of_pulumi_dataworks()  # type: ignore[name-defined]  # noqa: F821 - set beside it
    return empty_pb2.Empty()


@contextlib.contextmanager
def room_for_a_wait() -> Iterator[None]:
    """Gives the process, which serves four calls at once, one thread more while a wait lasts.

    Waits would otherwise keep launches, and even Cancel, from being served.
    """
    pool = _thread_pool() if _is_on() and is_provider_process() else None
    _widen(pool, 1)
    try:
        yield
    finally:
        _widen(pool, -1)


def _widen(pool: Any, threads: int) -> None:
    if not isinstance(getattr(pool, "_max_workers", None), int):
        return
    with _POOL:
        pool._max_workers += threads
        # The pool counts a thread as idle that has work already, and starts none for what comes
        # then: so all are started now. A call consumes such a count, or starts a thread.
        start = getattr(pool, "_adjust_thread_count", lambda: None)
        for _ in range(_MOST_STARTS):
            if len(getattr(pool, "_threads", ())) < pool._max_workers:
                start()


def _thread_pool() -> Any:
    """Finds the pool that the calling thread belongs to: its first frame refers to it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if "executor_reference" in frame.f_locals:
            return frame.f_locals["executor_reference"]()
        frame = frame.f_back
    return None


def raw_config(request: ConfigureRequest) -> dict[str, str]:
    """Gives the stack's whole config, keys as ``namespace:key``.

    The SDK offers single keys only: by these, a key that is misspelt would go unseen.
    """
    whole = getattr(request.config, "_props", None)
    if isinstance(whole, dict):
        return {str(key): str(value) for key, value in whole.items() if value is not None}
    names = [f"{space}:{key}" for space in ("dataworks", "alicloud") for key in KEYS]
    found = {name: request.config.get(name) for name in names}
    return {name: str(value) for name, value in found.items() if value is not None}


def assert_launch_is_wanted() -> None:
    """Refuses a send that the engine no longer waits for.

    After ``kill -9`` of the CLI the provider's process lives on, and must not launch beside the
    next `up`.

    :raises LaunchNotSent: where the engine is gone or has given the call up.
    """
    if not _is_on() or not is_provider_process():
        return
    address = sys.argv[-1].removeprefix("tcp://")
    if not _answers(address):
        raise LaunchNotSent(f"the engine at {address} is gone; nothing was sent")
    # Last, since it takes no time: another process may have got the address of a dead engine.
    context = _caller_local("context")
    if context is not None and not getattr(context, "is_active", lambda: True)():
        raise LaunchNotSent("the engine has given the call up; nothing was sent")


def assert_wait_is_wanted() -> None:
    """Ends a wait that was cancelled, or whose engine is gone.

    :raises WaitInterrupted: in these cases.
    """
    if _CANCELLED.is_set():
        raise WaitInterrupted(_GOES_ON.format("the wait was interrupted"))
    try:
        assert_launch_is_wanted()
    except LaunchNotSent:
        raise WaitInterrupted(_GOES_ON.format("the engine is gone")) from None


def pause(seconds: float) -> None:
    """Sleeps for so many seconds, or until the wait is not wanted any more.

    :raises WaitInterrupted: in that case.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        _CANCELLED.wait(min(left, _LOOK_UP_EVERY))
        assert_wait_is_wanted()


def assert_checkpoints_are_saved() -> None:
    """Refuses to launch where the token would not be saved before.

    :raises LaunchNotSent: under ``PULUMI_SKIP_CHECKPOINTS``.
    """
    if os.environ.get("PULUMI_SKIP_CHECKPOINTS", "").lower() in ("1", "true", "t", "yes"):
        raise LaunchNotSent(
            "PULUMI_SKIP_CHECKPOINTS is set: the launch token would not be saved before the "
            "launch, and a second `pulumi up` could launch again. Unset it. Nothing was sent"
        )


def failure_of_program() -> Callable[[], BaseException | None]:
    """Prepares, in the user's program, to tell the exception that the program will have ended with.

    The SDK makes all resources that were declared before it reports the exception.
    """
    frame: FrameType | None = sys._getframe() if _is_on() else None
    while frame is not None and frame.f_code.co_name != "run_pulumi_func":
        frame = frame.f_back

    def failure() -> BaseException | None:
        found = frame.f_locals.get("ex") if frame is not None else None
        return found if isinstance(found, BaseException) else None

    return failure


def current_urn() -> str:
    """Gives the URN of the resource that is being worked at; empty where the SDK hides it."""
    if not _is_on() or not is_provider_process():
        return ""
    return str(getattr(_caller_local("request"), "urn", ""))


def inform(text: str) -> None:
    """Shows a fact on the resource that is being worked at, or else on standard error."""
    if not _log_to_engine(text, "INFO", ephemeral=False):
        print(f"info: {text}", file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """Shows a warning on the resource that is being worked at, or else on standard error."""
    if not _log_to_engine(text, "WARNING", ephemeral=False):
        print(f"warning: {text}", file=sys.stderr, flush=True)


def warn_of_program(text: str) -> None:
    """Shows a warning that is about the program as a whole, on the stack."""
    if not _log_to_engine(text, "WARNING", ephemeral=False, urn=""):
        print(f"warning: {text}", file=sys.stderr, flush=True)


def log(text: str) -> None:
    """Adds a line to the log, on the resource that is being worked at."""
    _log_to_engine(text, "INFO", ephemeral=False)


def tell(text: str) -> None:
    """Shows what is being done, on the resource's line, until something else is shown there."""
    _log_to_engine(text, "INFO", ephemeral=True)


def has_terminal() -> bool:
    """Tells whether the engine was started from a terminal, where lines can be written anew.

    The provider's own streams are pipes, but it is in the session of its engine.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _log_to_engine(text: str, severity: str, *, ephemeral: bool, urn: str | None = None) -> bool:
    if not _is_on() or not is_provider_process():
        return False
    try:
        import grpc
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        request = engine_pb2.LogRequest(
            severity=getattr(engine_pb2, severity),
            message=text,
            urn=current_urn() if urn is None else urn,
            ephemeral=ephemeral,
        )
        with grpc.insecure_channel(sys.argv[-1]) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_DEAD_AFTER)
    except Exception:  # noqa: BLE001 - what can't be shown must not fail what it tells about
        return False
    return True


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return True
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), _DEAD_AFTER):
        return True
    return False


def _caller_local(name: str) -> Any:
    """Finds a local variable of the SDK's servicer, which is some frames above."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "__main__" and name in frame.f_locals:
            return frame.f_locals[name]
        frame = frame.f_back
    return None


def _is_on() -> bool:
    return os.environ.get(_SWITCHED_OFF, "") in ("", "0")
