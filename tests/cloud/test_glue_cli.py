"""`labkit glue run` and `labkit glue shell` as people type them, against the session's cloud."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Aws = Callable[[str], Any]
HEAD = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
"""
ROOT = Path(__file__).parents[2]


class Typed:
    """Types commands in a folder of its own."""

    def __init__(self, state: Path, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "LABKIT_STATE": str(state), "LABKIT_LANG": "es", "PYTHONPATH": str(ROOT)}

    def __call__(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "labkit", "glue", *words],
            cwd=self.folder,
            env=self.env,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def script(self, name: str, body: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
        return name


@pytest.fixture
def typed(cloud: Any, tmp_path: Path) -> Typed:
    folder = tmp_path / "mis scripts ñ"
    folder.mkdir()
    return Typed(cloud.state_dir, folder)


@pytest.fixture(scope="module")
def bucket(aws: Aws) -> str:
    name = f"glue-cli-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="in/ventas.csv", Body=b"id,n\n1,10\n2,20\n3,30\n")
    return name


@pytest.fixture(scope="module")
def name() -> Callable[[str], str]:
    """File names that no other test file uses: jobs are named after them."""
    mark = uuid.uuid4().hex[:6]
    return lambda stem: f"{stem} {mark}.py"


def test_a_script_runs_with_its_arguments_and_its_result_is_told_truly(
    typed: Typed, aws: Aws, bucket: str, name: Callable[[str], str]
) -> None:
    script = typed.script(
        f"carpeta año/{name('ventas ñ')}",
        HEAD + "args = getResolvedOptions(sys.argv, ['JOB_NAME', 'entrada', 'salida', 'timeout'])\n"
        "spark = GlueContext(SparkContext()).spark_session\n"
        "print('hola, ñandú', args['timeout'])\n"
        "df = spark.read.csv(args['entrada'], header=True)\n"
        "df.repartition(1).write.mode('append').partitionBy('n').parquet(args['salida'])\n"
        "print('filas', df.count())\n",
    )
    done = typed(
        "run", "--json", "resultado.json", script, f"--entrada=s3://{bucket}/in/", "--salida", f"s3://{bucket}/out a/",
        "--timeout", "3",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hola, ñandú 3" in done.stdout.splitlines()
    assert "filas 3" in done.stdout.splitlines()
    assert "SUCCEEDED" in done.stdout
    assert "120 DPU-segundos" in done.stdout
    assert "en 3 particiones" in done.stdout
    result = json.loads((typed.folder / "resultado.json").read_text(encoding="utf-8"))
    assert result["state"] == "SUCCEEDED"
    assert result["arguments"] == {
        "--entrada": f"s3://{bucket}/in/",
        "--salida": f"s3://{bucket}/out a/",
        "--timeout": "3",
    }
    assert result["dpu_seconds"] == 120
    written = aws("s3").list_objects_v2(Bucket=bucket, Prefix="out a/")["Contents"]
    assert [(item["uri"], item["objects"], item["partitions"]) for item in result["created"]] == [
        (f"s3://{bucket}/out a/", len(written), 3)
    ]
    assert result["totals"]["rows_written"] == 3
    assert result["totals"]["rows_read"] >= 3
    run = aws("glue").get_job_run(JobName=result["job"], RunId=result["run"])["JobRun"]
    assert run["JobRunState"] == "SUCCEEDED"
    assert run["GlueVersion"] == "5.1"
    assert run["Arguments"] == result["arguments"]
    job = aws("glue").get_job(JobName=result["job"])["Job"]
    assert job["DefaultArguments"]["--enable-glue-datacatalog"] == "true"
    # docs.aws.amazon.com/glue, "Enabling the progress bar": stream `<run id>-progress-bar`
    events = aws("logs").get_log_events(
        logGroupName="/aws-glue/jobs/logs-v2", logStreamName=f"{result['run']}-progress-bar", startFromHead=True
    )["events"]
    assert "wrote 3 rows" in events[-1]["message"]


def test_modules_and_files_travel_with_the_script(typed: Typed, name: Callable[[str], str]) -> None:
    typed.script("mio.py", "def doble(x):\n    return 2 * x\n")
    typed.script("paquete/__init__.py", "from paquete.dentro import triple\n")
    typed.script("paquete/dentro.py", "def triple(x):\n    return 3 * x\n")
    typed.script("datos ñ.txt", "siete")
    script = typed.script(
        name("con modulos"), "import mio, paquete\nprint(mio.doble(4), paquete.triple(4), open('datos ñ.txt').read())\n"
    )
    done = typed("run", "--quiet", "--py-files", "mio.py,paquete", "--files", "datos ñ.txt", script)
    assert (done.returncode, done.stdout) == (0, "8 12 siete\n"), done.stderr
    missing = typed("run", "--py-files", "nada.zip", script)
    assert missing.returncode == 1
    assert "nada.zip" in missing.stderr


@pytest.mark.quick
@pytest.mark.slow
def test_a_failure_points_to_the_line_and_ends_with_1(typed: Typed, name: Callable[[str], str]) -> None:
    script = typed.script(name("rota"), "import sys\n\n\ndef leer():\n    return [][3]\n\n\nprint('antes')\nleer()\n")
    done = typed("run", script)
    assert done.returncode == 1
    assert "antes" in done.stdout.splitlines()
    assert "FAILED" in done.stdout
    assert "IndexError: list index out of range" in done.stderr
    assert f"{script}, línea 5:" in done.stderr
    assert "> 5 |     return [][3]" in done.stderr
    assert "labkit/cloud" not in done.stderr


def test_a_missing_argument_is_a_lesson(typed: Typed, name: Callable[[str], str]) -> None:
    script = typed.script(name("pide"), HEAD + "args = getResolvedOptions(sys.argv, ['JOB_NAME', 'year'])\n")
    done = typed("run", script)
    assert done.returncode == 1
    assert "argumentos que no le diste: --year" in done.stderr


def test_a_local_path_is_passed_on_and_explained_when_it_fails(typed: Typed, name: Callable[[str], str]) -> None:
    typed.script("ventas.csv", "a,b\n1,2\n")
    script = typed.script(
        name("local"),
        HEAD + "args = getResolvedOptions(sys.argv, ['ruta'])\nprint(args['ruta'])\n"
        "GlueContext(SparkContext()).spark_session.read.csv(args['ruta']).show()\n",
    )
    done = typed("run", script, "--ruta", "ventas.csv")
    assert done.returncode == 1
    assert "ventas.csv" in done.stdout.splitlines()
    assert "--ruta es «ventas.csv», un lugar de este ordenador" in done.stderr


def test_somebody_elses_job_is_not_changed_by_accident(
    typed: Typed, aws: Aws, bucket: str, name: Callable[[str], str]
) -> None:
    script = typed.script(name("ajeno"), "print(1)")
    job = script.removesuffix(".py").replace(" ", "-")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/theirs.py"}
    aws("glue").create_job(Name=job, Role="theirs", Command=command, GlueVersion="5.1")
    done = typed("run", script)
    assert done.returncode == 2
    assert "--job-name" in done.stderr
    assert aws("glue").get_job(JobName=job)["Job"]["Command"]["ScriptLocation"] == f"s3://{bucket}/theirs.py"
    other = typed("run", "--quiet", "--job-name", f"{job}-2", script)
    assert (other.returncode, other.stdout) == (0, "1\n"), other.stderr


def test_bookmarks_and_settings_reach_the_job(typed: Typed, bucket: str, name: Callable[[str], str]) -> None:
    script = typed.script(
        name("marcador"),
        HEAD + "args = getResolvedOptions(sys.argv, ['JOB_NAME', 'entrada'])\n"
        "glue = GlueContext(SparkContext())\njob = Job(glue)\njob.init(args['JOB_NAME'], args)\n"
        "options = {'paths': [args['entrada']]}\n"
        "read = glue.create_dynamic_frame.from_options('s3', options, 'csv', {'withHeader': True}, transformation_ctx='r')\n"
        "print(read.count(), glue.spark_session.conf.get('spark.sql.shuffle.partitions'))\njob.commit()\n",
    )
    words = ("run", "--quiet", "--bookmark", "enable", "--conf", "spark.sql.shuffle.partitions=7", script)
    first = typed(*words, "--entrada", f"s3://{bucket}/in/")
    second = typed(*words, "--entrada", f"s3://{bucket}/in/")
    assert (first.stdout, second.stdout) == ("3 7\n", "0 7\n"), first.stderr + second.stderr


class Terminal:
    """A command in a pseudo-terminal: `wait` for a text, `send` keys, `end` for its exit code."""

    def __init__(self, typed: Typed, *words: str) -> None:
        self.shown = ""
        self._mark = 0
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(typed.folder)
            command = [sys.executable, "-m", "labkit", "glue", *words]
            os.execvpe(sys.executable, command, {**typed.env, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"})

    def wait(self, text: str, timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while text not in self.shown[self._mark :]:
            assert time.monotonic() < deadline, f"no {text!r} in {self.shown[self._mark :]!r}"
            if not self._read():
                break
        assert text in self.shown[self._mark :], self.shown[self._mark :]
        self._mark = self.shown.index(text, self._mark) + len(text)

    def send(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def end(self, timeout_s: float = 60) -> int:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self._read()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"still there: {self.shown[-2000:]!r}")

    def _read(self) -> bool:
        if select.select([self._descriptor], [], [], 0.1)[0]:
            try:
                more = os.read(self._descriptor, 65536).decode("utf-8", "replace")
            except OSError:
                return False
            self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", more)
        return True


def test_ctrl_c_stops_the_run_and_says_so(typed: Typed, aws: Aws, name: Callable[[str], str]) -> None:
    script = typed.script(name("larga"), "import time\nprint('empiezo')\ntime.sleep(300)\n")
    terminal = Terminal(typed, "run", script)
    terminal.wait("empiezo")
    terminal.send("\x03")
    terminal.wait("Ctrl-C: parando")
    assert terminal.end() == 130
    assert "STOPPED" in terminal.shown
    job = script.removesuffix(".py").replace(" ", "-")
    (run,) = aws("glue").get_job_runs(JobName=job)["JobRuns"]
    assert run["JobRunState"] == "STOPPED"


def test_on_a_terminal_spark_stages_are_shown_while_they_run(typed: Typed, name: Callable[[str], str]) -> None:
    script = typed.script(
        name("pasos"),
        HEAD + "import time\nspark = GlueContext(SparkContext()).spark_session\n"
        "def wait(x):\n    time.sleep(0.4)\n    return x\n"
        "print('suma', spark.sparkContext.parallelize(range(12), 12).map(wait).sum())\n",
    )
    terminal = Terminal(typed, "run", script)
    terminal.wait("tareas,")
    assert terminal.end() == 0
    assert "suma 66" in terminal.shown
    assert re.search(r"Stage 0 \(sum at .*py:\d+\)\s+━+ \d+/12 tareas, [12] en curso", terminal.shown)


def test_the_shell_reads_a_program_from_its_input(typed: Typed, aws: Aws, bucket: str) -> None:
    database = bucket.replace("-", "_")
    aws("glue").create_database(DatabaseInput={"Name": database})
    done = typed("shell", stdin="print(spark.range(3).count())\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")
    program = (
        "dyf = glueContext.create_dynamic_frame.from_options('s3', {'paths': [args['entrada']]}, 'csv', {'withHeader': True})\n"
        "print(dyf.count(), getResolvedOptions(sys.argv, ['entrada'])['entrada'] == args['entrada'])\n"
        "rdd = sc.parallelize([1, 2]).map(lambda x: x + 1)\nprint(rdd.collect())\n"
        f"print('{database}' in [row.namespace for row in spark.sql('show databases').collect()])\n"
    )
    done = typed("shell", "--", "--entrada", f"s3://{bucket}/in/", stdin="import sys\n" + program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 True\n[2, 3]\nTrue\n", "")


@pytest.mark.parametrize(
    ("code", "exit_code", "out", "said"),
    [
        ("print(spark.version)", 0, "3.5.6\n", ""),
        ("import sys; sys.exit(7)", 7, "", ""),
        ("1/0", 1, "", "ZeroDivisionError: division by zero"),
        ("x =", 1, "", "SyntaxError"),
        ("spark.sql('select nope')", 1, "", "UNRESOLVED_COLUMN"),
    ],
)
def test_code_given_to_the_shell_ends_with_its_exit_code(
    typed: Typed, code: str, exit_code: int, out: str, said: str
) -> None:
    done = typed("shell", "-c", code)
    assert (done.returncode, done.stdout) == (exit_code, out), done.stderr
    assert said in done.stderr
    assert "\tat " not in done.stderr
    assert "py4j" not in done.stderr


def test_an_empty_input_needs_no_spark(typed: Typed) -> None:
    impossible = ("shell", "--conf", "spark.master=nope")
    empty = typed(*impossible, stdin=" \n")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")
    started = typed(*impossible, stdin="1")
    assert started.returncode == 1
    assert "nope" in started.stderr
    assert "\tat " not in started.stderr


def test_ctrl_c_cancels_sparks_job_and_not_the_prompt_and_ctrl_d_leaves(typed: Typed) -> None:
    terminal = Terminal(typed, "shell", "--plain")
    terminal.wait("Ctrl-D sale")
    terminal.wait(">>> ")
    terminal.send("spark.range(10**14).selectExpr('sum(id * 2)').collect()\n")
    terminal.wait("Stage 0:")
    terminal.send("\x03")
    terminal.wait("KeyboardInterrupt", 20)
    terminal.wait(">>> ")
    terminal.send("print('sigo', spark.range(7).count())\n")
    terminal.wait("sigo 7", 30)
    terminal.wait(">>> ")
    terminal.send("while True: pass\n\n")
    terminal.wait("... ")
    time.sleep(0.3)
    terminal.send("\x03")
    terminal.wait("KeyboardInterrupt", 20)
    children = _children(terminal.pid)
    assert any("java" in name for name in children.values())
    terminal.send("\x04")
    assert terminal.end() == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)]


def _children(pid: int) -> dict[int, str]:
    import psutil

    return {child.pid: child.name() for child in psutil.Process(pid).children(recursive=True)}


def _is_zombie(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
