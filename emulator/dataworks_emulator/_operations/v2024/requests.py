"""The objects that CreateWorkflowInstances takes as JSON, as its documents describe them."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_pascal

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
Clock = Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d:\d\d$")]
TaskId = Annotated[int, Field(ge=1, lt=2**63)]


class _Object(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_pascal, populate_by_name=False
    )


class BizDates(_Object):
    """A range of business dates, both ends inclusive."""

    start_biz_date: Day
    end_biz_date: Day

    def ends(self) -> tuple[date, date]:
        """Start and end; ValueError for a day that is none."""
        return date.fromisoformat(self.start_biz_date), date.fromisoformat(self.end_biz_date)


class Periods(_Object):
    """Which business dates, and of tasks that run more than once a day which hours."""

    biz_dates: list[BizDates] = Field(min_length=1, max_length=7)
    start_time: Clock | None = None
    end_time: Clock | None = None

    def window(self) -> tuple[time, time] | None:
        """Both times or none; ValueError for one alone, or a time that is none."""
        if self.start_time is None and self.end_time is None:
            return None
        if self.start_time is None or self.end_time is None:
            raise ValueError("StartTime and EndTime go together")
        return time.fromisoformat(self.start_time), time.fromisoformat(self.end_time)


class Analysis(_Object):
    """Whether the backfill is analysed before it runs, and not run if that finds something."""

    enabled: bool
    blocked: bool


class Alert(_Object):
    """When and how to alert."""

    type: Literal["Success", "Failure", "SuccessFailure"] | None = None
    notice_type: Literal["Sms", "Mail", "SmsMail"] | None = None


class RunPolicy(_Object):
    """In which hours instances may run; ``immediately``: those scheduled ahead, too."""

    type: Literal["Daily", "Weekend"]
    start_time: Clock
    end_time: Clock
    immediately: bool = False


class DefaultRunProperties(_Object):
    """Which tasks, in which order, how many business dates at a time."""

    analysis: Analysis
    parallelism: int = Field(ge=1, le=10)
    mode: Literal["ManualSelection", "General", "Chain", "AllDownstream"] = "ManualSelection"
    order: Literal["Asc", "Desc"] = "Asc"
    root_task_ids: list[TaskId] = []
    include_task_ids: list[TaskId] = []
    exclude_task_ids: list[TaskId] = []
    include_project_ids: list[int] = []
    exclude_project_ids: list[int] = []
    priority: int | None = Field(default=None, ge=1, le=11)
    priority_weight_strategy: Literal["Disable", "Upstream"] | None = None
    alert: Alert | None = None
    run_policy: RunPolicy | None = None
    runtime_resource: str | None = None
    data_source_name_mappings: dict[str, str] = {}


class Tag(_Object):
    """A tag."""

    key: str = Field(min_length=1)
    value: str = ""
