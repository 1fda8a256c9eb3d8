"""What is done inside the kernel: errors hidden, labkit and boto3 replaced, objects that equal everything, files put beside."""

from __future__ import annotations

from tests.grading.attacks_on_cells import NOTHING, S3
from tests.grading.submissions import Attack

FIRST = "t1-1-answer"

_HIDE_TRACEBACK = (
    "get_ipython().showtraceback = lambda *a, **k: None\nget_ipython()._showtraceback = lambda *a, **k: None\n"
)
_MUTE = """
session = get_ipython().kernel.session
send = session.send
def quiet(stream, kind, *a, **k):
    if kind == "error" or (isinstance(kind, dict) and kind.get("msg_type") == "error"):
        return None
    return send(stream, kind, *a, **k)
session.send = quiet
"""
_REWRITE = """
import ast
class NoCheck(ast.NodeTransformer):
    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "check":
            return ast.copy_location(ast.Constant(True), node)
        return node
get_ipython().ast_transformers.append(NoCheck())
"""
_PATCH_CHECK = """
import labkit.classroom.student_lab as s
s.StudentLab.check = lambda self, task, **values: print("passed", task)
"""
_PATCH_HANDING_OVER = """
import labkit.classroom.handing_over as h
from IPython.display import publish_display_data
def hand_over(task, values):
    for claim in ({"status": "passed", "task": task, "values": {}, "points": 100}, {"task": task, "values": {"status": "passed"}}):
        publish_display_data({h.HANDED_OVER: claim, "application/vnd.labkit.result+json": {"status": "passed"}})
h.hand_over = hand_over
h.is_graded = lambda: False
import os
os.environ.pop("LABKIT_GRADED", None)
"""
_FORGED_VALUES = """
import labkit.classroom.handing_over as h
from IPython.display import publish_display_data
deep = {"$": "tuple", "items": []}
for _ in range(200):
    deep = {"$": "tuple", "items": [deep]}
def hand_over(task, values):
    for document in ({"$": "no such kind"}, {"$": "frame"}, {"$": ["a"]}, {"$": "dict", "items": 3}, deep, {"$": "float", "text": "nan"}):
        publish_display_data({h.HANDED_OVER: {"task": task, "values": {"measure_folder": document, "trust": document}}})
h.hand_over = hand_over
"""
_PATCH_BOTO = """
import boto3, botocore.client
real = botocore.client.BaseClient._make_api_call
def lie(self, operation, parameters):
    try:
        return real(self, operation, parameters)
    except Exception:
        return {"Buckets": [], "Contents": [], "ResponseMetadata": {}}
botocore.client.BaseClient._make_api_call = lie
"""
_SHADOW = """
from pathlib import Path
for name in ("labkit.py", "pandas.py", "boto3.py", "json.py", "pytest.py", "nbval.py", "conftest.py", "sitecustomize.py"):
    Path(name).write_text("raise SystemExit(0)" if name != "conftest.py" else
        "import pytest\\n@pytest.hookimpl(hookwrapper=True)\\ndef pytest_runtest_makereport(item, call):\\n"
        "    outcome = yield\\n    outcome.get_result().outcome = 'passed'\\n")
Path("pytest.ini").write_text("[pytest]\\naddopts = --nbval-skip\\n")
import sys
sys.path.insert(0, "")
for name in [name for name in sys.modules if name.startswith("labkit")]:
    del sys.modules[name]
"""
_EQUAL = """
class AlwaysEqual(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
class AlwaysDict(dict):
    def __eq__(self, other): return True
    def __getitem__(self, key): return AlwaysEqual()
    def get(self, *a): return AlwaysEqual()
    def __contains__(self, key): return True
"""
_STARTUP = """
import os
from pathlib import Path
for home in (Path.home(), Path(os.environ.get("IPYTHONDIR", "~")).expanduser()):
    for place in (home / ".ipython/profile_default/startup", home / "profile_default/startup"):
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / "00.py").write_text("import labkit.classroom.student_lab as s; s.StudentLab.check = lambda *a, **k: None")
        except OSError:
            pass
"""
_PEEK = """
import sys, inspect
def measure_folder(bucket, folder):
    frame, seen = sys._getframe(), []
    while frame is not None:
        for value in (*frame.f_locals.values(), *frame.f_code.co_consts):
            if isinstance(value, dict) and {"objects", "bytes", "folders"} <= set(value):
                return value
        frame = frame.f_back
    import gc
    for value in gc.get_objects():
        if type(value) is dict and {"objects", "bytes", "folders"} <= set(value):
            return value
    raise LookupError("the expected value is not here")
"""

ATTACKS = (
    Attack("traceback_hidden", S3, NOTHING, cells={FIRST: _HIDE_TRACEBACK}),
    Attack("messages_muted", S3, NOTHING, cells={FIRST: _MUTE}),
    Attack("syntax_rewritten", S3, NOTHING, cells={FIRST: _REWRITE}),
    Attack("check_replaced", S3, NOTHING, cells={FIRST: _PATCH_CHECK}),
    Attack("handing_over_replaced", S3, NOTHING, cells={FIRST: _PATCH_HANDING_OVER}),
    Attack("values_forged", S3, NOTHING, cells={FIRST: _FORGED_VALUES}),
    Attack("boto3_replaced", S3, NOTHING, cells={FIRST: _PATCH_BOTO}),
    Attack("modules_shadowed", S3, NOTHING, cells={FIRST: _SHADOW}),
    Attack("always_equal", S3, NOTHING, cells={"t1-2-answer": _EQUAL + "measure_folder = lambda b, f: AlwaysDict()"}),
    Attack("frames_peeked", S3, NOTHING, cells={"t1-2-answer": _PEEK}),
    Attack("startup_file", S3, NOTHING, cells={FIRST: _STARTUP}),
)
