"""Each bad day is a Surroundings; each finding is provoked, and says cause and remedy in both languages on every system."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from labkit import i18n
from labkit.commands.doctor import as_document
from labkit.doctor.examine import CHECKS, examine, has_problem, list_wrong
from labkit.doctor.finding import OK, PROBLEM, TITLES, WARNING, Finding
from labkit.doctor.surroundings import CloudFacts, Package, Surroundings
from labkit.doctor.system import SYSTEMS
from labkit.ui.doctor import DoctorReport

GOOD = Surroundings(
    labkit_version="1.2.0", kernel_python="python", packages=(Package("boto3", "<2", "1.40", True, "1.40"),)
)
RUNNING = CloudFacts("1.2.0", "http://127.0.0.1:4566", 4711, alive=True, answers=True)
GB = 2**30

# (what is different from a good day, topic, state, key)
BAD_DAYS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"system": "windows"}, "system", PROBLEM, "error.doctor.windows"),
    ({"python": (3, 9, 1)}, "python", PROBLEM, "error.doctor.python_version"),
    ({"python": (3, 14, 0)}, "python", PROBLEM, "error.doctor.python_version"),
    ({"packages": (Package("moto", ">=5", None, False),)}, "packages", PROBLEM, "error.doctor.packages_missing"),
    ({"packages": (Package("pandas", "<3", "3.1.1", False),)}, "packages", PROBLEM, "error.doctor.packages_wrong"),
    ({"packages": (Package("rich", ">=14", "15.0", True, "14.1"),)}, "packages", WARNING, "error.doctor.packages_unpinned"),
    ({"packaged_java": None}, "java", PROBLEM, "error.doctor.java_none"),
    ({"packaged_java": "21.0.1"}, "java", PROBLEM, "error.doctor.java_other"),
    ({"java_home": "/gone", "java_home_version": None}, "java", WARNING, "error.doctor.java_home_broken"),
    ({"java_home": "/jdk8", "java_home_version": "8.0_392"}, "java", WARNING, "error.doctor.java_home_other"),
    ({"memory_bytes": 1 * GB}, "memory", PROBLEM, "error.doctor.memory_small"),
    ({"memory_bytes": 2 * GB}, "memory", WARNING, "error.doctor.memory_tight"),
    ({"memory_free_bytes": GB // 2}, "memory", WARNING, "error.doctor.memory_full"),
    ({"disk_free_bytes": GB // 10}, "disk", PROBLEM, "error.doctor.disk_full"),
    ({"disk_free_bytes": GB}, "disk", WARNING, "error.doctor.disk_tight"),
    ({"state_error": "Read-only file system"}, "state", PROBLEM, "error.doctor.state_unwritable"),
    ({"state_filesystem": "nfs4"}, "state", WARNING, "error.doctor.state_network"),
    ({"state_filesystem": "CIFS"}, "state", WARNING, "error.doctor.state_network"),
    ({"lab_folder": "/home/ana/lab 10:30"}, "folder", PROBLEM, "error.doctor.folder_colon"),
    ({"system": "wsl", "lab_folder": "/mnt/c/Users/Ana/lab"}, "folder", WARNING, "error.doctor.folder_windows"),
    ({"lab_folder": "/Users/ana/OneDrive - Instituto/lab"}, "folder", WARNING, "error.doctor.folder_synced"),
    ({"lab_folder": "/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/lab"}, "folder", WARNING, "error.doctor.folder_synced"),
    ({"notebooks_missing": ("es/03_crawler",)}, "notebooks", PROBLEM, "error.doctor.notebooks_missing"),
    ({"notebooks_broken": ("en/01_s3",)}, "notebooks", PROBLEM, "error.doctor.notebooks_broken"),
    ({"cloud": replace(RUNNING, version="1.1.0", alive=False, answers=False)}, "old_state", WARNING, "error.doctor.old_state"),
    ({"cloud": replace(RUNNING, answers=False)}, "cloud", PROBLEM, "error.doctor.cloud_silent"),
    ({"cloud": replace(RUNNING, version="1.1.0")}, "cloud", WARNING, "error.doctor.cloud_version"),
    ({"port_taken": True}, "port", WARNING, "error.doctor.port_taken"),
    ({"loopback_error": "Permission denied"}, "loopback", PROBLEM, "error.doctor.loopback"),
    ({"localhost": ()}, "loopback", WARNING, "error.doctor.localhost_unknown"),
    ({"localhost": ("10.0.0.7",)}, "loopback", WARNING, "error.doctor.localhost_elsewhere"),
    ({"environ": {"HTTPS_PROXY": "http://proxy:3128"}}, "proxy", WARNING, "error.doctor.proxy"),
    ({"environ": {"http_proxy": "http://proxy:3128", "no_proxy": "intranet"}}, "proxy", WARNING, "error.doctor.proxy"),
    ({"now": 0.0}, "clock", WARNING, "error.doctor.clock_behind"),
    ({"file_clock_lag_s": -400.0}, "clock", WARNING, "error.doctor.clock_apart"),
    ({"environ": {"AWS_ENDPOINT_URL": "https://s3.example.org"}}, "aws", PROBLEM, "error.doctor.aws_endpoint"),
    ({"environ": {"AWS_ACCESS_KEY_ID": "AKIAABCDEFGHIJKLMNOP"}}, "aws", WARNING, "error.doctor.aws_keys"),
    ({"environ": {"AWS_PROFILE": "empresa"}}, "aws", WARNING, "error.doctor.aws_variables"),
    ({"environ": {"AWS_ENDPOINT_URL_S3": "http://minio"}}, "aws", WARNING, "error.doctor.aws_variables"),
    ({"aws_lines": ("[default] endpoint_url = https://x",)}, "aws", WARNING, "error.doctor.aws_config"),
    ({"environ": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}}, "aws", WARNING, "error.doctor.aws_variables"),
    ({"environ": {"LABKIT_STUDNET": "ana"}}, "variables", WARNING, "error.doctor.variables"),
    ({"environ": {"LABKIT_LANG": "fr"}}, "variables", WARNING, "error.doctor.lang_unknown"),
    ({"settings_error": "labkit.toml: line 3", "settings_next": "Mend it"}, "settings", PROBLEM, "error.doctor.settings"),
    ({"kernel_error": "ipykernel"}, "kernel", PROBLEM, "error.doctor.kernel_missing"),
    ({"kernel_python": "/opt/anaconda/bin/python"}, "kernel", WARNING, "error.doctor.kernel_other"),
    ({"widgets": None}, "widgets", WARNING, "error.doctor.widgets_missing"),
    ({"widgets_in_lab": False}, "widgets", WARNING, "error.doctor.widgets_half"),
    ({"language_pack": None}, "language", WARNING, "error.doctor.language_missing"),
    ({"encoding": "ANSI_X3.4-1968"}, "encoding", WARNING, "error.doctor.encoding"),
    ({"file_encoding": "cp1252"}, "encoding", WARNING, "error.doctor.encoding"),
]  # fmt: skip

# What looks odd and is fine: no finding may cry wolf.
GOOD_DAYS: list[dict[str, Any]] = [
    {"lab_folder": "/home/señora/Mi año de datos", "state_dir": "/home/señora/Mi año de datos/.labkit"},
    {"java_home": "/jdk17", "java_home_version": "17.0.9"},
    {"cloud": RUNNING, "port_taken": True},
    {"environ": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "port_taken": True},
    {"cloud": replace(RUNNING, alive=False, answers=False)},
    {"environ": {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "intranet, 127.0.0.1, localhost"}},
    {"environ": {"HTTP_PROXY": "http://proxy:3128", "no_proxy": "*"}},
    {"environ": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "test"}},
    {"environ": {"AWS_ENDPOINT_URL": "http://localhost:4566"}},
    {"environ": {"AWS_PROFILE": "empresa"}, "runs_cloud": False},
    {"environ": {"AWS_PROFILE": "empresa"}, "opened_by_labkit": True},
    {"environ": {"LABKIT_STUDENT": "ana", "LABKIT_LANG": "en_GB", "LABKIT_RAW_BUCKET": "ana-raw"}},
    {"kernel_python": "/opt/anaconda/bin/python", "opened_by_labkit": True},
    {"kernel_python": "/lab/.venv/bin/python"},
    {"aws_files": ("/home/ana/.aws/config",)},
    {"system": "wsl", "lab_folder": "/home/ana/lab"},
    {"system": "linux", "lab_folder": "/mnt/datos/lab"},
    {"notebooks_edited": ("es/01_s3",)},
    {"encoding": "UTF8"},
    {"archive_exists": False},
    {"localhost": ("::1", "127.0.0.1")},
]


@pytest.fixture(autouse=True)
def spanish_again() -> Iterator[None]:
    yield
    i18n.use_language("es")


def find(facts: Surroundings, topic: str) -> Finding:
    (found,) = [finding for finding in examine(facts) if finding.topic == topic]
    return found


def test_a_good_day_has_nothing_to_tell() -> None:
    here = [topic for topic in TITLES if not topic.startswith("account_")]
    assert [finding.topic for finding in examine(GOOD)] == here
    assert not list_wrong(examine(GOOD))


@pytest.mark.parametrize(("different", "topic", "state", "key"), BAD_DAYS)
def test_each_bad_day_is_told_with_its_cause_and_remedy(
    different: dict[str, Any], topic: str, state: str, key: str
) -> None:
    facts = replace(GOOD, **different)
    found = find(facts, topic)
    assert (found.state, found.key) == (state, key)
    assert has_problem(examine(facts)) is (state == PROBLEM)
    for language in i18n.LANGUAGES:
        i18n.use_language(language)
        for system in SYSTEMS:
            assert all(part.strip() for part in (found.title, found.said, found.cause, found.fix(system)))


@pytest.mark.parametrize("different", GOOD_DAYS)
def test_what_only_looks_odd_is_no_finding(different: dict[str, Any]) -> None:
    assert not [(finding.key, finding.said) for finding in list_wrong(examine(replace(GOOD, **different)))]


def test_every_lesson_of_the_doctor_is_provoked_by_some_bad_day() -> None:
    written = {key.rsplit(".", 1)[0] for key in i18n.load_catalogue() if key.startswith("error.doctor.")}
    # Those of an AWS account have a test of their own (test_account.py).
    assert {key for key in written if not key.startswith("error.doctor.account_")} == {key for _, _, _, key in BAD_DAYS}


def test_the_remedy_depends_on_the_system() -> None:
    memory = find(replace(GOOD, memory_bytes=GB), "memory")
    assert ".wslconfig" in memory.fix("wsl")
    assert "Codespaces" in memory.fix("codespaces")
    assert len({memory.fix(system) for system in SYSTEMS}) >= 4


def test_a_misspelled_variable_is_told_with_the_name_that_was_meant() -> None:
    assert (
        "LABKIT_STUDNET → LABKIT_STUDENT?" in find(replace(GOOD, environ={"LABKIT_STUDNET": "ana"}), "variables").said
    )


def test_a_real_key_is_never_shown_whole() -> None:
    found = find(replace(GOOD, environ={"AWS_ACCESS_KEY_ID": "AKIAABCDEFGHIJKLMNOP"}), "aws")
    assert "AKIAABCDEFGHIJKLMNOP" not in f"{found.said}{found.cause}{found.facts}"


def test_many_wrong_packages_are_counted_instead_of_listed() -> None:
    packages = tuple(Package(f"p{number}", ">=1", None, False) for number in range(9))
    assert "(+5)" in find(replace(GOOD, packages=packages), "packages").said


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_report_says_each_state_in_a_symbol_and_a_word(language: str) -> None:
    i18n.use_language(language)
    facts = replace(GOOD, memory_bytes=GB, port_taken=True)
    report = DoctorReport(examine(facts), facts.system)
    words = {"es": ("✗ problema", "⚠ aviso", "✓ bien"), "en": ("✗ problem", "⚠ warning", "✓ fine")}[language]
    assert all(word in str(report) for word in words)
    assert all(word.split()[1] in report._repr_html_() for word in words)
    assert not report.ok


def test_the_short_report_leaves_out_what_is_fine() -> None:
    facts = replace(GOOD, port_taken=True)
    assert "Java" not in str(DoctorReport(examine(facts), "linux", short=True))
    assert "Java" in str(DoctorReport(examine(facts), "linux"))
    assert DoctorReport(examine(facts), "linux").ok


def test_what_a_path_holds_cannot_become_html() -> None:
    facts = replace(GOOD, lab_folder="/home/<script>alert(1)</script>/Dropbox")
    assert "<script>" not in DoctorReport(examine(facts), "linux")._repr_html_()


def test_the_document_holds_every_finding_for_a_program() -> None:
    document = as_document(DoctorReport(examine(GOOD), "linux"))
    assert json.loads(json.dumps(document)) == document
    assert document["ok"] is True
    findings = document["findings"]
    assert isinstance(findings, list)
    assert {entry["state"] for entry in findings} == {OK}
    assert len(findings) == len(CHECKS)
