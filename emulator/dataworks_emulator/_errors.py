"""The two ways in which a call fails.

::

    ApiError
    ├── GatewayError    HTTP 4xx or 5xx: {RequestId, HostId, Code, Message, Recommend}
    └── BusinessError   HTTP 200: {Success: false, ErrorCode, ErrorMessage, HttpStatusCode}

Version 2024-05-18 knows the first way only.

Source of the gateway's codes: "Public error codes" of DataWorks 2020-05-18. The codes of the
business layer are not documented; live ones are bare numbers, so these are numbers too.
"""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """A call that fails as the API fails."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class GatewayError(ApiError):
    """Refused by the API gateway.

    :param retry_after: milliseconds, sent as ``x-acs-retry-after``.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.retry_after = retry_after


class BusinessError(ApiError):
    """Refused by the service behind the gateway; ``status`` is the body's HttpStatusCode."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(code, message)
        self.status = status

    def of_the_gateway(self) -> GatewayError:
        """The same error as the gateway tells it, where there is no business layer."""
        return GatewayError(self.status, self.code, self.message)


def missing(parameter: str) -> GatewayError:
    """A required parameter was not sent."""
    return GatewayError(400, f"Missing{parameter}", f"{parameter} is mandatory for this action.")


def invalid(parameter: str, why: str = "is not valid.") -> GatewayError:
    """A parameter was sent with a value that the API does not take."""
    return GatewayError(400, f"Invalid{parameter}", f"The specified parameter {parameter} {why}")


def node_not_found(node_id: int, project_env: str) -> BusinessError:
    """No such node in this environment."""
    return BusinessError(
        "1101080008", f"node {node_id} does not exist in {project_env}", status=404
    )


def not_a_descendant(node_id: int, roots: Sequence[int]) -> BusinessError:
    """A node to run does not depend on a root."""
    names = ", ".join(map(str, roots))
    return BusinessError("1101080009", f"node {node_id} is not a descendant of root node {names}")


def root_not_generated(root: int) -> BusinessError:
    """The hours asked for hold no instance."""
    return BusinessError(
        "1101080010", f"root node {root} not generated, schedule time not in range"
    )


def empty_interval() -> BusinessError:
    """BizBeginTime is not before BizEndTime."""
    return BusinessError("1101080011", "empty interval: BizBeginTime must be before BizEndTime")


def dag_not_found(dag_id: int) -> BusinessError:
    """No such DAG, or its history has been purged."""
    return BusinessError("1101080020", f"dag {dag_id} does not exist", status=404)


def instance_not_found(instance_id: int) -> BusinessError:
    """No such instance, or it can't be seen yet, or its history has been purged."""
    return BusinessError("1101080021", f"instance {instance_id} does not exist", status=404)


def project_not_found(project_id: int) -> BusinessError:
    """No such workspace."""
    return BusinessError("10600111020399005", f"project {project_id} does not exist", status=404)
