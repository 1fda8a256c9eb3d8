"""What is done to the machine: kernels that die, hang, flood, fork and fill; in a notebook whose other tasks are solved."""

from __future__ import annotations

from tests.grading.attacks_on_cells import ALL, S3
from tests.grading.submissions import Attack

_LATER = {**ALL, "1.1": 0}


def _harm(name: str, source: str) -> Attack:
    """The first answer does harm; what comes after it is solved and still counts."""
    return Attack(name, S3, _LATER, solved=True, cells={"t1-1-answer": source})


_STUBBORN = """
import time
while True:
    try:
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        pass
"""
_FORKS = """
import os
while True:
    try:
        if os.fork() == 0:
            pass
    except OSError:
        pass
"""
_MEMORY = "hoard = []\nwhile True:\n    hoard.append(bytearray(64_000_000))"
_SHARED_MEMORY = """
import os
with open("/dev/shm/big", "wb") as file:
    for _ in range(400):
        file.write(b"x" * 10_000_000)
"""
_MANY_PROCESSES = """
import subprocess, sys
hoard = [subprocess.Popen([sys.executable, "-c", "x = bytearray(300_000_000); import time; time.sleep(600)"]) for _ in range(12)]
import time
time.sleep(30)
"""
_OUTPUT = "import sys\nline = 'x' * 1_000_000 + '\\n'\nfor _ in range(10_000):\n    sys.stdout.write(line)\n    sys.stdout.flush()"
_BACKGROUND_OUTPUT = """
import threading
def shout():
    while True:
        print("x" * 1000)
threading.Thread(target=shout, daemon=True).start()
import time
time.sleep(600)
"""
_BIG_FILE = """
try:
    with open("big", "wb") as file:
        for _ in range(3_000):
            file.write(b"x" * 1_000_000)
except OSError as error:
    print(error)
"""
_SURVIVOR = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time, os; os.setsid(); time.sleep(500) # survivor-of-labkit"], start_new_session=True)
"""
_KILL_ALL = """
import os, signal
for pid in list(range(2, 5000)) + [1, -1]:
    try:
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
"""

ATTACKS = (
    _harm("kernel_exits", "import os\nos._exit(0)"),
    _harm("kernel_crashes", "import ctypes\nctypes.string_at(0)"),
    _harm("endless_loop", "while True:\n    pass"),
    _harm("stubborn_loop", _STUBBORN),
    _harm("fork_bomb", _FORKS),
    _harm("memory_bomb", _MEMORY),
    _harm("memory_of_many", _MANY_PROCESSES),
    _harm("shared_memory", _SHARED_MEMORY),
    _harm("ten_gigabytes_of_output", _OUTPUT),
    _harm("output_from_a_thread", _BACKGROUND_OUTPUT),
    _harm("big_file", _BIG_FILE),
    _harm("survivor", _SURVIVOR),
    _harm("kills_everything", _KILL_ALL),
)
