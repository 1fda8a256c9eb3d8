"""`labkit release`: one zip for the students, searched for solutions before it is written."""

from __future__ import annotations

import argparse
import hashlib

from labkit.errors import LabError
from labkit.i18n import LANGUAGES, build_lesson, text
from labkit.settings import Settings


def release(options: argparse.Namespace, _settings: Settings) -> int:
    """Write the zip. LabError when a source has errors, a task is still a scaffold, or a solution would go out."""
    from labkit.grading.authoring.scaffold import find_scaffolds
    from labkit.grading.editions.faults import errors_of
    from labkit.grading.editions.places import find_places
    from labkit.grading.editions.validate import find_faults, read_source
    from labkit.grading.release.contents import list_contents
    from labkit.grading.release.leaks import find_leaks
    from labkit.grading.release.pack import write_release

    places = find_places()
    sources = [read_source(places, name) for name in places.names()]
    faults = [fault for source in sources for fault in errors_of(find_faults(source, places))]
    for fault in faults:
        print(fault.describe())
    if faults:
        raise build_lesson(LabError, "error.notebooks_broken", count=len(faults))
    # A scaffold's check passes nobody: students would work on a task that cannot be solved.
    if scaffolds := find_scaffolds(places.root.parent):
        raise build_lesson(LabError, "error.release_scaffolds", tasks=", ".join(scaffolds), count=len(scaffolds))
    languages = LANGUAGES if options.lang == "both" else (options.lang,)
    try:
        contents = list_contents(sources, places, languages)
        if leaks := find_leaks(contents, sources):
            listed = "; ".join(f"{leak.place} {leak.cell}".strip() for leak in leaks[:10])
            raise build_lesson(LabError, "error.release_leaks", count=len(leaks), places=listed)
        write_release(options.out, contents)
        size_mb = options.out.stat().st_size / 1e6
        digest = hashlib.sha256(options.out.read_bytes()).hexdigest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise build_lesson(LabError, "error.release_unwritable", file=str(options.out), reason=reason) from error
    print(text("release.wrote", file=options.out, files=len(contents), size=f"{size_mb:.1f}"))
    print(text("release.checked", notebooks=len(sources), languages=", ".join(languages)))
    print(f"SHA-256 {digest}")
    return 0
