"""The pack: three policies for backfills that are to be launched. README.md tells how to run it.

What was launched before passes: a rule that is newer than a launch has nothing to say of it.
"""

from __future__ import annotations

from backfill_rules import (
    FREEZE_WINDOWS,
    REASON,
    Declared,
    dev_before_prod,
    frozen,
    is_to_be_launched,
    without_reason,
)
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

_BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
_COMPLETION = "pulumi-python:dynamic/dataworks:BackfillCompletion"


def freeze_windows(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuses launches in the windows of time that the config names."""
    if args.resource_type == _BACKFILL and is_to_be_launched(args.props):
        for problem in frozen(args.props, args.get_config()):
            report(problem)


def required_reason(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuses launches without a reason."""
    if args.resource_type == _BACKFILL and is_to_be_launched(args.props):
        for problem in without_reason(args.props, args.get_config()):
            report(problem)


def prod_after_dev(args: StackValidationArgs, report: ReportViolation) -> None:
    """Refuses launches in PROD that do not wait for one in DEV."""
    for resource in args.resources:
        if resource.resource_type == _BACKFILL and is_to_be_launched(resource.props):
            for problem in dev_before_prod(_declared(resource)):
                report(problem, resource.urn)


def _declared(resource: PolicyResource) -> Declared:
    """Gives a resource with all that it depends on, directly or not."""
    found: dict[str, PolicyResource] = {}
    waiting = list(resource.dependencies)
    while waiting:
        one = waiting.pop()
        if one.urn not in found:
            found[one.urn] = one
            waiting += one.dependencies
    return Declared(
        resource.props,
        [one.props for one in found.values() if one.resource_type == _BACKFILL],
        any(one.resource_type == _COMPLETION for one in found.values()),
    )


PolicyPack(
    name="dataworks-backfills",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="freeze-windows",
            description="No backfill is launched in a freeze window.",
            config_schema=PolicyConfigSchema(properties=FREEZE_WINDOWS),
            validate=freeze_windows,
        ),
        ResourceValidationPolicy(
            name="required-reason",
            description="A backfill says why it is run.",
            config_schema=PolicyConfigSchema(properties=REASON),
            validate=required_reason,
        ),
        StackValidationPolicy(
            name="dev-before-prod",
            description="A backfill in PROD waits for one in DEV.",
            enforcement_level=EnforcementLevel.DISABLED,
            validate=prod_after_dev,
        ),
    ],
)
