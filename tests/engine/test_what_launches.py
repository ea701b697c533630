"""What makes a backfill run once more, and what must not: one table, on Pulumi's own engine.

Each row starts from a program that was launched once, in a project of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.versions import V2020, V2024

from tests.engine._harness import Engine, Template
from tests.engine._programs import account, declaring, inside
from tests.engine._steps import (
    CONFIG,
    MAY,
    TOKEN,
    Does,
    another_package,
    cli,
    config,
    create_was_cut_short,
    destroy,
    environment,
    failing_preview,
    failing_up,
    pickled_otherwise,
    plan_of,
    purge,
    refresh,
    refuses,
    state,
    unchanged,
    up,
)


@dataclass(frozen=True)
class Row:
    """What is done after the first launch, what it launches more, and what the user reads."""

    what: str
    does: Sequence[Does]
    launches: int
    reads: Sequence[str] = ()
    first: str = declaring()
    gone: bool = False
    """Whether the state has no backfill in the end."""


A, B, C = declaring(), declaring(end_biz_date="2026-05-03"), declaring(end_biz_date="2026-05-04")
EMPTY = "import pulumi"
FROM_THE_ROOT = "aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)]"
PROTECTED = declaring(options="protect=True")
PROTECTED_B = declaring(options="protect=True", end_biz_date="2026-05-03")
REFUSED = "Nothing was launched"


def given_name(**inputs: Any) -> str:
    return declaring(name="by hand", **inputs)


def triggers(*values: Any) -> str:
    return declaring(triggers=list(values))


def replaced_by(value: Any) -> str:
    return declaring(options=f"replacement_trigger={value!r}")


# fmt: off
ROWS = [
    # ---- what runs, and how ------------------------------------------------------------------
    Row("nothing changed", [unchanged], 0),
    Row("another end date", [up(B), unchanged], 1),
    Row("A to B and back to A", [up(B), up(A)], 2),
    Row("another order, another spelling",
        [up(declaring(include_node_ids="74325, 074324", start_biz_date="2026-05-01 00:00:00"),
            "--expect-no-changes")],
        0, first=declaring(include_node_ids=[74324, 74325])),
    Row("how it runs", [up(declaring(parallelism=True)), unchanged], 0,
        ["parallelism: the change holds for the next launch"]),
    Row("name_prefix", [up(declaring(name_prefix="other")), unchanged], 0),
    Row("a given name", [up(given_name())], 1),
    Row("dates under the same given name", [up(given_name(end_biz_date="2026-05-03"))], 1,
        first=given_name()),
    Row("destroy and up", [destroy, up()], 1),
    Row("dropped from the program", [up(EMPTY)], 0, gone=True),
    Row("dropped and put back", [up(EMPTY), up(A)], 1),
    # ---- the knobs to run again --------------------------------------------------------------
    Row("triggers added", [up(triggers(1))], 0),
    Row("triggers changed", [up(triggers(2)), unchanged], 1, first=triggers(1)),
    Row("triggers removed", [up(A)], 0, first=triggers(1)),
    Row("triggers added, then changed", [up(triggers(1)), up(triggers(2))], 1),
    Row("replacement_trigger added", [up(replaced_by(1))], 0),
    Row("replacement_trigger changed", [up(replaced_by(2)), unchanged], 1, first=replaced_by(1)),
    Row("replacement_trigger removed", [up(A)], 0, first=replaced_by(1)),
    # ---- changes that were refused -----------------------------------------------------------
    Row("refused change, then reverted",
        [refuses, failing_up(B), up(A), unchanged], 0, [REFUSED]),
    Row("refused change, then corrected",
        [refuses, failing_up(B), up(C), unchanged], 1, [REFUSED]),
    Row("refused change, then tried again",
        [refuses, failing_up(B), up(), unchanged], 1, [REFUSED]),
    Row("refused change under a given name, then reverted",
        [refuses, failing_up(given_name(end_biz_date="2026-05-03")), up(given_name()), unchanged],
        0, [REFUSED], first=given_name()),
    Row("refused trigger, then reverted",
        [refuses, failing_up(triggers(2)), up(triggers(1)), unchanged], 0, [REFUSED],
        first=triggers(1)),
    # ---- the CLI's ways ----------------------------------------------------------------------
    Row("--replace of the backfill", [up(None, "--replace", MAY), unchanged], 0,
        ["is taken over: nothing was launched now"]),
    Row("--replace of the token", [up(None, "--replace", TOKEN), unchanged], 0),
    Row("--replace of the token, then a change", [up(None, "--replace", TOKEN), up(B)], 1),
    Row("state taint", [cli("state", "taint", MAY, "--yes"), up()], 0),
    Row("the backfill deleted from the state", [cli("state", "delete", MAY, "--yes"), up()], 0),
    Row("the backfill alone destroyed",
        [cli("destroy", "--yes", "--skip-preview", "--target", MAY), up(), unchanged], 0),
    Row("--target of the backfill, then all",
        [failing_up(B, "--target", MAY), up(), unchanged], 1,
        ["Nothing was sent", "target the token with --target-dependents"]),
    Row("--target of the backfill with --target-dependents",
        [failing_preview(B, "--target", MAY, "--target-dependents"),
         failing_up(B, "--target", MAY, "--target-dependents")], 0, ["Nothing was sent"]),
    Row("--target of the token, then reverted", [up(B, "--target", TOKEN), up(A), unchanged], 0),
    Row("--target of the token, then all", [up(B, "--target", TOKEN), up(), unchanged], 1),
    Row("--target of the token with --target-dependents",
        [up(B, "--target", TOKEN, "--target-dependents"), unchanged], 1),
    Row("up --plan", [plan_of(B), up(None, "--plan", "plan.json"), unchanged], 1),
    Row("up --refresh", [up(None, "--refresh", "--expect-no-changes")], 0),
    Row("create cut short, refresh --clear-pending-creates",
        [state(create_was_cut_short),
         cli("refresh", "--yes", "--skip-preview", "--clear-pending-creates"), up(), unchanged],
        0, ["is taken over: nothing was launched now"]),
    Row("create cut short, another name_prefix",
        [state(create_was_cut_short), up(declaring(name_prefix="other")), unchanged], 0),
    Row("create cut short, not to be seen from another region",
        [purge, state(create_was_cut_short), config(region="cn-beijing"), failing_up()], 0,
        ["this run calls", "cannot be told", "Nothing more was sent"],
        first=declaring(reason="to be purged"), gone=True),
    # ---- options -----------------------------------------------------------------------------
    Row("ignore_changes",
        [up(declaring(options="ignore_changes=['end_biz_date']", end_biz_date="2026-05-03"),
            "--expect-no-changes")], 0),
    Row("protect, then reverted", [failing_up(PROTECTED_B), up(PROTECTED), unchanged], 0,
        ["marked for protection"], first=PROTECTED),
    Row("protect, then released", [failing_up(PROTECTED_B), up(B)], 1, first=PROTECTED),
    Row("replace_on_changes",
        [up(declaring(options="replace_on_changes=['name_prefix']", name_prefix="other"))], 0,
        ["is taken over: nothing was launched now"]),
    Row("delete_before_replace",
        [up(declaring(options="delete_before_replace=True", end_biz_date="2026-05-03")),
         unchanged], 1),
    Row("retain_on_delete",
        [up(declaring(options="retain_on_delete=True", end_biz_date="2026-05-03"))], 1),
    Row("retain_on_delete, then dropped", [up(EMPTY)], 0,
        first=declaring(options="retain_on_delete=True"), gone=True),
    Row("renamed with an alias", [up(declaring("june", "aliases=[Alias(name='may')]")),
        up(declaring("june"), "--expect-no-changes")], 0),
    Row("moved into a component", [up(inside("group", inner=FROM_THE_ROOT)), unchanged], 0),
    Row("its component renamed", [up(inside("group", "aliases=[Alias(name='old')]"))], 0,
        first=inside("old")),
    Row("a provider of its own", [up(account("first"))], 0),
    Row("another provider of its own", [up(account("second"))], 0, first=account("first")),
    # ---- the world ---------------------------------------------------------------------------
    Row("another region", [config(region="cn-beijing"), up(None, "--expect-no-changes")], 0),
    Row("another region, then a change", [config(region="cn-beijing"), up(B), unchanged], 1),
    Row("other credentials",
        [environment(ALIBABA_CLOUD_ACCESS_KEY_ID="testid2",
                     ALIBABA_CLOUD_ACCESS_KEY_SECRET="testsecret2"), unchanged, refresh], 0),
    Row("history purged", [purge, refresh, unchanged], 0, first=declaring(reason="purged")),
    Row("PULUMI_SKIP_CHECKPOINTS",
        [environment(PULUMI_SKIP_CHECKPOINTS="true", PULUMI_EXPERIMENTAL="true"), failing_up(B)],
        0, ["PULUMI_SKIP_CHECKPOINTS is set", "Nothing was sent"]),
    Row("another version of the package", [another_package, unchanged, refresh], 0),
    Row("the providers pickled otherwise", [state(pickled_otherwise), up(), unchanged], 0),
]
# fmt: on


@dataclass(frozen=True)
class Launched:
    """A project after its first launch."""

    folder: Path
    launch: Mapping[str, Any]


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def launched(
    engine_template: Template, served: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Launched]:
    """Launches a program, once for all rows that begin with it."""
    made: dict[tuple[str, str], Launched] = {}

    def launch(program: str, api_version: str) -> Launched:
        if (program, api_version) not in made:
            folder = tmp_path_factory.mktemp("launched") / "project"
            with Engine(engine_template, folder, served) as engine:
                engine.environment["DATAWORKS_API_VERSION"] = api_version
                engine.configure(CONFIG)
                up(program)(engine)
            made[program, api_version] = Launched(folder, served.launches()[-1])
        return made[program, api_version]

    return launch


CASES = [pytest.param(row, V2020, id=row.what) for row in ROWS] + [
    pytest.param(row, V2024, id=f"{row.what}, {V2024}") for row in ROWS
]


@pytest.mark.parametrize(("row", "api_version"), CASES)
@pytest.mark.engine
def test_what_launches(
    row: Row,
    api_version: str,
    launched: Callable[[str, str], Launched],
    engine_template: Template,
    served: Emulator,
    tmp_path: Path,
) -> None:
    first = launched(row.first, api_version)
    before = len(served.launches())
    with Engine(engine_template, tmp_path / "project", served) as engine:
        shutil.copytree(first.folder / "state", engine.folder / "state", dirs_exist_ok=True)
        engine.environment["DATAWORKS_API_VERSION"] = api_version
        engine.configure(CONFIG)
        engine.program(row.first)
        results = [result for one in row.does if (result := one(engine))]
        text = "\n".join(result.text for result in results)
        more = served.launches()[before:]
        assert len(more) == row.launches, text
        assert [words for words in row.reads if words not in text] == [], text
        assert "Traceback" not in text
        recorded = [
            one["outputs"]["nodeIds"]
            for one in engine.resources().values()
            if one["type"].endswith(":Backfill")
        ]
        newest = [first.launch, *more][-1]
        expected = [] if row.gone else [[str(one) for one in newest["dagIds"]]]
        assert recorded == expected
