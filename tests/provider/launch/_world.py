"""A small world: provider processes and DataWorks. All that happens in it is chosen.

The providers are the real ones; DataWorks is a model of a page. A provider's call runs in a
greenlet, so that a process whose engine was killed can be left standing between two steps, and go
on whenever that hurts most.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar, cast
from unittest import mock

from greenlet import GreenletExit, getcurrent, greenlet
from pulumi_dataworks import _engine, providers
from pulumi_dataworks._api.backend import Backend, Launched
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._declaration.versions import V2024
from pulumi_dataworks._exceptions import (
    DataWorksError,
    LaunchNotSent,
    Refused,
    ReplyLost,
    ServerFault,
    Throttled,
)
from pulumi_dataworks._launch import protocol
from pulumi_dataworks._launch.generations import FIRST_VERSION, Generation
from pulumi_dataworks._launch.process import Process
from pulumi_dataworks._launch.process import World as Surroundings
from pulumi_dataworks._run import Run

from tests.provider.launch._choices import Chooser
from tests.provider.launch._newer_api import NewerApi
from tests.provider.launch._pulumi import Killed

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
SKEW = timedelta(minutes=15)
#: A request that is under way is processed within these seconds, or never.
ON_ITS_WAY = 5.0
Inputs = dict[str, Any]
#: What tells one declaration from another in these worlds: the name that was given, and the date.
Declared = tuple[str, str]
T = TypeVar("T")


@dataclass
class Launch:
    """A backfill of the DataWorks."""

    ids: list[str]
    name: str
    inputs: Inputs
    created: datetime
    visible_at: float

    @property
    def declared(self) -> Declared:
        """What it was launched for."""
        return self.inputs.get("name", ""), self.inputs["startBizDate"]


@dataclass
class DataWorks:
    """Launches whatever it is sent; what it has launched shows only after a while."""

    visibility: float
    launches: list[Launch] = field(default_factory=list)
    parked: list[Launch] = field(default_factory=list)
    late: list[tuple[float, Callable[[float], object]]] = field(default_factory=list)
    done: list[tuple[int, Declared | None]] = field(default_factory=list)
    """Commands that succeeded: the launches before it, and what was declared, if anything was."""

    def commit(self, inputs: Inputs, name: str, moment: float) -> Launched:
        launch = self._made(inputs, name, moment)
        self.launches.append(launch)
        return Launched(launch.ids, f"REQUEST-{launch.ids[0]}")

    def park(self, inputs: Inputs, name: str, moment: float) -> Launch:
        """Makes what runs when it is started, and never before."""
        launch = self._made(inputs, name, moment)
        self.parked.append(launch)
        return launch

    def start(self, number: str) -> bool:
        """Starts what is parked; tells whether it was."""
        for launch in [one for one in self.parked if number in one.ids]:
            self.parked.remove(launch)
            self.launches.append(launch)
            return True
        return False

    def _made(self, inputs: Inputs, name: str, moment: float) -> Launch:
        number = str(100 + len(self.launches) + len(self.parked))
        created = NOON + timedelta(seconds=moment)
        return Launch([number], name, inputs, created, moment + self.visibility)

    def find(self, item: Generation, others: Collection[str], now: float) -> Launched | None:
        for launch in reversed(self.launches):
            same = launch.name == item.launch_name and launch.created >= item.born - SKEW
            if same and launch.visible_at <= now and not set(launch.ids) & set(others):
                return Launched(launch.ids)
        return None


@dataclass(frozen=True)
class Setting:
    """What kind of world it is.

    ``visibility`` is in seconds. ``name`` is one that the user has given. ``error_hook`` has the
    engine call a `create` that failed again, once. ``two_phases`` is version 2024-05-18 of the API.
    """

    visibility: float = 50.0
    name: str | None = None
    error_hook: bool = False
    settle_window: float = 60.0
    two_phases: bool = False


class World:
    """Time, DataWorks, the state that was saved, what the user was told, what was left behind."""

    def __init__(self, chooser: Chooser, setting: Setting) -> None:
        self.chooser = chooser
        self.setting = setting
        self.time = 0.0
        self.dataworks = DataWorks(setting.visibility)
        self.told: list[str] = []
        self.recorded: set[str] = set()
        self.orphans: list[Plugin] = []
        self.tokens = 0

    @property
    def error_hook(self) -> bool:
        return self.setting.error_hook

    def start_plugin(self) -> Plugin:
        return Plugin(self)

    def may_die(self) -> None:
        if self.chooser.fault("killed before the state is saved"):
            raise Killed

    def next_hex(self, size: int) -> str:
        self.tokens += 1
        return f"{self.tokens:0{2 * size}x}"

    def wait(self, seconds: float) -> None:
        """Lets time pass, and what is under way arrive."""
        end = self.time + seconds
        for plugin in [one for one in self.orphans if one.arrives <= end]:
            self.time = max(self.time, plugin.arrives)
            plugin.go_on()
        for item in [item for item in self.dataworks.late if item[0] <= end]:
            self.dataworks.late.remove(item)
            item[1](item[0])
        self.time = end

    def orphans_may_act(self) -> None:
        for plugin in list(self.orphans):
            if self.chooser.choose(("waits", "goes on")) == "goes on":
                plugin.go_on()


class Plugin:
    """A provider process: the real providers, on the model of DataWorks."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine_lives = True
        self.arrives = float("inf")
        surroundings = Surroundings(
            now=lambda: NOON + timedelta(seconds=world.time),
            monotonic=lambda: world.time,
            sleep=self._sleep,
            jitter=lambda: 0.5,
            random_hex=world.next_hex,
        )
        config = {
            "dataworks:region": "cn-shanghai",
            "dataworks:settleWindow": f"{world.setting.settle_window}s",
            "dataworks:preflight": "off",
        }
        if world.setting.two_phases:
            config |= {"dataworks:apiVersion": V2024, "dataworks:projectId": "1"}
        run = Run(config, {}, Process(surroundings))
        run._apis = {FIRST_VERSION: cast(Backend, self)}
        run._client = cast(Client, NewerApi(self))
        self.tokens = providers.LaunchTokenProvider()
        self.backfills = providers.BackfillProvider()
        self.tokens._run = self.backfills._run = run
        self._call: greenlet | None = None

    def call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a provider as the engine does, and lets happen what is chosen at each pause."""
        self._call = call = _Call(method, self)
        result = call.switch(*json.loads(json.dumps(arguments)))
        while not call.dead:
            if result == "left behind":
                self.engine_lives = False
                self.world.orphans.append(self)
                raise Killed
            if result == "killed":
                call.throw(GreenletExit)
                raise Killed
            if isinstance(result, float):
                self.world.wait(result)
            self.world.orphans_may_act()
            result = call.switch()
        return result

    def go_on(self) -> None:
        """Takes one step of a process whose engine is gone."""
        assert self._call is not None
        self.arrives = float("inf")
        with contextlib.suppress(DataWorksError):  # nobody hears it
            self._call.switch()
        if self._call.dead:
            self.world.orphans.remove(self)

    def assert_wanted(self) -> None:
        if self._happens("engine killed"):
            self._pause("engine killed")
        self.assert_engine_lives()

    def assert_engine_lives(self) -> None:
        if not self.engine_lives:
            raise LaunchNotSent("the engine is gone")

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        declared, name = dict(inputs), generation.launch_name
        return self.write(
            "RunCycleDagNodes", lambda now: self.world.dataworks.commit(declared, name, now)
        )

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        self.read("ListInstances")
        return self.world.dataworks.find(generation, others, self.world.time)

    def write(self, action: str, process: Callable[[float], T]) -> T:
        """Sends what DataWorks processes, now or late or never, and reads its reply, or none."""
        fault = self._happens(
            "engine killed", "both killed", "lost", "late", "5xx", "throttled", "refused"
        )
        self.arrives = self.world.time + ON_ITS_WAY
        self._pause(fault)
        self.arrives = float("inf")
        if fault == "throttled":
            raise Throttled(action, "Throttling.User", "too many", 429, "R")
        if fault == "refused":
            raise Refused(action, "Forbidden.Access", "no", 403, "R")
        if fault == "lost":
            raise ReplyLost("lost")
        if fault == "late":
            self.world.dataworks.late.append((self.world.time + ON_ITS_WAY, process))
            raise ReplyLost("lost")
        processed = process(self.world.time)
        if fault == "5xx":
            raise ServerFault(action, "InternalError.System", "later", 500, "R")
        if self._happens("both killed"):
            self._pause("both killed")
        return processed

    def read(self, action: str) -> None:
        """Sends what changes nothing."""
        if self.engine_lives:
            self._pause(None)
        if self._happens("find refused"):
            raise Refused(action, "ResourceNotAuthorized.Api", "no", 403, "R")

    def _happens(self, *faults: str) -> str | None:
        return self.world.chooser.fault(*faults) if self.engine_lives else None

    def _pause(self, fault: str | None) -> None:
        endings = {"engine killed": "left behind", "both killed": "killed"}
        _to_the_engine(endings.get(fault or "", "goes on"))

    def _sleep(self, seconds: float) -> None:
        _to_the_engine(seconds)


def _to_the_engine(what: str | float) -> None:
    """Leaves a call, until it is taken up again."""
    engine = getcurrent().parent
    assert engine is not None
    engine.switch(what)


class _Call(greenlet):
    def __init__(self, method: Callable[..., Any], plugin: Plugin) -> None:
        super().__init__(method)
        self.plugin = plugin


@contextlib.contextmanager
def in_small_worlds() -> Iterator[None]:
    """Has the providers talk to the world of their call; nothing else of them is changed."""

    def plugin() -> Plugin:
        current = getcurrent()
        assert isinstance(current, _Call)
        return current.plugin

    def assert_wanted() -> None:
        plugin().assert_wanted()

    def warn(text: str) -> None:
        plugin().world.told.append(text)

    with (
        mock.patch.object(_engine, "assert_launch_is_wanted", assert_wanted),
        mock.patch.object(_engine, "warn", warn),
        mock.patch.object(_engine, "inform"),
        mock.patch.object(protocol, "_LOOK_UP_PAUSE", 30.0),
        mock.patch.object(protocol, "_LONGEST_LOOK_UP_PAUSE", 30.0),
    ):
        yield
