"""`labkit export`: the wanted state of the steps as CloudFormation, Terraform or CDK. No AWS call is made."""

from __future__ import annotations

import argparse
from pathlib import Path

from labkit.i18n import text
from labkit.settings import LOCAL_ACCOUNT, Settings, with_account


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Write the files, or print them with `--out -`."""
    from labkit.export.blueprint import build_blueprint
    from labkit.export.files import write_files
    from labkit.export.header import build_header
    from labkit.export.languages import list_own, render
    from labkit.prices import load_prices
    from labkit.run.inputs import build_lab

    blueprint = build_blueprint(build_lab(_with_some_account(settings)), options.step)
    folder = Path(options.out).expanduser() if options.out else Path("export") / options.language
    place = Path.cwd() if options.out == "-" else folder
    header = build_header(options.language, blueprint, load_prices(settings.prices), place)
    files = render(options.language, blueprint, header)
    if options.out == "-":
        own = list_own(options.language, blueprint)
        for name in own:
            print(files[name] if len(own) == 1 else f"# ----- {name}\n{files[name]}", end="" if len(own) == 1 else "\n")
        return 0
    written = write_files(folder, files, force=options.force)
    for file in written:
        print(text("export.wrote", file=file.path) if file.is_new else text("export.unchanged", file=file.path))
    print(text("export.next", file=written[0].path))
    return 0


def _with_some_account(settings: Settings) -> Settings:
    """On AWS nobody is asked whose account it is: code says `${AWS::AccountId}` wherever this one stands."""
    return settings if settings.target.account else with_account(settings, LOCAL_ACCOUNT)
