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

import failures  # the files beside this one
import measures
import progress
import rounds


class _NoLabkit:
    """Jobs run without labkit, as they do on AWS."""

    def find_spec(self, name, *_place):
        if name.partition(".")[0] == "labkit":
            raise ModuleNotFoundError("No module named 'labkit' (a Glue job has none on AWS either)", name=name)


class Reports:
    """The line to the cloud."""

    def __init__(self, descriptor):
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._lock = threading.Lock()

    def __call__(self, event, **facts):
        with self._lock:
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
        progress.warm()
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


def compiled(path):
    """The script's code, as `python script.py` would compile it."""
    with open(path, "rb") as file:
        source = file.read()
    if b"\0" in source:  # Python 3.11 and older raise a ValueError without a line
        line = source[: source.index(b"\0")].count(b"\n") + 1
        raise SyntaxError("source code cannot contain null bytes", (path, line, 1, None))
    return compile(source, path, "exec", dont_inherit=True)


def run_script(order):
    """Run the script as `__main__`; returns (ok, message)."""
    path = order["script"]
    sys.argv = [path, *order["arguments"]]
    # A driver that was started with modules of the run has them on its path; there they come after the script's own folder.
    sys.path[:0] = [os.path.dirname(path), *order["python_path"]]
    os.chdir(order["folder"])
    try:
        module = types.ModuleType("__main__")
        module.__file__ = path
        sys.modules["__main__"] = module
        exec(compiled(path), module.__dict__)
    except SystemExit as error:
        if error.code in (None, 0):
            return True, ""
        failures.show(error, path)
        return False, failures.describe(error, path)
    except BaseException as error:
        failures.show(error, path)
        return False, failures.describe(error, path)
    return True, ""


def ended_jvm(jvm, message):
    """The message of a script that failed because its JVM is gone; the given one when the JVM is there."""
    gone = re.search(
        r"Py4JNetworkError|Py4JError|ConnectionRefused|ConnectionReset|Connection refused|EOFError", message
    )
    deadline = time.monotonic() + (2.0 if gone else 0.0)
    while jvm.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if jvm.poll() is None:
        return message
    line = re.search(r"Failed Line Number: \d+; ", message)
    category, _, told = failures.jvm_ending(jvm.returncode).partition("; ")
    return f"{category}; {line[0] if line else ''}{told}"


def prepare(order, jvm_is_up):
    """The role, the settings and the name of this run."""
    os.environ.update(order["environment"])
    if not jvm_is_up:
        return
    from pyspark.context import SparkContext

    system = SparkContext._jvm.java.lang.System
    counted = measures.SETTING if order.get("measured") else {}
    settings = {
        **counted,
        **catalog_settings(order),
        **worker_role(order),
        **order["spark_settings"],
        **worker_path(order),
    }
    for name, value in settings.items():
        system.setProperty(name, value)


def worker_path(order):
    """The modules of the run on the path of Spark's Python workers, before what `--conf` may put there."""
    name = "spark.executorEnv.PYTHONPATH"
    entries = [*order.get("python_path", []), *filter(None, [order["spark_settings"].get(name)])]
    return {name: os.pathsep.join(entries)} if entries else {}


def worker_role(order):
    """The role and the endpoint for Spark's Python workers, which the JVM starts with the environment that it began with."""
    wanted = {
        name: value
        for name, value in order["environment"].items()
        if name.startswith("AWS_") or name.lower() == "no_proxy"
    }
    return {f"spark.executorEnv.{name}": value for name, value in wanted.items()}


def catalog_settings(order):
    """Spark's settings for the Data Catalog, which a metastore of ours serves; none unless the job asks for it."""
    if not order.get("catalog"):
        return {}
    from awsglue._metastore import server

    return {"spark.sql.catalogImplementation": "hive", "spark.hadoop.hive.metastore.uris": server.start()}


def measuring(order, report):
    """What looks for the job metrics of a run that has them; None for any other."""
    if not order.get("measured"):
        return None
    from pyspark.context import SparkContext

    try:
        return measures.Measures(report, SparkContext._jvm).look
    except Exception as error:  # a run without metrics is still a run
        sys.stderr.write(f"no job metrics: {type(error).__name__}: {error}\n")
        return None


def main():
    """Warm up, wait for the one order, carry it out, report."""
    end_with_the_cloud()
    # Nothing of ours may stand in the way of a module of the script's.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    for name in ("failures", "measures", "progress", "rounds"):
        del sys.modules[name]
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
    watch = progress.Progress(report, also=measuring(order, report) if has_jvm else None)
    if has_jvm:
        watch.start()
    ok, message = run_script(order)
    if not ok and has_jvm:
        message = ended_jvm(jvm, message)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    if has_jvm:
        watch.end()
    report("finished", ok=ok, message=message)


if __name__ == "__main__":
    main()
