"""What the control API answers: a method, a path and a body in, a status and JSON out.

POST   /v1/instances        register; answers 201 with the id, its TTL and when to beat
PUT    /v1/instances/{id}   beat; 404 asks the instance to register again
DELETE /v1/instances/{id}   leave
GET    /v1/instances        who has joined
GET    /v1/status           what the supervisor tells about the running proxy
"""

from __future__ import annotations

import logging
import time
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from strangler.engines.registry_state import Instance
from strangler.errors import RegistryError
from strangler.policy.validate import parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from strangler.engines.registry import Registry

BEATS_PER_TTL = 3
logger = logging.getLogger(__name__)

Answer = tuple[HTTPStatus, dict[str, Any]]


class Registration(BaseModel):
    """The body of a registration; all but upstream and address may be left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    upstream: Annotated[str, Field(max_length=60)]
    address: Annotated[str, Field(max_length=300)]
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{1,128}$")] = Field(
        default_factory=lambda: uuid.uuid4().hex
    )
    version: Annotated[str, Field(max_length=200)] = ""
    host: Annotated[str, Field(max_length=255)] = ""
    pid: Annotated[int, Field(ge=0)] = 0
    started_at: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    ttl_s: Annotated[float, Field(ge=0.1, le=86_400)] | None = None


class ControlApi:
    """The answers, made from the registry and from what the supervisor tells."""

    def __init__(
        self,
        registry: Registry,
        *,
        status: Callable[[], dict[str, Any]],
        upstreams: Callable[[], Collection[str]],
    ) -> None:
        """`status` and `upstreams` are asked at every request, so they follow the policy."""
        self._registry = registry
        self._status = status
        self._upstreams = upstreams

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Return the answer to a request that passed the guards."""
        parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
        match parts:
            case ["v1", "status"]:
                actions: dict[str, Callable[[], Answer]] = {"GET": self._tell_status}
            case ["v1", "instances"]:
                actions = {"GET": self._list, "POST": lambda: self._register(body)}
            case ["v1", "instances", instance_id]:
                actions = {
                    "PUT": lambda: self._beat(instance_id),
                    "DELETE": lambda: self._leave(instance_id),
                }
            case _:
                return problem(HTTPStatus.NOT_FOUND, f"there is nothing at {path}")
        if method not in actions:
            allowed = " and ".join(actions)
            message = f"{path} takes {allowed}, not {method}"
            return problem(HTTPStatus.METHOD_NOT_ALLOWED, message)
        return actions[method]()

    def _tell_status(self) -> Answer:
        return HTTPStatus.OK, self._status()

    def _list(self) -> Answer:
        now = time.monotonic()
        instances = sorted(self._registry.state.instances.values(), key=lambda i: i.key)
        told = [
            {**i.describe(), "expires_in_s": round(max(0.0, i.expires_at - now), 3)}
            for i in instances
        ]
        return HTTPStatus.OK, {"ttl_s": self._registry.ttl_s, "instances": told}

    def _register(self, body: bytes) -> Answer:
        try:
            asked = Registration.model_validate_json(body)
            address = parse_address(asked.address)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False, include_context=False)
            told = [f"{'.'.join(map(str, d['loc'])) or 'body'}: {d['msg']}" for d in details]
            return problem(HTTPStatus.BAD_REQUEST, "; ".join(told))
        except ValueError as error:
            return problem(HTTPStatus.BAD_REQUEST, f"address: {error}")
        ttl_s = asked.ttl_s or self._registry.ttl_s
        instance = Instance(
            upstream=asked.upstream, address=address, id=asked.id, version=asked.version,
            host=asked.host, pid=asked.pid, started_at=asked.started_at, ttl_s=ttl_s,
        )  # fmt: skip
        try:
            self._registry.join(instance, known=self._upstreams())
        except RegistryError as error:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        logger.info("%s joined %s at %s", instance.id, instance.upstream, instance.address)
        return HTTPStatus.CREATED, {**_rhythm(ttl_s), "instance": instance.describe()}

    def _beat(self, instance_id: str) -> Answer:
        try:
            instance = self._registry.beat(instance_id)
        except RegistryError as error:
            return problem(HTTPStatus.NOT_FOUND, str(error))
        return HTTPStatus.OK, _rhythm(instance.ttl_s)

    def _leave(self, instance_id: str) -> Answer:
        if not self._registry.leave(instance_id):
            return problem(HTTPStatus.NOT_FOUND, f"no instance {instance_id!r} has joined")
        logger.info("%s left", instance_id)
        return HTTPStatus.OK, {"left": instance_id}


def _rhythm(ttl_s: float) -> dict[str, Any]:
    return {"ttl_s": ttl_s, "beat_s": round(ttl_s / BEATS_PER_TTL, 3)}


def problem(status: HTTPStatus, message: str) -> Answer:
    """Return the answer that says what is wrong, in the one shape of this API."""
    return status, {"error": {"status": int(status), "message": message}}
