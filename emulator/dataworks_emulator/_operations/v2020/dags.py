"""GetDag, ListDags: the business dates of a launch."""

from __future__ import annotations

from ..._errors import dag_not_found
from ..._service import Body, Call
from . import views

_JOINED = (
    "SELECT d.*, l.name, l.created, l.create_user FROM dags d JOIN launches l USING (op_seq) "
    "WHERE l.purged = 0 AND l.project_env = ? AND "
)


def get_dag(call: Call) -> Body:
    """One DAG."""
    dag_id = call.form.required_integer("DagId")
    row = call.service.store.row(f"{_JOINED} d.dag_id = ?", (call.project_env(), dag_id))
    if row is None:
        raise dag_not_found(dag_id)
    return {"Data": views.dag(call.service, row, call.service.progress.view(row["op_seq"]))}


def list_dags(call: Call) -> Body:
    """All DAGs of one launch; an unknown OpSeq has none."""
    op_seq = call.form.required_integer("OpSeq", least=2)
    rows = call.service.store.rows(
        f"{_JOINED} d.op_seq = ? ORDER BY d.dag_id", (call.project_env(), op_seq)
    )
    if not rows:
        return {"Data": {"Dags": []}}
    view = call.service.progress.view(op_seq)
    return {"Data": {"Dags": [views.dag(call.service, row, view) for row in rows]}}
