"""Version 2024-05-18 of the API, in a small world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi_dataworks._api.client import Reply
from pydantic.alias_generators import to_snake

if TYPE_CHECKING:
    from tests.provider.launch._world import Inputs, Plugin


class NewerApi:
    """Version 2024-05-18 of the API, as far as a launch goes: the client of `TwoPhases`."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin
        self._world = plugin.world
        self._dataworks = plugin.world.dataworks

    def call(
        self, action: str, parameters: Mapping[str, Any], version: str, method: str = "POST"
    ) -> Reply:
        """Answers an operation."""
        body: Inputs = getattr(self, f"_{to_snake(action)}")(parameters)
        return Reply({"RequestId": "R", **body})

    def _create_workflow_instances(self, sent: Mapping[str, Any]) -> Inputs:
        assert sent["AutoStartEnabled"] is False
        [dates] = json.loads(sent["Periods"])["BizDates"]
        named = {"name": sent["Name"]} if self._world.setting.name else {}
        inputs = {"startBizDate": dates["StartBizDate"], **named}
        made = self._plugin.write(
            "CreateWorkflowInstances",
            lambda now: self._dataworks.park(inputs, sent["Name"], now),
        )
        return {"OperationId": made.ids[0]}

    def _get_create_workflow_instances_result(self, sent: Mapping[str, Any]) -> Inputs:
        self._plugin.read("GetCreateWorkflowInstancesResult")
        return {"Result": {"Status": "Created", "WorkflowInstanceIds": [int(sent["OperationId"])]}}

    def _start_workflow_instances(self, sent: Mapping[str, Any]) -> Inputs:
        [number] = json.loads(sent["Ids"])
        started = self._plugin.write(
            "StartWorkflowInstances", lambda _: self._dataworks.start(str(number))
        )
        return {"SuccessInfo": {str(number): {"Success": started}}}

    def _stop_workflow_instances(self, sent: Mapping[str, Any]) -> Inputs:
        for number in json.loads(sent["Ids"]):
            assert any(str(number) in one.ids for one in self._dataworks.parked), "stopped a run"
        return {"SuccessInfo": {}}

    def _get_workflow_instance(self, sent: Mapping[str, Any]) -> Inputs:
        [found] = [row for row in self._rows() if str(row["Id"]) == sent["Id"]]
        return {"WorkflowInstance": found}

    def _list_workflow_instances(self, sent: Mapping[str, Any]) -> Inputs:
        self._plugin.read("ListWorkflowInstances")
        rows = [
            row
            for row in self._rows()
            if sent["Name"] in row["Name"] and row["visible"] <= self._world.time
        ]
        return {"PagingInfo": {"TotalCount": len(rows), "WorkflowInstances": rows}}

    def _rows(self) -> list[Inputs]:
        dataworks = self._dataworks
        return [
            {
                "Id": int(one.ids[0]),
                "Name": one.name,
                "Status": "NotRun" if one in dataworks.parked else "Running",
                "CreateTime": one.created.timestamp() * 1000,
                "visible": one.visible_at,
            }
            for one in (*dataworks.launches, *dataworks.parked)
        ]
