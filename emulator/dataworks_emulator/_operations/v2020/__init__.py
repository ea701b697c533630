"""Version 2020-05-18: backfills are made of DAGs, and nodes of instances."""

from __future__ import annotations

from ..._service import Operation
from . import control, dags, instances, launching, nodes

OPERATIONS: dict[str, Operation] = {
    "RunCycleDagNodes": Operation(
        launching.run_cycle_dag_nodes, writes=True, needs_enterprise=True
    ),
    "GetDag": Operation(dags.get_dag),
    "ListDags": Operation(dags.list_dags),
    "GetInstance": Operation(instances.get_instance),
    "ListInstances": Operation(instances.list_instances),
    "ListInstanceHistory": Operation(instances.list_instance_history),
    "GetInstanceLog": Operation(instances.get_instance_log),
    "StopInstance": Operation(control.stop_instance, writes=True),
    "RestartInstance": Operation(control.restart_instance, writes=True),
    "SuspendInstance": Operation(control.suspend_instance, writes=True),
    "ResumeInstance": Operation(control.resume_instance, writes=True),
    "SetSuccessInstance": Operation(control.set_success_instance, writes=True),
    "GetNode": Operation(nodes.get_node),
    "ListNodes": Operation(nodes.list_nodes),
    "GetNodeChildren": Operation(nodes.get_node_children),
    "GetNodeParents": Operation(nodes.get_node_parents),
}
