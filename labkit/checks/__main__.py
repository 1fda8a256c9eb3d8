"""`python -m labkit.checks`: the process that checks, apart from the student's kernel."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from labkit.checks.process import serve
from labkit.settings import find_lab_folder, read_settings

if __name__ == "__main__":
    serve(sys.stdin, read_settings(os.environ, find_lab_folder(Path.cwd())))
