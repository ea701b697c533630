"""Each catch, with its message; and what is no reason for an alarm."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._preflight.catches import Findings

from tests.provider.preflight._backfills import LATER, api_of, launched, look

#: 12:00 on 1 July 2026, +08:00.
JULY = datetime(2026, 7, 1, 4, tzinfo=timezone.utc)
ORDERS, ORDER_DETAILS, PAYMENTS, PAYMENT_DETAILS, SHOPS, WEEKLY = (
    74324, 74325, 74326, 74327, 74328, 74331,
)  # fmt: skip
SCANS, SCAN_DETAILS, HUBS = 74340, 74341, 74342
MEMBERS, MEMBER_DETAILS, PURCHASES, CHURN, SEGMENTS, MAILS = (
    74350, 74351, 74352, 74353, 74354, 74355,
)  # fmt: skip
IN_DEV = 74390


def declared(root: int, *included: int, **more: Any) -> dict[str, Any]:
    given = {
        "projectEnv": "PROD",
        "rootNodeId": root,
        "includeNodeIds": included or [root],
        "startBizDate": "2026-05-01",
        "endBizDate": "2026-05-31",
        **more,
    }
    declaration = normalize({**given, "includeNodeIds": list(given["includeNodeIds"])})
    assert not declaration.problems
    return declaration.inputs


def told(found: Findings) -> list[str]:
    errors = [f"error: {one.property} {one.reason}" for one in found.errors]
    return [*errors, *found.warnings, *found.reruns]


GAP = (
    "left out in the middle of a chain: 74327 (dwd_trade_payment_di). 74328 (dws_trade_shop_1d) "
    "would compute on what they wrote before. Include them, or exclude them to say that this is "
    "meant"
)
CATCHES = {
    "a node that is not there": (
        declared(ORDERS, ORDERS, 999),
        ["error: includeNodeIds names node 999, which does not exist in PROD of workspace 10001"],
    ),
    "nodes that are in another environment": (
        declared(SHOPS, SHOPS, IN_DEV, excludeNodeIds=[998, 997]),
        [
            ("error: includeNodeIds names node 74390, which does not exist in PROD of workspace "
            "10001"),
            ("error: excludeNodeIds names nodes 997, 998, which do not exist in PROD of workspace "
            "10001"),
        ],
    ),
    "a root that is not there": (
        declared(999),
        ["error: rootNodeId names node 999, which does not exist in PROD of workspace 10001"],
    ),
    "a root that is not included": (
        declared(ORDERS, ORDER_DETAILS),
        ["the root node 74324 (ods_trade_order_di) is not included, so it is not run"],
    ),
    "a node that is not below the root": (
        declared(ORDERS, ORDERS, MEMBERS),
        [
            ("error: includeNodeIds names 74350 (ods_member_profile_df), not below the root 74324 "
            "(ods_trade_order_di)")
        ],
    ),
    "an excluded node that is not below the root": (
        declared(ORDERS, ORDERS, excludeNodeIds=[MEMBERS]),
        [
            ("excluded, and not below the root 74324 (ods_trade_order_di) anyhow: "
            "74350 (ods_member_profile_df)")
        ],
    ),
    "a gap": (declared(ORDERS, ORDERS, ORDER_DETAILS, SHOPS), [GAP]),
    "a gap of two": (
        declared(MEMBERS, MEMBERS, SEGMENTS),
        [
            ("left out in the middle of a chain: 74351 (dwd_member_profile_df), "
            "74352 (dws_member_purchase_30d). 74354 (ads_member_segments) would compute on what "
            "they wrote before. Include them, or exclude them to say that this is meant")
        ],
    ),
    "a paused node": (
        declared(PURCHASES, PURCHASES, CHURN),
        [
            ("error: includeNodeIds names paused nodes, whose instances fail when they are "
            "scheduled: 74353 (ads_member_churn_score). Leave them out, or exclude them: that "
            "makes them dry-runs")
        ],
    ),
    "a node that is set to dry-run": (
        declared(SEGMENTS, SEGMENTS, MAILS),
        ["set to dry-run in DataWorks, SUCCESS without running: 74355 (ads_member_mail_export)"],
    ),
    "off-cycle dates": (
        declared(WEEKLY),
        [
            ("74331 (ads_trade_weekly_report) runs on 5 of 31 dates only; on 26 dates, 2026-05-01 "
            "the first, it is off its cycle, a dry-run: SUCCESS without running")
        ],
    ),
    "one off-cycle date": (
        declared(WEEKLY, startBizDate="2026-05-03", endBizDate="2026-05-04"),
        [
            ("74331 (ads_trade_weekly_report) runs on 1 of 2 dates only; on 2026-05-04 it is off "
            "its cycle, a dry-run: SUCCESS without running")
        ],
    ),
    "hours without an instance of the root": (
        declared(SCANS, bizBeginTime="00:06", bizEndTime="01:04"),
        [
            ("error: bizBeginTime to bizEndTime 01:04:00 holds no instance of 74340 "
            "(ods_logistics_scan_hi), which runs 24 times from 00:05 to 23:05")
        ],
    ),
    "hours without an instance of another node": (
        declared(SCANS, SCANS, SCAN_DETAILS, HUBS, bizBeginTime="01:00", bizEndTime="03:30"),
        [("74342 (dws_logistics_hub_hi) has no instance from 01:00:00 to 03:30:00, so it does not "
         "run")],
    ),
    "an hourly node without hours": (
        declared(SCANS),
        [
            ("74340 (ods_logistics_scan_hi) runs 24 times a day, and all of them are run: "
            "bizBeginTime and bizEndTime choose among them")
        ],
    ),
    "dates of the future": (
        declared(ORDERS, startBizDate="2026-06-29", endBizDate="2026-07-02"),
        [
            ("2 of 4 dates are scheduled after today, 2026-07-01 (+08:00); their instances wait "
            "for that day")
        ],
    ),
    "a date of the future, at once": (
        declared(
            ORDERS,
            startBizDate="2026-07-01",
            endBizDate="2026-07-01",
            startFutureInstanceImmediately=True,
        ),
        [
            ("1 of 1 date is scheduled after today, 2026-07-01 (+08:00); their instances run at "
            "once, before their data is there")
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("inputs", "expected"), CATCHES.values(), ids=CATCHES)
def test_catch(inputs: dict[str, Any], expected: list[str], emulator: Emulator) -> None:
    assert told(look(emulator, inputs, JULY)) == expected


NO_ALARM = {
    "a whole chain": declared(ORDERS, ORDERS, ORDER_DETAILS, PAYMENT_DETAILS, SHOPS),
    "a gap that is excluded": declared(
        ORDERS, ORDERS, ORDER_DETAILS, SHOPS, excludeNodeIds=[PAYMENT_DETAILS]
    ),
    "one node": declared(SHOPS),
    "yesterday's business date, which is scheduled today": declared(
        ORDERS, startBizDate="2026-06-30", endBizDate="2026-06-30"
    ),
    "a paused node that is excluded": declared(PURCHASES, PURCHASES, excludeNodeIds=[CHURN]),
    "a weekly node on its day": declared(
        WEEKLY, startBizDate="2026-05-03", endBizDate="2026-05-03"
    ),
    "hours that hold every node once": declared(
        SCANS, SCANS, SCAN_DETAILS, HUBS, bizBeginTime="04:00", bizEndTime="04:59"
    ),
    "hours of daily nodes mean nothing": declared(ORDERS, bizBeginTime="05:00", bizEndTime="06:00"),
    "a node that is in this environment": declared(SHOPS, SHOPS, IN_DEV, projectEnv="DEV"),
    "siblings, neither between the other and the root": declared(
        ORDER_DETAILS, ORDER_DETAILS, 74329, 74332
    ),
}


@pytest.mark.parametrize("inputs", NO_ALARM.values(), ids=NO_ALARM)
def test_no_alarm(inputs: dict[str, Any], emulator: Emulator) -> None:
    assert told(look(emulator, inputs, JULY)) == []


def test_a_backfill_that_runs_now(emulator: Emulator) -> None:
    emulator.admin.set_clock(scale=0)
    launched(api_of(emulator), declared(ORDERS, startBizDate="2026-05-30"), "may_5c10")
    [text] = look(emulator, declared(ORDERS), LATER).reruns
    assert text.startswith("the backfill may_5c10, made 20")
    assert text.endswith("(+08:00), runs now, with 74324 (ods_trade_order_di) on 2 of 31 dates")


def test_a_backfill_that_has_run(emulator: Emulator) -> None:
    launched(api_of(emulator), declared(ORDERS, startBizDate="2026-05-30"), "may_5c10")
    emulator.admin.set_clock(step=3600.0)
    [text] = look(emulator, declared(ORDERS), LATER).reruns
    assert text.endswith(
        "has run 74324 (ods_trade_order_di) already, with success on 2 of 31 dates"
    )


@pytest.mark.parametrize(
    "before",
    [
        declared(ORDERS, startBizDate="2026-06-01", endBizDate="2026-06-03"),
        declared(ORDERS, projectEnv="DEV"),
        declared(ORDER_DETAILS),
        declared(ORDERS, excludeNodeIds=[ORDERS]),
    ],
    ids=["other dates", "another environment", "another node", "a dry-run"],
)
def test_no_alarm_for_another_backfill(before: dict[str, Any], emulator: Emulator) -> None:
    launched(api_of(emulator), before)
    assert look(emulator, declared(ORDERS), LATER).reruns == []


def test_no_alarm_for_other_hours(emulator: Emulator) -> None:
    launched(api_of(emulator), declared(SCANS, bizBeginTime="00:00", bizEndTime="05:59"))
    later = declared(SCANS, bizBeginTime="06:00", bizEndTime="12:00")
    assert look(emulator, later, LATER).reruns == []
    same = declared(SCANS, bizBeginTime="05:00", bizEndTime="12:00")
    assert len(look(emulator, same, LATER).reruns) == 1


def test_no_alarm_for_a_backfill_that_failed(emulator: Emulator) -> None:
    emulator.admin.set_node(ORDERS, failure={"message": "no"})
    launched(api_of(emulator), declared(ORDERS, startBizDate="2026-05-31"))
    emulator.admin.set_clock(step=3600.0)
    assert look(emulator, declared(ORDERS), LATER).reruns == []
