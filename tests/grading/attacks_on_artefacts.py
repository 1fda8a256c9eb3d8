"""What is left behind is forged and the task not done: a cloud of one's own, tables, Parquet, runs, logs and journals made by hand."""

from __future__ import annotations

from labkit.checks.tasks import list_step_tasks
from labkit.grading.editions.places import find_places
from labkit.grading.editions.regions import drop_marks
from labkit.grading.editions.validate import read_source
from tests.grading.attacks_on_cells import NOTHING, S3
from tests.grading.forgeries import (
    BILL_EQUAL,
    CHAIN_INVENTED,
    EQUAL_LIST,
    FAKE_IAM,
    FORETOLD,
    FORGED_ERROR,
    IDLE_SCRIPT,
    LOOP_BY_HAND,
    LYING_HANDLER,
    METRICS_INVENTED,
    MONTHS_MADE,
    NEWS_EQUAL,
    OWN_CLOUD,
    PRICES,
    QUERIES_INVENTED,
    READ_FROM_FORGED,
    RUN_AND_FORGE,
    RUN_FAKED,
    RUNS_FORGED,
    SCANS_INVENTED,
    TABLE_CHANGED,
    TABLE_MADE,
)
from tests.grading.submissions import Attack


def _earn(step: int, *solved: str) -> dict[str, int]:
    """The points of these tasks and nothing for the step's others."""
    return {task.id: task.points if task.id in solved else 0 for task in list_step_tasks(step)}


def _read_solution(notebook: str, cell: str) -> str:
    """The reference's cell: what a forger may well have got right."""
    found = read_source(find_places(), notebook).notebook.find(cell)
    assert found is not None
    return drop_marks(found.source)


ATTACKS = (
    Attack("cloud_of_ones_own", S3, NOTHING, solved=True, cells={"t1-1-answer": OWN_CLOUD}),
    Attack("iam_that_remembers", "02_iam", _earn(2), solved=True, cells={"t2-1-answer": FAKE_IAM}),
    Attack(
        "tables_by_hand",
        "03_crawler",
        _earn(3, "3.3"),
        solved=True,
        cells={
            "t3-1-answer": TABLE_CHANGED,
            "t3-2-answer": TABLE_MADE,
            "t3-4-layout": MONTHS_MADE,
            "t3-4-answer": "before, after = sum(rows[:-1]), sum(rows)",
        },
    ),
    Attack(
        "pandas_while_the_job_runs",
        "04_glue_etl",
        _earn(4),
        cells={
            "t4-3-script": IDLE_SCRIPT,
            "t4-3-create": _read_solution("04_glue_etl", "t4-3-create"),
            "t4-3-run": RUN_AND_FORGE,
            "t4-4-guess": "extra_guess = 1",
            "t4-4-twice": 'extra_rows = forge("step_4/twice/", 2)',
            "t4-4-month": 'forge("step_4/monthly/")',
        },
    ),
    Attack(
        "run_faked",
        "04_glue_etl",
        _earn(4),
        cells={
            "t4-3-script": IDLE_SCRIPT,
            "t4-3-create": _read_solution("04_glue_etl", "t4-3-create"),
            "t4-3-run": RUN_FAKED,
            "t4-4-twice": 'extra_rows = forge("step_4/twice/", 2)',
        },
    ),
    Attack(
        "handler_that_lies",
        "05_lambda",
        _earn(5),
        cells={
            "t5-1-predict": 'prediction = {name: "started" for name in day}',
            "t5-1-answer": FORGED_ERROR,
            "t5-2-answer": EQUAL_LIST,
            "t5-3-handler": LYING_HANDLER.format(name="handler"),
            "t5-3-deploy": 'lab.deploy(practice.function, "work/handler.py", GLUE_JOB_NAME=practice.job)',
            "t5-4-handler": LYING_HANDLER.format(name="once"),
            "t5-4-deploy": 'lab.deploy(practice.once_function, "work/once.py", GLUE_JOB_NAME=practice.job)',
            "t5-5-tests": "%%writefile work/test_new_files.py\ndef test_all():\n    assert True\n",
            "t5-6-answer": "cold_request, billed_ms, lambda_usd, glue_usd = failed_request, 1, 0.1, 0.1",
        },
    ),
    Attack(
        "chain_invented",
        "06_trigger",
        _earn(6),
        cells={"t6-2-answer": CHAIN_INVENTED, "t6-3-answer": NEWS_EQUAL, "t6-4-answer": LOOP_BY_HAND},
    ),
    Attack(
        "queries_invented",
        "07_athena_costes",
        _earn(7),
        cells={
            "t7-1-answer": QUERIES_INVENTED,
            "t7-2-answer": SCANS_INVENTED,
            "t7-3-answer": "ceiling_cents = 0.005",
            "t7-4-answer": METRICS_INVENTED,
            "t7-5-answer": BILL_EQUAL,
        },
    ),
    Attack(
        "journal_forged",
        "08_evaluacion",
        _earn(8),
        cells={
            "t8-1-seconds": FORETOLD,
            "t8-1-usd": PRICES,
            "t8-2-runs": RUNS_FORGED,
            "t8-2-answer": READ_FROM_FORGED,
            "t8-3-thresholds": 'thresholds = {"lambda_s": 1, "lambda_mb": 1, "pandas_mb": 1}',
            "t8-3-choose": 'def choose(workload):\n    return "lambda"',
            "t8-4-answer": "break_even = 1.0",
            "t8-5-record": 'record = {"engine": "lambda", "usd_month": 1.0, "predicted_s": 1.0, "measured_s": 0.1, "revisit_runs": 1.0}',
        },
    ),
)
