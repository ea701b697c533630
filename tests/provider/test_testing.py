"""The pytest plugin for users: their programs run, and tell what they launched."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest('pytest_plugins = ["pulumi_dataworks.testing"]')
    return pytester


def test_the_programs_launches_are_told(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"""
        from pulumi_dataworks.testing import DataWorks

        def test_program(dataworks: DataWorks) -> None:
            may = {{
                "projectEnv": "PROD", "rootNodeId": 74324, "includeNodeIds": [74324, 74325],
                "startBizDate": "2026-05-01", "endBizDate": "2026-05-03",
            }}
            config = {{"test:backfills": {{"orders": may}}}}
            dataworks.run({str(REPOSITORY / "__main__.py")!r}, config=config)
            (launch,) = dataworks.launches
            assert (launch.start_biz_date, launch.end_biz_date) == ("2026-05-01", "2026-05-03")
            assert launch.include_node_ids == ["74324", "74325"]
            assert launch.exclude_node_ids == []
            assert launch.root_node_id == "74324"
            assert dataworks.outputs["orders"]["nodeIds"] == launch.dag_ids
            assert launch.parameters["Parallelism"] == "false"
        """
    )
    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_each_test_has_a_dataworks_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pulumi_dataworks as dw
        import pytest

        @pytest.mark.parametrize("days", [1, 2])
        def test_program(dataworks, days: int) -> None:
            dataworks.run(lambda: dw.Backfill(
                "b", project_env="PROD", root_node_id=74324,
                start_biz_date="2026-05-01", end_biz_date=f"2026-05-0{days}",
            ))
            assert [len(one.dag_ids) for one in dataworks.launches] == [days]
        """
    )
    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_bad_declaration_launches_none_of_the_program(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pulumi
        import pulumi_dataworks as dw
        import pytest

        def program() -> None:
            may = dict(project_env="PROD", root_node_id=74324, start_biz_date="2026-05-01")
            secret = pulumi.Output.secret({"74324": {"key": "xyzzy"}})
            dw.Backfill("good", **may, end_biz_date="2026-05-02", node_params=secret)
            dw.Backfill("bad", **may, end_biz_date="2026-04-02")

        def test_program(dataworks) -> None:
            with pytest.raises(dw.DeclarationError, match="bad-launch: endBizDate must not be"):
                dataworks.run(program)
            assert dataworks.launches == []
        """
    )
    project.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
