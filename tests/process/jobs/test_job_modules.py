"""Modules of a job: --additional-python-modules, --extra-py-files, --extra-files. Source: DG aws-glue-programming-python-libraries."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.process.jobs.wheels import archive, wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.process.jobs.conftest import Jobs

pytestmark = pytest.mark.slow

MODULES, OPTION = "--additional-python-modules", "--python-modules-installer-option"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "caché"
    monkeypatch.setenv("LABKIT_CACHE", str(folder))
    return folder


@pytest.fixture
def jobs(cache: Path, build_jobs: Callable[[], Jobs]) -> Jobs:
    """An engine whose cache is empty, and a wheel in its bucket."""
    jobs = build_jobs()
    body = wheel("saludo", "1.2", {"saludo/__init__.py": "def hola(): return 'hola 1.2'\n"})
    jobs.services.store.put("scripts", "w/saludo-1.2-py3-none-any.whl", body)
    return jobs


def run(jobs: Jobs, script: str, **arguments: str) -> tuple[dict[str, Any], list[str], str]:
    """The ended run, its output, and its error log as one text."""
    given = {"--" + name.replace("_", "-"): value for name, value in arguments.items()}
    name = f"job{time.monotonic_ns()}"
    jobs.create(name, script, DefaultArguments=given)
    ended = jobs.wait(name, run_id := jobs.start(name))
    groups = [jobs.log(kind, run_id) for kind in ("output", "error")]
    return ended, groups[0], "\n".join(groups[1])


def installed(cache: Path) -> list[Path]:
    root = cache / "python-modules"
    return [found for found in root.iterdir() if found.name != "locks"] if root.exists() else []


def test_a_wheel_in_s3_is_installed_once_and_said_in_the_log(jobs: Jobs, cache: Path) -> None:
    arguments = {
        "additional_python_modules": "s3://scripts/w/saludo-1.2-py3-none-any.whl",
        "python_modules_installer_option": "--no-index",
    }
    script = "import saludo, sys\nprint(saludo.hola(), saludo.__file__.startswith(sys.path[1]))"
    ended, output, log = run(jobs, script, **arguments)
    assert (ended.get("ErrorMessage"), output) == (None, ["hola 1.2 True"])
    assert "installed by pip: saludo 1.2." in log
    (folder,) = installed(cache)
    made = folder.stat().st_ino
    _, output, log = run(jobs, script, **arguments)
    assert (output, installed(cache)[0].stat().st_ino) == (["hola 1.2 True"], made)
    assert "installed from the cache: saludo 1.2." in log


def test_other_contents_under_the_same_name_are_another_set(jobs: Jobs, cache: Path) -> None:
    arguments = {
        "additional_python_modules": "s3://scripts/w/saludo-1.2-py3-none-any.whl",
        "python_modules_installer_option": "--no-index",
    }
    run(jobs, "import saludo", **arguments)
    body = wheel("saludo", "1.2", {"saludo/__init__.py": "def hola(): return 'other'\n"})
    jobs.services.store.put("scripts", "w/saludo-1.2-py3-none-any.whl", body)
    assert run(jobs, "import saludo; print(saludo.hola())", **arguments)[1] == ["other"]
    assert len(installed(cache)) == 2


def test_an_sdist_a_requirements_file_and_a_zip_of_wheels(jobs: Jobs, cache: Path) -> None:
    """DG python-libraries: "zip files containing bundled Python wheels", and requirements files with `-r`."""
    body = wheel("otro", "3", {"otro.py": "n = 3\n"})
    jobs.services.store.put("scripts", "deps.gluewheels.zip", archive({"wheels/otro-3-py3-none-any.whl": body}))
    given = {
        "additional_python_modules": "s3://scripts/deps.gluewheels.zip",
        "python_modules_installer_option": "--no-index",
    }
    assert run(jobs, "import otro; print(otro.n)", **given)[1] == ["3"]
    (cache / "links").mkdir()
    (cache / "links" / "otro-3-py3-none-any.whl").write_bytes(body)
    jobs.services.store.put(
        "scripts", "requirements.txt", f"--find-links {(cache / 'links').as_uri()}\notro==3\n".encode()
    )
    given = {
        "additional_python_modules": "s3://scripts/requirements.txt",
        "python_modules_installer_option": "-r --no-index",
    }
    ended, output, log = run(jobs, "import otro; print(otro.n)", **given)
    assert (ended.get("ErrorMessage"), output, "otro 3" in log) == (None, ["3"], True)


def test_what_the_environment_has_is_used_and_said(jobs: Jobs) -> None:
    ended, output, log = run(
        jobs, "import six, saludo; print(six.__name__)",
        additional_python_modules="six,s3://scripts/w/saludo-1.2-py3-none-any.whl", python_modules_installer_option="--no-index",
    )  # fmt: skip
    assert (ended.get("ErrorMessage"), output) == (None, ["six"])
    assert "installed by pip: saludo 1.2." in log


def test_a_module_that_cannot_be_installed_fails_the_run_with_pips_reason(jobs: Jobs, cache: Path) -> None:
    ended, output, log = run(
        jobs,
        "print('began')",
        additional_python_modules="no-such-module-x==9.9",
        python_modules_installer_option="--no-index",
    )
    assert (ended["JobRunState"], output) == ("FAILED", [])
    assert "no-such-module-x==9.9" in ended["ErrorMessage"]
    assert "No matching distribution found for no-such-module-x==9.9" in ended["ErrorMessage"]
    assert "No matching distribution found" in log
    assert installed(cache) == []


def test_an_index_that_cannot_be_reached_is_said(jobs: Jobs, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nothing listens there, as when offline
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "1")
    ended, _, _ = run(jobs, "", additional_python_modules="no-such-module-x")
    assert "no-such-module-x" in ended["ErrorMessage"]
    assert "is this computer online?" in ended["ErrorMessage"]


def test_a_set_of_which_one_fails_leaves_nothing(jobs: Jobs, cache: Path) -> None:
    wanted = "s3://scripts/w/saludo-1.2-py3-none-any.whl,no-such-module-x"
    ended, _, _ = run(jobs, "", additional_python_modules=wanted, python_modules_installer_option="--no-index")
    assert "no-such-module-x" in ended["ErrorMessage"]
    assert installed(cache) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"additional_python_modules": "--index-url=http://x"}, "is an option"),
        (
            {"additional_python_modules": "six", "python_modules_installer_option": "--target /tmp/x"},
            "--target cannot be used",
        ),
        (
            {"additional_python_modules": "six", "python_modules_installer_option": "--pref=/tmp/x"},
            "--pref cannot be used",
        ),
        ({"additional_python_modules": "s3://scripts/none.whl"}, "NoSuchKey"),
        ({"extra_py_files": "s3://scripts/lib/"}, "it is a folder"),
        ({"extra_py_files": "/local/x.py"}, "not an s3:// location"),
        ({"extra_py_files": "s3://scripts/notes.txt"}, "not a .py, .zip, .egg or .whl"),
        ({"extra_py_files": "s3://scripts/bad.zip"}, "not a zip archive"),
        ({"extra_files": "s3://scripts/none.json"}, "NoSuchKey"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(jobs: Jobs, arguments: dict[str, str], message: str) -> None:
    jobs.services.store.put("scripts", "notes.txt", b"x")
    jobs.services.store.put("scripts", "bad.zip", b"x")
    ended, output, _ = run(jobs, "print('began')", **arguments)
    assert (ended["JobRunState"], output) == ("FAILED", [])
    assert message in ended["ErrorMessage"]


def test_two_runs_at_once_install_one_set(build_jobs: Callable[[], Jobs], jobs: Jobs, cache: Path) -> None:
    arguments = {MODULES: "s3://scripts/w/saludo-1.2-py3-none-any.whl", OPTION: "--no-index"}
    jobs.create("two", "import saludo", DefaultArguments=arguments, ExecutionProperty={"MaxConcurrentRuns": 2})
    runs = [jobs.start("two"), jobs.start("two")]
    assert [jobs.wait("two", one)["JobRunState"] for one in runs] == ["SUCCEEDED", "SUCCEEDED"]
    told = sorted("from the cache" in line for one in runs for line in jobs.log("error", one) if "saludo" in line)
    assert (told, len(installed(cache))) == ([False, True], 1)


def test_a_run_that_is_stopped_while_it_installs_is_stopped(jobs: Jobs, cache: Path) -> None:
    from labkit.cloud.jobs.modules import module_set
    from labkit.cloud.lock import StateLock

    with StateLock(lock_folder(cache, module_set(["six"], [], []))) as lock:
        assert lock.acquire()  # as another cloud that installs the same set
        jobs.create("waits", "", DefaultArguments={MODULES: "six"})
        run_id = jobs.start("waits")
        time.sleep(0.5)
        assert jobs.run("waits", run_id)["JobRunState"] == "STARTING"
        jobs.call("BatchStopJobRun", JobName="waits", JobRunIds=[run_id])
        assert jobs.wait("waits", run_id)["JobRunState"] == "STOPPED"


def lock_folder(cache: Path, wanted: Any) -> Path:
    from labkit.cloud.jobs import modules

    folder = cache / "python-modules" / "locks" / modules._key(wanted)
    folder.mkdir(parents=True)
    return folder


def test_python_files_of_every_kind_are_importable(jobs: Jobs) -> None:
    """DG etl-glue-arguments, --extra-py-files: "complete paths separated by a comma"; two files of one name do not collide."""
    store = jobs.services.store
    store.put("scripts", "a/uno.py", b"n = 1\n")
    store.put(
        "scripts", "z/libs.zip", archive({"paquete/__init__.py": "from .dos import n\n", "paquete/dos.py": "n = 2\n"})
    )
    store.put("scripts", "e/huevo.egg", archive({"tres.py": "n = 3\n"}))
    store.put("scripts", "b/libs.zip", archive({"cuatro.py": "n = 4\n"}))
    files = "s3://scripts/a/uno.py, s3://scripts/z/libs.zip,s3://scripts/e/huevo.egg,s3://scripts/b/libs.zip,"
    files += "s3://scripts/w/saludo-1.2-py3-none-any.whl"
    script = "import uno, paquete, tres, cuatro, saludo\nprint(uno.n, paquete.n, tres.n, cuatro.n, saludo.hola())"
    ended, output, _ = run(jobs, script, extra_py_files=files)
    assert (ended.get("ErrorMessage"), output) == (None, ["1 2 3 4 hola 1.2"])


def test_extra_files_lie_in_the_working_directory(jobs: Jobs) -> None:
    """DG etl-glue-arguments, --extra-files: copied "to the working directory of your script"."""
    jobs.services.store.put("scripts", "conf/año.json", b'{"a": 1}')
    script = "import json, os\nprint(json.load(open('año.json')), os.listdir('.'))"
    assert run(jobs, script, extra_files="s3://scripts/conf/año.json")[1] == ["{'a': 1} ['año.json']"]


def test_no_pip_is_explained(tmp_path: Path) -> None:
    from labkit.cloud.jobs import modules

    told = modules._failure("/x/python: No module named pip\n", modules.module_set(["six"], [], []))
    assert "ensurepip --upgrade" in told
    assert "six" in told


def test_the_lock_of_a_set_lets_one_in(tmp_path: Path) -> None:
    from labkit.cloud.jobs import modules

    order: list[str] = []

    def second() -> None:
        with modules._lock(tmp_path / "l", lambda: False):
            order.append("second")

    with modules._lock(tmp_path / "l", lambda: False):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
