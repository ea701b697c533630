"""The launch protocol, rule by rule, on a back end that answers by a script and a clock of its own.

What is asked and what is told stands in one list, in order: ``find``, ``launch``, ``wanted``,
``told of``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest
from pulumi_dataworks._api.backend import Backend, IncompleteSearch, Launched
from pulumi_dataworks._exceptions import (
    AmbiguousLaunch,
    DataWorksError,
    LaunchNotSent,
    LaunchRefused,
    NotSent,
    Refused,
    ReplyLost,
    ServerFault,
    Throttled,
)
from pulumi_dataworks._launch.generations import RETENTION, Generation, mint
from pulumi_dataworks._launch.process import Process, World
from pulumi_dataworks._launch.protocol import (
    LONGEST_ASKED_PAUSE,
    LONGEST_PAUSE,
    MOST_SENDS,
    Brought,
    Launcher,
    Lost,
    Place,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
HERE = Place("cn-shanghai", "https://dataworks.cn-shanghai.aliyuncs.com")
WINDOW = 60.0
INPUTS = {
    "projectEnv": "PROD",
    "rootNodeId": "1",
    "includeNodeIds": ["1"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
    "namePrefix": "orders",
}
OTHER = {**INPUTS, "endBizDate": "2026-05-31"}
LAUNCHED = Launched(["7"], "REQUEST-7")
ANOTHER = Launched(["8"], "REQUEST-8")
LOST = ReplyLost("the request was sent, and no reply came", "REQUEST-9")
FAULT = ServerFault("RunCycleDagNodes", "InternalError.System", "later", 500, "REQUEST-9")
NO_CONNECTION = NotSent("no connection to the API")
NO_RIGHT = Refused("ListInstances", "ResourceNotAuthorized.Api", "no", 403, "REQUEST-9")

Answer = Launched | DataWorksError | None


def throttled(retry_after: float | None = None) -> Throttled:
    error = Throttled("RunCycleDagNodes", "Throttling.User", "too many", 429, "REQUEST-9")
    error.retry_after = retry_after
    return error


@dataclass
class Scene:
    """A process, and an API whose next answers are given: the last one stays."""

    launches: Sequence[Answer] = (LAUNCHED,)
    finds: Sequence[Answer] = (None,)
    jitter: float = 1.0
    engine_lives: bool = True
    time: float = 0.0
    events: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    hidden: list[frozenset[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.process = Process(
            World(
                now=lambda: NOON + timedelta(seconds=self.time),
                monotonic=lambda: self.time,
                sleep=self._sleep,
                jitter=lambda: self.jitter,
                random_hex=lambda size: f"{len(self.tokens):0{2 * size}x}",
            )
        )
        self.tokens: list[str] = []
        self.launcher = Launcher(
            api=lambda generation: cast(Backend, self),
            process=self.process,
            place=HERE,
            settle_window=WINDOW,
            assert_wanted=self._assert_wanted,
            tell=lambda text: None,
        )

    def mint(self, inputs: Mapping[str, Any] = INPUTS, *, fresh: bool = False) -> Generation:
        world = self.process.world
        number = len(self.tokens) + 1
        made = mint(inputs, number, HERE.region, HERE.endpoint, world.now(), world.random_hex)
        self.tokens.append(made.token)
        if fresh:
            self.process.minted(made.token)
        return made

    def bring_about(
        self, generation: Generation, *earlier: Generation, inputs: Mapping[str, Any] = INPUTS
    ) -> Brought:
        return self.launcher.bring_about(generation, earlier, inputs, self._account)

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        self.events.append("launch")
        answer = _next(self.launches, self.events.count("launch"))
        assert answer is not None
        return answer

    def find(self, generation: Generation, others: Collection[str]) -> Launched | None:
        self.events.append("find")
        self.hidden.append(frozenset(others))
        return _next(self.finds, self.events.count("find"))

    def _account(self, lost: Lost) -> None:
        ids = lost.launched.ids if lost.launched else lost.doubt
        self.events.append(f"told of {ids}")

    def _assert_wanted(self) -> None:
        self.events.append("wanted")
        if not self.engine_lives:
            raise LaunchNotSent("the engine is gone; nothing was sent")

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds


def _next(answers: Sequence[Answer], number: int) -> Launched | None:
    answer = answers[min(number, len(answers)) - 1]
    if isinstance(answer, DataWorksError):
        raise answer
    return answer


class TestWhatIsFresh:
    def test_it_is_launched_with_one_call(self) -> None:
        scene = Scene()
        brought = scene.bring_about(scene.mint(fresh=True))
        assert brought.launched == LAUNCHED
        assert not brought.found
        assert scene.events == ["wanted", "launch"]
        assert scene.pauses == []

    def test_it_is_so_once(self) -> None:
        scene = Scene(launches=[NO_RIGHT, LAUNCHED])
        generation = scene.mint(fresh=True)
        with pytest.raises(LaunchRefused):
            scene.bring_about(generation)
        assert scene.bring_about(generation).launched == LAUNCHED
        assert scene.events[:3] == ["wanted", "launch", "find"]
        assert scene.events[-2:] == ["wanted", "launch"]

    def test_it_stays_so_while_nothing_was_sent(self) -> None:
        """What could not be looked at before it leaves it as it was."""
        scene = Scene(finds=[NO_RIGHT])
        generation, earlier = scene.mint(fresh=True), scene.mint(OTHER)
        with pytest.raises(AmbiguousLaunch):
            scene.bring_about(generation, earlier)
        assert scene.process.is_fresh(generation.token)


class TestWhatIsNotFresh:
    def test_it_is_looked_for_and_taken_over(self) -> None:
        scene = Scene(finds=[LAUNCHED])
        brought = scene.bring_about(scene.mint())
        assert brought.found
        assert brought.launched == LAUNCHED
        assert scene.events == ["find"]

    def test_it_is_launched_when_it_is_absent_past_the_settle_window(self) -> None:
        scene = Scene()
        scene.bring_about(scene.mint())
        assert scene.events[-3:] == ["find", "wanted", "launch"]
        assert scene.time == WINDOW

    def test_it_may_show_at_the_last_moment(self) -> None:
        scene = Scene(finds=[None, None, None, LAUNCHED])
        assert scene.bring_about(scene.mint()).found

    def test_one_wait_serves_all_of_a_run(self) -> None:
        scene = Scene()
        scene.bring_about(scene.mint())
        scene.bring_about(scene.mint())
        assert scene.time == WINDOW

    def test_a_look_up_soon_after_a_send_of_this_process_waits_again(self) -> None:
        scene = Scene(time=1000.0)
        scene.time += WINDOW
        generation = scene.mint()
        scene.process.sent(generation.token)
        began = scene.time
        scene.launcher.look_up(generation)
        assert scene.time == began + WINDOW

    @pytest.mark.parametrize("error", [NO_CONNECTION, FAULT, throttled(), LOST])
    def test_a_look_up_that_fails_is_repeated_within_the_window(self, error: Answer) -> None:
        scene = Scene(finds=[error, error, LAUNCHED])
        assert scene.bring_about(scene.mint()).found

    @pytest.mark.parametrize("error", [NO_CONNECTION, FAULT, throttled(), LOST])
    def test_a_look_up_that_fails_at_the_end_proves_nothing(self, error: Answer) -> None:
        scene = Scene(finds=[error])
        with pytest.raises(AmbiguousLaunch, match=re.escape(str(error))):
            scene.bring_about(scene.mint())
        assert "launch" not in scene.events

    @pytest.mark.parametrize("error", [NO_RIGHT, IncompleteSearch("too many pages")])
    def test_a_look_up_without_rights_or_all_pages_proves_nothing(self, error: Answer) -> None:
        scene = Scene(finds=[error])
        with pytest.raises(AmbiguousLaunch, match=re.escape(str(error))):
            scene.bring_about(scene.mint())
        assert scene.events == ["find"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"region": "cn-beijing"},
            {"endpoint": "https://elsewhere"},
            {"born": NOON - RETENTION - timedelta(seconds=1)},
        ],
        ids=["region", "endpoint", "older than DataWorks keeps instances"],
    )
    def test_elsewhere_or_too_late_absence_proves_nothing(self, changes: dict[str, Any]) -> None:
        scene = Scene()
        with pytest.raises(AmbiguousLaunch, match="--replace") as told:
            scene.bring_about(replace(scene.mint(), **changes))
        assert "The next `pulumi up` cannot tell either" in str(told.value)
        assert scene.events == ["find"]

    def test_elsewhere_a_name_with_a_token_is_proof_where_it_is_found(self) -> None:
        scene = Scene(finds=[LAUNCHED])
        assert scene.bring_about(replace(scene.mint(), endpoint="https://elsewhere")).found

    def test_elsewhere_a_name_that_was_given_is_none(self) -> None:
        scene = Scene(finds=[LAUNCHED])
        generation = replace(scene.mint({**INPUTS, "name": "orders"}), region="cn-beijing")
        with pytest.raises(AmbiguousLaunch, match="cn-beijing"):
            scene.bring_about(generation)
        assert scene.events == []


class TestSending:
    @pytest.mark.parametrize("error", [NO_CONNECTION, throttled()])
    def test_what_was_not_processed_is_sent_again(self, error: Answer) -> None:
        scene = Scene(launches=[error, error, LAUNCHED])
        assert scene.bring_about(scene.mint(fresh=True)).launched == LAUNCHED
        assert scene.events == ["wanted", "launch"] * 3

    def test_pauses_double_up_to_a_longest(self) -> None:
        scene = Scene(launches=[NO_CONNECTION])
        with pytest.raises(LaunchNotSent, match="the next `pulumi up` tries again"):
            scene.bring_about(scene.mint(fresh=True))
        assert scene.pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
        assert scene.events.count("launch") == MOST_SENDS

    def test_pauses_have_jitter(self) -> None:
        scene = Scene(launches=[NO_CONNECTION, LAUNCHED], jitter=0.0)
        scene.bring_about(scene.mint(fresh=True))
        assert scene.pauses == [0.5]

    @pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
    def test_a_pause_that_the_api_asks_for_is_kept(self, jitter: float) -> None:
        scene = Scene(launches=[throttled(30.0), LAUNCHED], jitter=jitter)
        scene.bring_about(scene.mint(fresh=True))
        assert scene.pauses == [30.0 + jitter]

    def test_a_pause_that_is_too_long_is_left_to_the_next_up(self) -> None:
        scene = Scene(launches=[throttled(LONGEST_ASKED_PAUSE + 1)])
        with pytest.raises(LaunchNotSent, match=r"asks for a pause of \d+ s"):
            scene.bring_about(scene.mint(fresh=True))
        assert scene.pauses == []

    @pytest.mark.parametrize("code", ["Throttling.Api.Risk", "Throttling.Resource"])
    def test_what_is_refused_is_not_sent_again(self, code: str) -> None:
        """Quotas of the day and of the edition come as refusals: tests/provider/api."""
        scene = Scene(launches=[Refused("RunCycleDagNodes", code, "no", 429, "REQUEST-9")])
        with pytest.raises(LaunchRefused, match="Nothing was launched"):
            scene.bring_about(scene.mint(fresh=True))
        assert scene.events == ["wanted", "launch"]

    def test_all_launches_share_a_quota_of_retries(self) -> None:
        scene = Scene(launches=[NO_CONNECTION])
        sends = []
        for _ in range(20):
            before = scene.events.count("launch")
            with pytest.raises(LaunchNotSent):
                scene.bring_about(scene.mint(fresh=True))
            sends.append(scene.events.count("launch") - before)
        assert sends[:14] == [MOST_SENDS] * 14
        assert sends[15:] == [1] * 5
        assert sum(sends) - len(sends) == 100

    def test_successes_fill_the_quota_again(self) -> None:
        process = Process()
        while process.may_retry():
            pass
        process.succeeded(after_retry=True)
        assert process.may_retry()
        assert not process.may_retry()
        for _ in range(5):
            process.succeeded(after_retry=False)
        assert process.may_retry()

    def test_an_engine_that_is_gone_gets_nothing_sent(self) -> None:
        scene = Scene(engine_lives=False)
        with pytest.raises(LaunchNotSent, match="the engine is gone"):
            scene.bring_about(scene.mint(fresh=True))
        assert scene.events == ["wanted"]


class TestALostReply:
    @pytest.mark.parametrize("error", [LOST, FAULT])
    def test_it_is_settled_by_a_look_up(self, error: Answer) -> None:
        scene = Scene(launches=[error], finds=[None, LAUNCHED])
        assert scene.bring_about(scene.mint(fresh=True)).launched == LAUNCHED
        assert scene.events == ["wanted", "launch", "find", "find"]

    @pytest.mark.parametrize("error", [LOST, FAULT])
    def test_it_is_never_sent_again_in_that_run(self, error: Answer) -> None:
        scene = Scene(launches=[error])
        generation = scene.mint(fresh=True)
        with pytest.raises(AmbiguousLaunch) as told:
            scene.bring_about(generation)
        assert scene.events.count("launch") == 1
        assert scene.time == WINDOW
        for part in (
            generation.launch_name,
            "RequestId REQUEST-9",
            str(error),
            "no backfill of that Name is to be seen after 60 s",
            "Look in the Operation Center",
            "from 2026-06-01 12:00 UTC on",
            "The next `pulumi up` looks for it again: it takes the backfill over where it is found",
        ):
            assert part in str(told.value)

    def test_a_look_up_that_fails_says_both(self) -> None:
        scene = Scene(launches=[LOST], finds=[NO_RIGHT])
        with pytest.raises(AmbiguousLaunch, match=r"no reply came.*ResourceNotAuthorized\.Api"):
            scene.bring_about(scene.mint(fresh=True))


class TestEarlierGenerations:
    def test_they_are_told_of_before_anything_is_sent(self) -> None:
        scene = Scene(finds=[ANOTHER])
        earlier = scene.mint(OTHER)
        scene.bring_about(scene.mint(fresh=True), earlier)
        assert scene.events == ["find", "told of ['8']", "wanted", "launch"]
        assert earlier.token in scene.process.settled()

    def test_what_was_never_launched_is_not_told_of(self) -> None:
        scene = Scene()
        scene.bring_about(scene.mint(fresh=True), scene.mint(OTHER))
        assert not [event for event in scene.events if event.startswith("told")]

    def test_one_that_cannot_be_looked_for_any_more_is_told_of(self) -> None:
        scene = Scene()
        earlier = replace(scene.mint(OTHER), endpoint="https://elsewhere")
        scene.bring_about(scene.mint(fresh=True), earlier)
        assert "https://elsewhere" in scene.events[1]
        assert scene.events[-1] == "launch"

    def test_one_that_may_be_what_is_declared_now_has_to_be_settled_first(self) -> None:
        scene = Scene()
        earlier = replace(scene.mint(), endpoint="https://elsewhere")
        with pytest.raises(AmbiguousLaunch, match="elsewhere"):
            scene.bring_about(scene.mint(fresh=True), earlier)
        assert "launch" not in scene.events

    def test_what_ran_last_is_taken_over_if_it_is_what_is_wanted(self) -> None:
        """A killed launch, a change that was refused, the change taken back."""
        scene = Scene(finds=[LAUNCHED])
        first = scene.mint()
        brought = scene.bring_about(scene.mint(fresh=True), first)
        assert brought.found
        assert brought.generation is first
        assert "launch" not in scene.events

    def test_what_ran_before_something_else_is_not(self) -> None:
        scene = Scene(finds=[LAUNCHED, ANOTHER])
        scene.bring_about(scene.mint(fresh=True), scene.mint(), scene.mint(OTHER))
        assert scene.events[-2:] == ["wanted", "launch"]


class TestANameThatTheUserGave:
    NAMED: Mapping[str, Any] = {**INPUTS, "name": "orders"}

    def test_it_is_sent_as_it_is(self) -> None:
        assert Scene().mint(self.NAMED).launch_name == "orders"

    def test_launches_of_other_generations_are_left_out(self) -> None:
        scene = Scene()
        recorded, generation = scene.mint(self.NAMED), scene.mint(self.NAMED)
        scene.process.claim(recorded.token, ["5", "6"])
        scene.launcher.look_up(generation)
        assert set(scene.hidden) == {frozenset({"5", "6"})}

    def test_no_launch_is_counted_for_two_generations(self) -> None:
        scene = Scene(finds=[LAUNCHED, ANOTHER])
        generations = [scene.mint({**OTHER, "name": "orders"}) for _ in range(2)]
        scene.bring_about(scene.mint(self.NAMED, fresh=True), *generations, inputs=self.NAMED)
        assert scene.hidden == [frozenset(), frozenset({"7"})]

    def test_what_may_be_that_of_an_earlier_generation_is_not_taken_over(self) -> None:
        scene = Scene(finds=[LAUNCHED])
        earlier = scene.mint({**OTHER, "name": "orders"})
        with pytest.raises(AmbiguousLaunch, match="give this one a name of its own"):
            scene.bring_about(scene.mint(self.NAMED), earlier, inputs=self.NAMED)
        assert "launch" not in scene.events
