"""Launching with version 2024-05-18 of the API, in two phases.

Nothing of this has been tried on the live service yet: it rests on the documents, the official SDK
and the emulator.

**Two phases.** A launch is created with AutoStartEnabled false: it is *parked*, all its workflow
instances are there, and none runs. Then StartWorkflowInstances starts it. What is recorded between
the two is the parked copy itself: DataWorks keeps it under the launch's Name, which Pulumi saved
before. So each place where a process dies or a reply is lost leaves this:

========================================  ======================================================
up to sending CreateWorkflowInstances     nothing
up to reading its result                  nothing, or a parked copy that has never run
up to sending StartWorkflowInstances      that parked copy
up to reading its reply                   that copy, parked or started
after it                                  that copy, started
========================================  ======================================================

The next look-up finds the copy by its Name. Started, it is taken over; parked, it is started; and
nothing is created beside it. To start the same copy twice starts it once: a workflow instance runs
once, and DataWorks says so of the second start.

**More than one copy.** The one-phase protocol still holds for CreateWorkflowInstances: it is not
sent again before a look-up has proved that there is no copy. Were that wrong of a copy that was
not started yet, because it was listed only after the settle window, two would be there, and one of
them started. For each business date the copy that has run counts, else the one with the lowest ID,
for every process alike; the others are stopped when that one has been started.

**Who may start.** Before StartWorkflowInstances, as before every send, the engine must still
answer: a process whose engine was killed while the copy was created starts nothing.

**A Name that the user gave** is the same for every generation, so a parked copy of that Name may
be one with other parameters: it is left alone, and the one-phase protocol alone holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .._declaration.dates import business_dates
from .._declaration.nodes import sort_ids
from .._declaration.plan import count_of
from .._exceptions import (
    DataWorksError,
    NotSent,
    Refused,
    ReplyLost,
    ServerFault,
    Throttled,
    TransportError,
)
from .._launch.generations import Generation
from .backend import IncompleteSearch, Launched
from .client import Client, Parameter, Reply
from .moments import moment
from .v2024_instances import (
    VERSION,
    Row,
    has_run,
    in_parts,
    read_launched,
    refusals,
    stop_workflow_instances,
    workflow_instance,
    workflow_instances,
)
from .v2024_requests import creation_parameters, environment

#: How far the clocks of this machine and of DataWorks may be apart.
SKEW = timedelta(minutes=15)
#: Pauses between two questions whether a launch is created, and how long to ask; in seconds.
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
LONGEST_CREATION = 300.0


@dataclass(frozen=True)
class _Copy:
    """A launch that is created and not started; ``spare`` are IDs of others of the same Name."""

    ids: list[str]
    request_id: str | None = None
    spare: Sequence[str] = ()


@dataclass
class TwoPhases:
    """Creates, starts and finds launches, and remembers what this process found or left parked.

    ``assert_wanted`` raises `LaunchNotSent` where the engine no longer waits for the launch.
    ``sleep`` waits for so many seconds; ``warn`` shows the user a warning.
    """

    client: Client
    project_id: str | None
    assert_wanted: Callable[[], None]
    sleep: Callable[[float], None]
    warn: Callable[[str], None]
    _parked: dict[str, _Copy] = field(default_factory=dict)
    _projects: dict[str, str] = field(default_factory=dict)

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Creates a launch, unless it is parked already, and starts it."""
        copy = self._parked.get(generation.token) or self._create(generation, inputs)
        self._start(copy.ids)
        self._parked.pop(generation.token, None)
        with contextlib.suppress(DataWorksError):  # it is launched: nothing may raise now
            stop_workflow_instances(self.client, copy.spare)
        return Launched(sort_ids(copy.ids), copy.request_id)

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        """Looks for a launch, date by date, since ListWorkflowInstances takes one.

        One that shows on neither the first nor the last of its dates is not there.
        """
        dates = business_dates(generation.runs)
        ends = {day: self._copies(generation, day, others) for day in {dates[0], dates[-1]}}
        if not any(ends.values()):
            return None
        found = [
            ends[day] if day in ends else self._copies(generation, day, others) for day in dates
        ]
        is_own_name = generation.token in generation.launch_name
        chosen = [_elected(rows, is_own_name=is_own_name) for rows in found if rows]
        launched = read_launched(chosen)
        if any(map(has_run, chosen)):
            self._tell_of_late_parts(chosen, launched.ids)
            return launched
        if len(chosen) < len(dates) or not is_own_name:
            return None
        every = [str(row["Id"]) for rows in found for row in rows]
        spare = [one for one in every if one not in launched.ids]
        self._parked[generation.token] = _Copy(launched.ids, spare=spare)
        return Launched(launched.ids, statuses=launched.statuses, parked=True)

    def _tell_of_late_parts(self, rows: Sequence[Row], ids: Sequence[str]) -> None:
        """Tells of dates that no call may have started: a process died between two of the calls."""
        begun = {str(row["Id"]) for row in rows if has_run(row)}
        late = [one for part in in_parts(ids)[1:] if not begun.intersection(part) for one in part]
        if late:
            self.warn(
                f"{rows[0]['Name']} runs, and {count_of(len(late), 'date')} of it, from "
                f"{late[0]} on, may not have been started. Where they stay as they are, start them "
                "in the Operation Center"
            )

    def _create(self, generation: Generation, inputs: Mapping[str, Any]) -> _Copy:
        """Creates a parked copy, once, and waits until it is there."""
        try:
            project = self._project(generation)
        except (TransportError, ServerFault, IncompleteSearch) as error:
            raise NotSent(f"{error}. Nothing was sent") from error
        parameters = creation_parameters(inputs, generation.launch_name, project)
        reply = self.client.call("CreateWorkflowInstances", parameters, VERSION)
        copy = _Copy(self._created(reply), reply.request_id)
        self._parked[generation.token] = copy
        return copy

    def _created(self, reply: Reply) -> list[str]:
        """Waits for the end of a creation, and gives the IDs of its workflow instances."""
        operation = reply.body.get("OperationId")
        waited, pause = 0.0, FIRST_PAUSE
        while operation and waited < LONGEST_CREATION:
            asked_pause = 0.0
            try:
                result = self._result(str(operation))
            except Throttled as error:
                result, asked_pause = {}, error.retry_after or 0.0
            except (TransportError, ServerFault):
                result = {}
            except Refused:  # the creation itself was accepted: its copy is found by its Name
                break
            status, ids = result.get("Status"), result.get("WorkflowInstanceIds")
            if status == "CreateFailure":
                reason = str(result.get("FailureMessage") or "no reason given")
                raise Refused("CreateWorkflowInstances", status, reason, 200, reply.request_id)
            if status == "Created":
                if isinstance(ids, list) and ids:
                    return [str(one) for one in ids]
                break
            self.sleep(max(pause, asked_pause))
            waited, pause = waited + max(pause, asked_pause), min(pause * 2, LONGEST_PAUSE)
        raise ReplyLost(
            "CreateWorkflowInstances: DataWorks does not tell what it has created", reply.request_id
        )

    def _result(self, operation: str) -> Mapping[str, Any]:
        parameters: dict[str, Parameter] = {"OperationId": operation}
        reply = self.client.call("GetCreateWorkflowInstancesResult", parameters, VERSION, "GET")
        result = reply.body.get("Result")
        return result if isinstance(result, dict) else {}

    def _start(self, ids: Sequence[str]) -> None:
        """Starts workflow instances. That one has been started before is no failure."""
        refused: dict[str, str] = {}
        for number, some in enumerate(in_parts(ids)):
            self.assert_wanted()
            try:
                refused |= refusals(self.client, "StartWorkflowInstances", some)
            except Refused as error:
                if not number:
                    raise
                refused |= dict.fromkeys(some, str(error))  # earlier parts run already
        waiting = [one for one in refused if not has_run(workflow_instance(self.client, one))]
        if not waiting:
            return
        reason = refused[waiting[0]]
        if len(waiting) == len(ids):
            raise ServerFault("StartWorkflowInstances", "NotStarted", reason, 200, None)
        self.warn(
            f"DataWorks did not start {', '.join(waiting)} ({reason}), or has not begun to run "
            "them. Where they stay as they are, start them in the Operation Center"
        )

    def _copies(self, generation: Generation, day: date, others: Collection[str]) -> list[Row]:
        """Lists what has the generation's Name on a date, since its birth."""
        oldest = generation.born - SKEW
        project, env = self._project(generation), generation.environment
        rows = workflow_instances(self.client, project, env, generation.launch_name, day)
        return [
            row
            for row in rows
            if str(row["Id"]) not in others
            and (moment(row.get("CreateTime")) or generation.born) >= oldest
        ]

    def _project(self, generation: Generation) -> str:
        """The workspace's ID, from the settings, or from a task of the generation."""
        if self.project_id:
            return self.project_id
        task = str(generation.runs["includeNodeIds"][0])
        if task not in self._projects:
            parameters: dict[str, Parameter] = {
                "Id": task,
                "ProjectEnv": environment(generation.environment),
            }
            found = self.client.call("GetTask", parameters, VERSION, "GET").body.get("Task")
            project = found.get("ProjectId") if isinstance(found, dict) else None
            if project is None:
                raise IncompleteSearch(f"GetTask does not tell the workspace of task {task}")
            self._projects[task] = str(project)
        return self._projects[task]


def _elected(rows: Sequence[Row], *, is_own_name: bool) -> Row:
    """Of several copies of a date the one that counts, for every process alike.

    Where other generations have the same Name, what is newest is of the last one.
    """
    first = 1 if is_own_name else -1
    return min(rows, key=lambda row: (not has_run(row), first * int(row["Id"])))
