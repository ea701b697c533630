"""The real provider process, ``python -m pulumi.dynamic``, called over gRPC as the engine does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent import futures
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
)
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider
from typing_extensions import Self

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NOBODY = "127.0.0.1:1"
URN = "urn:pulumi:test::dataworks::pulumi-python:dynamic/dataworks:"

#: What stands in the states of users: the names of the classes. It has to be read for ever.
PICKLED: dict[type, str] = {
    BackfillProvider: (
        "gASVNgAAAAAAAACMGnB1bHVtaV9kYXRhd29ya3MucHJvdmlkZXJzlIwQQmFja2ZpbGxQcm92aWRlcpSTlCmBlC4="
    ),
    LaunchTokenProvider: (
        "gASVOQAAAAAAAACMGnB1bHVtaV9kYXRhd29ya3MucHJvdmlkZXJzlIwT"
        "TGF1bmNoVG9rZW5Qcm92aWRlcpSTlCmBlC4="
    ),
}

Props = dict[str, Any]


def secret(value: Any) -> Props:
    """Marks a value as a secret, as it is marked on the wire."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """An engine that only keeps what it is told."""

    def __init__(self) -> None:
        self.logs: list[engine_pb2.LogRequest] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's
        self.logs.append(request)
        return empty_pb2.Empty()

    def wait_for(self, text: str) -> None:
        """Waits until something has been told."""
        deadline = time.monotonic() + 60
        while not any(text in log.message for log in self.logs):
            assert time.monotonic() < deadline, self.logs
            time.sleep(0.01)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop(0).wait()


class ProviderProcess:
    """One provider process. Props are given and answered without ``__provider``.

    :param config: the stack's config, keys as ``namespace:key``.
    :param module: what is run; the SDK's own module.
    """

    def __init__(
        self,
        engine: str,
        config: Mapping[str, Any],
        environment: Mapping[str, str],
        folder: Path,
        module: str = "pulumi.dynamic",
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", module, engine],
            cwd=folder,
            env={**os.environ, "PULUMI_PROJECT": "test", **environment},
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("a"),
        )
        assert self._process.stdout is not None
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(self._process.stdout.readline())}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(provider_pb2.ConfigureRequest(args=_struct(config)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def check(
        self, provider: type, news: Props, olds: Props | None = None
    ) -> tuple[Props, dict[str, str]]:
        """Gives the checked inputs, and the failures by property."""
        request = provider_pb2.CheckRequest(
            urn=_urn(provider), olds=_of(provider, olds), news=_of(provider, news)
        )
        answer = self._stub.Check(request)
        return _props(answer.inputs), {one.property: one.reason for one in answer.failures}

    def diff(self, provider: type, olds: Props, news: Props) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            id="x", urn=_urn(provider), olds=_of(provider, olds), news=_of(provider, news)
        )
        answer: provider_pb2.DiffResponse = self._stub.Diff(request)
        return answer

    def create(self, provider: type, inputs: Props) -> tuple[str, Props]:
        request = provider_pb2.CreateRequest(urn=_urn(provider), properties=_of(provider, inputs))
        answer = self._stub.Create(request)
        return answer.id, _props(answer.properties)

    def creating(self, inputs: Props) -> Any:
        """Starts to create a backfill; gives the call, which can be cancelled."""
        request = provider_pb2.CreateRequest(
            urn=_urn(BackfillProvider), properties=_of(BackfillProvider, inputs)
        )
        return self._stub.Create.future(request)

    def update(self, provider: type, olds: Props, news: Props) -> Props:
        request = provider_pb2.UpdateRequest(
            id="x", urn=_urn(provider), olds=_of(provider, olds), news=_of(provider, news)
        )
        return _props(self._stub.Update(request).properties)

    def read(self, provider: type, id_: str, outputs: Props) -> Props:
        request = provider_pb2.ReadRequest(
            id=id_, urn=_urn(provider), properties=_of(provider, outputs)
        )
        return _props(self._stub.Read(request).properties)

    def delete(self, provider: type, outputs: Props) -> None:
        request = provider_pb2.DeleteRequest(
            id="x", urn=_urn(provider), properties=_of(provider, outputs)
        )
        self._stub.Delete(request)

    def declare(self, declared: Props) -> Props:
        """Does what the engine does with a new declaration; gives the backfill's checked inputs."""
        inputs, failures = self.check(LaunchTokenProvider, declared)
        assert failures == {}
        _, token = self.create(LaunchTokenProvider, inputs)
        self.generations = token["generations"]
        launch = {**declared, "launch": self.generations}
        inputs, failures = self.check(BackfillProvider, launch)
        assert failures == {}
        return inputs


def _urn(provider: type) -> str:
    name = "LaunchToken::may-launch" if provider is LaunchTokenProvider else "Backfill::may"
    return f"{URN}{name}"


def _of(provider: type, props: Props | None) -> struct_pb2.Struct:
    return _struct({} if props is None else {**props, "__provider": PICKLED[provider]})


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def _props(struct: struct_pb2.Struct) -> Props:
    props: Props = json_format.MessageToDict(struct)
    props.pop("__provider", None)
    return props
