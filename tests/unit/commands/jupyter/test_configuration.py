"""What JupyterLab and its kernels are told."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.commands.jupyter.configuration import (
    Places,
    adopt_user_settings,
    build_jupyter_paths,
    write_configuration,
)
from labkit.commands.jupyter.environment import build_environment
from labkit.commands.jupyter.server import build_command, find_running
from labkit.commands.jupyter.tunnel import find_origin
from labkit.settings import read_settings, with_account

TRANSLATION = "@jupyterlab/translation-extension"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "estado ñ" / "jupyter")


def read(path: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("language", "locale"), [("es", "es_ES"), ("en", "en")])
def test_the_menus_speak_the_language_of_the_lab(places: Places, language: str, locale: str) -> None:
    write_configuration(places, language, "/lab/tree/es/00_inicio.ipynb", choose_language=False)
    defaults = read(places.config / "labconfig/default_setting_overrides.json")
    assert defaults[f"{TRANSLATION}:plugin"] == {"locale": locale}


def test_nobody_is_asked_about_news_and_nothing_looks_for_updates(places: Places) -> None:
    write_configuration(places, "es", "/lab", choose_language=False)
    lab = read(places.config / "jupyter_lab_config.json")["LabApp"]
    assert lab["news_url"] is None
    assert lab["check_for_updates_class"] == "jupyterlab.NeverCheckForUpdate"
    assert lab["extension_manager"] == "readonly"
    notices = read(places.config / "labconfig/default_setting_overrides.json")
    assert notices["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}


def test_the_kernel_is_this_interpreter(places: Places) -> None:
    import sys

    write_configuration(places, "es", "/lab", choose_language=False)
    spec = json.loads((places.data / "kernels/python3/kernel.json").read_text(encoding="utf-8"))
    assert spec["argv"][0] == sys.executable


def test_a_language_that_is_asked_for_wins_over_an_older_choice_in_the_menu(places: Places) -> None:
    chosen = places.user_settings / TRANSLATION / "plugin.jupyterlab-settings"
    chosen.parent.mkdir(parents=True)
    chosen.write_text('{"locale": "fr_FR"}', encoding="utf-8")
    write_configuration(places, "en", "/lab", choose_language=False)
    assert read(chosen) == {"locale": "fr_FR"}
    write_configuration(places, "en", "/lab", choose_language=True)
    assert read(chosen) == {"locale": "en"}


def test_a_students_own_theme_is_taken_over_once_and_their_folder_left_alone(places: Places, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    for name in (
        "@jupyterlab/apputils-extension/themes.jupyterlab-settings",
        f"{TRANSLATION}/plugin.jupyterlab-settings",
    ):
        (theirs / name).parent.mkdir(parents=True)
        (theirs / name).write_text("{}", encoding="utf-8")
    adopt_user_settings(places, theirs)
    assert (places.user_settings / "@jupyterlab/apputils-extension/themes.jupyterlab-settings").exists()
    assert not (places.user_settings / TRANSLATION).exists()
    (theirs / "later").touch()
    adopt_user_settings(places, theirs)
    assert not (places.user_settings / "later").exists()


def test_our_folders_come_first_and_only_once(places: Places) -> None:
    first = build_jupyter_paths(places, {"JUPYTER_PATH": "/theirs"})
    assert first["JUPYTER_PATH"] == f"{places.data}{os.pathsep}/theirs"
    assert build_jupyter_paths(places, first) == first


def test_kernels_and_terminals_find_the_cloud_the_state_and_the_commands(places: Places) -> None:
    environ = {
        "AWS_PROFILE": "empresa",
        "AWS_ENDPOINT_URL_S3": "http://minio",
        "PATH": "/usr/bin",
        "NO_PROXY": "intranet",
    }
    settings = replace(read_settings({}, Path("/lab")), language="en", student="ana")
    wanted, unwanted = build_environment(settings, places, environ, Path("/lab/.venv/bin/python"))
    assert wanted["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert (wanted["LABKIT_STATE"], wanted["LABKIT_LANG"], wanted["LABKIT_STUDENT"]) == ("/lab/.labkit", "en", "ana")
    assert wanted["PATH"] == f"/lab/.venv/bin{os.pathsep}/usr/bin"
    assert wanted["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert unwanted == ["AWS_ENDPOINT_URL_S3", "AWS_PROFILE"]


def test_on_aws_the_users_own_variables_stay(places: Places) -> None:
    settings = read_settings({"LABKIT_TARGET": "aws"}, Path("/lab"))
    wanted, unwanted = build_environment(settings, places, {"AWS_PROFILE": "empresa"}, Path("/venv/bin/python"))
    assert unwanted == []
    assert [name for name in wanted if name.startswith("AWS_")] == ["AWS_REGION", "AWS_DEFAULT_REGION"]


def test_jupyterlab_listens_on_this_computer_only_and_keeps_its_token() -> None:
    command = build_command(8888, Path("/lab/notebooks"), "")
    assert "--ServerApp.ip=127.0.0.1" in command
    assert not [word for word in command if "token" in word.lower() or "password" in word.lower() or "origin" in word]


def test_in_codespaces_exactly_the_tunnels_address_is_let_in() -> None:
    environ = {
        "CODESPACES": "true",
        "CODESPACE_NAME": "ana-lab-7x",
        "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev",
    }
    origin = find_origin(environ, 8888)
    assert origin == "https://ana-lab-7x-8888.app.github.dev"
    assert f"--ServerApp.allow_origin={origin}" in build_command(8888, Path("/lab"), origin)
    assert find_origin({}, 8888) == ""


@pytest.mark.parametrize("content", ["", "[", "{}", '{"pid": "x"}', '{"pid": 999999999}'])
def test_a_server_that_has_gone_is_not_found(places: Places, content: str) -> None:
    places.root.mkdir(parents=True)
    (places.root / "server.json").write_text(content, encoding="utf-8")
    assert find_running(places, Path("/lab/notebooks")) is None


def test_kernels_on_aws_are_held_to_the_account_and_one_region(places: Places) -> None:
    environ = {
        "LABKIT_TARGET": "aws",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_PROFILE": "lab",
    }
    settings = with_account(read_settings(environ, Path("/lab")), "123456789012")
    wanted, unwanted = build_environment(settings, places, environ, Path("/venv/bin/python"))
    assert wanted["LABKIT_TARGET"] == "aws"
    assert wanted["LABKIT_ACCOUNT"] == "123456789012"
    assert (wanted["AWS_REGION"], wanted["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
    assert "AWS_ENDPOINT_URL" not in wanted
    assert unwanted == []


def test_kernels_of_a_rehearsal_stay_on_this_computer(places: Places) -> None:
    environ = {
        "LABKIT_TARGET": "aws",
        "LABKIT_ACCOUNT": "123456789012",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4700",
        "AWS_PROFILE": "lab",
    }
    settings = read_settings(environ, Path("/lab"))
    wanted, unwanted = build_environment(settings, places, environ, Path("/venv/bin/python"))
    assert wanted["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4700"
    assert wanted["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "false"
    assert unwanted == ["AWS_PROFILE"]
