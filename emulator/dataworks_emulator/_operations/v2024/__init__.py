"""Version 2024-05-18: backfills are made of workflow instances, and tasks of task instances.

A workflow instance is what version 2020-05-18 calls a DAG, under the same ID. Objects and lists
come as JSON; replies have no envelope.
"""

from __future__ import annotations

from ..._service import Operation
from . import control, creating, task_instances, tasks, workflow_instances

OPERATIONS: dict[str, Operation] = {
    "CreateWorkflowInstances": Operation(creating.create_workflow_instances, writes=True),
    "GetCreateWorkflowInstancesResult": Operation(creating.get_create_workflow_instances_result),
    "StartWorkflowInstances": Operation(workflow_instances.start_workflow_instances, writes=True),
    "StopWorkflowInstances": Operation(workflow_instances.stop_workflow_instances, writes=True),
    "GetWorkflowInstance": Operation(workflow_instances.get_workflow_instance),
    "ListWorkflowInstances": Operation(workflow_instances.list_workflow_instances),
    "GetTaskInstance": Operation(task_instances.get_task_instance),
    "ListTaskInstances": Operation(task_instances.list_task_instances),
    "GetTaskInstanceLog": Operation(task_instances.get_task_instance_log),
    "StopTaskInstances": Operation(control.stop_task_instances, writes=True),
    "RerunTaskInstances": Operation(control.rerun_task_instances, writes=True),
    "SuspendTaskInstances": Operation(control.suspend_task_instances, writes=True),
    "ResumeTaskInstances": Operation(control.resume_task_instances, writes=True),
    "SetSuccessTaskInstances": Operation(control.set_success_task_instances, writes=True),
    "GetTask": Operation(tasks.get_task),
    "ListTasks": Operation(tasks.list_tasks),
    "ListDownstreamTasks": Operation(tasks.list_downstream_tasks),
    "ListUpstreamTasks": Operation(tasks.list_upstream_tasks),
}
