"""Join the proxy's registry while this Django process serves: two lines in an `AppConfig`.

    from strangler.client.registration import register_on_start

    class ShopConfig(AppConfig):
        name = "shop"

        def ready(self) -> None:
            register_on_start("products")

Set in the environment:

    STRANGLER_CONTROL_URL     where the control API is; nothing happens when unset
    STRANGLER_ADDRESS         host:port at which the proxy reaches this server
    STRANGLER_SERVICE         the upstream to join, in place of the argument (a second version)
    STRANGLER_VERSION         what `strangler instances` shows, such as a commit
    STRANGLER_CONTROL_TOKEN   the token of the control API, where it has one
    STRANGLER_LEAVE_GRACE_S   how long to go on serving after leaving, 1 by default

The address joins when it answers and stays until the last process that serves it has left. Only
servers register: `manage.py runserver`, and whatever builds the WSGI or ASGI application (granian,
gunicorn, uvicorn). Other management commands, Celery workers and tests do not. A project that
calls `django.setup()` in its wsgi.py by itself calls `register_on_start` there, after it.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import socket
import sys
import time
import traceback
import uuid
from contextlib import suppress
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

from strangler.client.membership import Membership
from strangler.client.registry_api import ControlApi, ControlError
from strangler.client.stopping import StopGuard

if TYPE_CHECKING:
    from collections.abc import Callable

RELOADER_ID_VARIABLE = "STRANGLER_RUNSERVER_ID"
DEFAULT_GRACE_S = 1.0
MAX_GRACE_S = 300.0
logger = logging.getLogger("strangler.registration")
_current: Membership | None = None


def register_on_start(service: str | None = None) -> None:
    """Join the registry when this process serves, beat while it does, leave when it stops.

    `service` is the upstream's name in strangler.toml. Returns at once and never raises: what is
    wrong is logged to `strangler.registration`. Calling it again does nothing.
    """
    if _current is not None or not os.environ.get("STRANGLER_CONTROL_URL"):
        return
    role = _role()
    if not role:
        return
    registration = _registration(service)
    if registration is None:
        return
    if role == "reloader":
        os.environ[RELOADER_ID_VARIABLE] = registration["id"]
        _stand_for_child(registration)
        return
    _begin(registration)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _after_fork(service))


def _begin(registration: dict[str, Any]) -> None:
    global _current  # noqa: PLW0603 - one registration for each process
    membership = _current = Membership(_control_api(), registration, grace_s=_grace_s())
    guard = StopGuard(ask_to_leave=membership.ask_to_leave, leave=membership.leave)
    owner = os.getpid()
    # Servers that start their workers by multiprocessing end them without atexit.
    for at_exit in (atexit.register, _at_end_of_worker):
        at_exit(lambda: membership.leave() if os.getpid() == owner else None)
    membership.start(on_tick=guard.arm, on_left=guard.release)


def _at_end_of_worker(callback: Callable[[], None]) -> None:
    Finalize(None, callback, exitpriority=0)


def _control_api() -> ControlApi:
    token = os.environ.get("STRANGLER_CONTROL_TOKEN", "")
    return ControlApi(os.environ["STRANGLER_CONTROL_URL"], token)


def _role() -> str:
    """Return "server", "reloader" (the parent that runserver restarts its child from) or ""."""
    from django.apps import apps  # noqa: PLC0415 - importing this module must not need Django

    if apps.ready:
        return "server"
    for frame, _ in traceback.walk_stack(None):
        where = (frame.f_globals.get("__name__"), frame.f_code.co_name)
        if where in {
            ("django.core.wsgi", "get_wsgi_application"),
            ("django.core.asgi", "get_asgi_application"),
        }:
            return "server"
        if where == ("django.core.management", "execute"):
            return _role_of_command(getattr(frame.f_locals.get("self"), "argv", []))
    return ""


def _role_of_command(argv: Any) -> str:
    if list(argv[1:2]) != ["runserver"]:
        return ""
    if "--noreload" in argv or os.environ.get("RUN_MAIN") == "true":
        return "server"
    return "reloader"


def _registration(service: str | None) -> dict[str, Any] | None:
    upstream = os.environ.get("STRANGLER_SERVICE") or service
    address = os.environ.get("STRANGLER_ADDRESS", "")
    problems = []
    if not upstream:
        problems.append('name the upstream: register_on_start("NAME") or STRANGLER_SERVICE')
    if not re.match(r"^.+:\d{1,5}$", address):
        problems.append(f'STRANGLER_ADDRESS must be "host:port", got {address!r}')
    if problems:
        logger.error("this server does not register: %s", "; ".join(problems))
        return None
    host = socket.gethostname()
    name = re.sub(r"[^A-Za-z0-9.-]", "-", host)[:80]
    known_as = f"{name}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    if os.environ.get("RUN_MAIN") == "true":
        known_as = os.environ.get(RELOADER_ID_VARIABLE, known_as)
    return {
        "upstream": upstream,
        "address": address,
        "id": known_as,
        "version": os.environ.get("STRANGLER_VERSION", ""),
        "host": host,
        "pid": os.getpid(),
        "started_at": time.time(),
    }


def _grace_s() -> float:
    text = os.environ.get("STRANGLER_LEAVE_GRACE_S", "")
    try:
        grace_s = float(text or DEFAULT_GRACE_S)
    except ValueError:
        grace_s = -1.0
    if 0 <= grace_s <= MAX_GRACE_S:
        return grace_s
    logger.error(
        "STRANGLER_LEAVE_GRACE_S must be 0 to %g, got %r; using %g", MAX_GRACE_S, text,
        DEFAULT_GRACE_S,
    )  # fmt: skip
    return DEFAULT_GRACE_S


def _stand_for_child(registration: dict[str, Any]) -> None:
    """Leave for runserver's child, which its parent kills without asking."""
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() == owner:
            with suppress(ControlError):  # there may be no child, or it left by itself
                _control_api().deregister(registration["id"])

    atexit.register(leave)


def _after_fork(service: str | None) -> None:
    """Register the forked worker under an id of its own, once it is known to serve.

    Threads do not survive a fork. A child that never answers a request (a helper process of the
    application) must not keep the address alive, so the first request tells; uWSGI's workers
    are known by its module.
    """
    global _current  # noqa: PLW0603
    _current = None

    from django.core.signals import request_started  # noqa: PLC0415

    def begin() -> None:
        registration = _registration(service)
        if registration is not None:
            _begin(registration)

    def on_first_request(**_kwargs: Any) -> None:
        if request_started.disconnect(dispatch_uid=__name__):
            begin()

    if "uwsgi" in sys.modules:
        begin()
    else:
        request_started.connect(on_first_request, weak=False, dispatch_uid=__name__)
