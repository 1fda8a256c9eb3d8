"""The process of one Glue job run: warms a JVM up, waits for one order, runs the script, says how it ended.

Started by path, without labkit on its path (a job on AWS has none). Talks JSON lines: its order comes from the
file descriptor named in LABKIT_ORDERS, reports go to LABKIT_REPORT_FD; standard output and error belong to the script, and standard
input closes when the cloud is gone.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import threading
import time
import types

import rounds  # the file beside this one


class _NoLabkit:
    """Jobs run without labkit, as they do on AWS."""

    def find_spec(self, name, *_place):
        if name.partition(".")[0] == "labkit":
            raise ModuleNotFoundError("No module named 'labkit' (a Glue job has none on AWS either)", name=name)


class Reports:
    """The line to the cloud."""

    def __init__(self, descriptor):
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def __call__(self, event, **facts):
        self._file.write(json.dumps({"event": event, **facts}) + "\n")
        self._file.flush()


def end_with_the_cloud():
    """Kill the whole process group (the JVM, Python workers) when the cloud is gone."""

    def watch(source):
        source.read()
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, args=(os.fdopen(os.dup(0), "rb"),), daemon=True).start()


def start_jvm(settings):
    """Start Spark's JVM directly (no launcher JVM before it) and let PySpark find it."""
    import struct
    import subprocess

    info = settings["connection_file"]
    env = {**os.environ, "_PYSPARK_DRIVER_CONN_INFO_PATH": info, "SPARK_HOME": settings["spark_home"]}
    jvm = subprocess.Popen(settings["java_command"], stdin=subprocess.PIPE, env=env)
    import_while_waiting()
    while jvm.poll() is None and not os.path.isfile(info):
        time.sleep(0.005)
    if not os.path.isfile(info):
        raise RuntimeError(f"the JVM ended with exit code {jvm.returncode}")
    with open(info, "rb") as file:
        (port,) = struct.unpack("!i", file.read(4))
        (length,) = struct.unpack("!i", file.read(4))
        secret = file.read(length).decode()
    os.unlink(info)
    os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret, SPARK_HOME=settings["spark_home"])
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    return jvm


def import_while_waiting():
    """What most scripts import, while the JVM starts; clients need credentials, their models do not."""
    import awsglue.context
    import awsglue.job
    import awsglue.transforms  # noqa: F401
    import boto3  # noqa: F401
    import pyspark.sql.functions  # noqa: F401
    from awsglue import _aws

    _aws.warm()


def keep_warming(settings, orders, report):
    """Work until an order comes: each step lets the JVM compile more of what jobs use. Returns the order's line."""
    from pyspark.context import SparkContext

    work = rounds.Rounds(settings["warm_folder"])
    try:
        for step in work.steps(settings["rounds"]):
            if select.select([orders], [], [], 0)[0]:
                break
            step()
        work.end()
    except Exception as error:  # a driver that is not warm still runs jobs
        sys.stderr.write(f"warming up ended early: {type(error).__name__}: {error}\n")
    if not select.select([orders], [], [], 0)[0]:
        SparkContext._jvm.System.gc()
        report("warm")
    return orders.readline()


def name_group():
    """Give the driver's name a group: it is no account of this machine, and ViewFs asks for one at the root of a bucket."""
    from pyspark.context import SparkContext

    SparkContext._ensure_initialized()
    hadoop = SparkContext._jvm.org.apache.hadoop
    conf = hadoop.conf.Configuration()
    conf.set("hadoop.user.group.static.mapping.overrides", os.environ["HADOOP_USER_NAME"] + "=labkit")
    hadoop.security.Groups.getUserToGroupsMappingServiceWithLoadedConfiguration(conf)
    hadoop.security.UserGroupInformation.setConfiguration(conf)


def describe_failure(error, script):
    """The line of the script and the error, the way Glue words its error messages."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    line = error.lineno if isinstance(error, SyntaxError) else (frames[-1].lineno if frames else None)
    where = f"Failed Line Number: {line}; " if line else ""
    return f"{where}{type(error).__name__}: {shorten(str(error).strip())}"


def shorten(text):
    """The part of an error that a person needs: Java's stack is in the log; Hadoop calls a missing bucket an unknown host."""
    unknown = re.search(r"java\.net\.UnknownHostException: ([\w.-]+)", text)
    if unknown:
        return f"NoSuchBucket: The specified bucket does not exist: {unknown[1]}"
    lines = [line for line in text.splitlines() if not line.startswith("\tat ")]
    return "\n".join(lines)[:2000].strip()


def print_failure(error, script):
    """The traceback as the script's author should see it: without the frames of this file."""
    import traceback

    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename != script:
        tb = tb.tb_next
    traceback.print_exception(type(error), error, tb, file=sys.stderr)


def run_script(order):
    """Run the script as `__main__`; returns (ok, message)."""
    path = order["script"]
    sys.argv = [path, *order["arguments"]]
    sys.path[:0] = [os.path.dirname(path), *order["python_path"]]
    os.chdir(order["folder"])
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        module = types.ModuleType("__main__")
        module.__file__ = path
        sys.modules["__main__"] = module
        exec(code, module.__dict__)
    except SystemExit as error:
        if error.code in (None, 0):
            return True, ""
        print_failure(error, path)
        return False, describe_failure(error, path)
    except BaseException as error:
        print_failure(error, path)
        return False, describe_failure(error, path)
    return True, ""


def prepare(order, jvm_is_up):
    """The role, the settings and the name of this run."""
    os.environ.update(order["environment"])
    if not jvm_is_up:
        return
    from pyspark.context import SparkContext

    system = SparkContext._jvm.java.lang.System
    for name, value in order["spark_settings"].items():
        system.setProperty(name, value)


def main():
    """Warm up, wait for the one order, carry it out, report."""
    end_with_the_cloud()
    # Nothing of ours may stand in the way of a module of the script's.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    del sys.modules["rounds"]
    report = Reports(int(os.environ.pop("LABKIT_REPORT_FD")))
    sys.meta_path.insert(0, _NoLabkit())
    settings = json.loads(os.environ.pop("LABKIT_DRIVER"))
    order_line = os.environ.pop("LABKIT_ORDERS")
    has_jvm = settings is not None
    try:
        jvm = start_jvm(settings) if has_jvm else None
        if has_jvm:
            name_group()
    except Exception as error:
        report("broken", message=f"{type(error).__name__}: {error}")
        raise
    report("ready")
    with open(int(order_line), encoding="utf-8") as orders:
        line = keep_warming(settings, orders, report) if has_jvm else orders.readline()
    if not line:
        return
    order = json.loads(line)
    if order.get("train"):
        jvm.stdin.close()  # ends the JVM in good order: it writes its class-data archive
        report("finished", ok=jvm.wait() == 0, message="")
        return
    prepare(order, has_jvm)
    report("running")
    ok, message = run_script(order)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    report("finished", ok=ok, message=message)


if __name__ == "__main__":
    main()
