"""The process of `labkit glue shell`: a Spark like a job's, and a Python prompt (or a program) that uses it.

Started by path, like a run's process, in the user's own terminal and folder. LABKIT_SHELL holds what it needs as JSON.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import types

import main as run  # the file beside this one

_JVM_PATIENCE_S = 2.0
_INTERRUPTED = 130


def start(settings):
    """Start the JVM and Spark; returns (jvm, the names that the prompt has)."""
    signal.signal(signal.SIGINT, give_up)
    if settings["starting"]:
        sys.stderr.write(settings["starting"] + "\r")
        sys.stderr.flush()
    jvm = run.start_jvm(settings)
    run.name_group()
    quieten()
    run.prepare(settings["order"], True)
    names = build_names(settings["arguments"])
    signal.signal(signal.SIGINT, Interrupt(names["sc"]))
    logging.getLogger().addFilter(hide_broken_calls)
    if settings["starting"]:
        sys.stderr.write(" " * len(settings["starting"]) + "\r")
        sys.stderr.flush()
    return jvm, names


def give_up(*_signal):
    """Ctrl-C before there is a prompt: py4j would turn it into errors of its own. The JVM ends with its standard input."""
    sys.stderr.write("\n")
    sys.stderr.flush()
    os._exit(_INTERRUPTED)


def quieten():
    """Spark's own log off, from the start: what goes wrong is told by the exception."""
    from pyspark.context import SparkContext

    log4j = SparkContext._jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setAllLevels("", log4j.Level.FATAL)


def build_names(arguments):
    """What a Glue script makes at its top."""
    import awsglue.transforms
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from pyspark.sql import functions

    sc = SparkContext()
    sc.setLogLevel("FATAL")
    glue_context = GlueContext(sc)
    names = {name: getattr(awsglue.transforms, name) for name in awsglue.transforms.__all__}
    return {
        **names,
        "sc": sc,
        "glueContext": glue_context,
        "spark": glue_context.spark_session,
        "args": arguments,
        "F": functions,
        "DynamicFrame": DynamicFrame,
        "Job": Job,
        "getResolvedOptions": getResolvedOptions,
    }


class Interrupt:
    """Ctrl-C: cancel what Spark is doing, and hand the prompt back.

    PySpark's own handler cancels over the connection that is waiting for the job, so it would wait for the job's end.
    """

    def __init__(self, context):
        self._context = context

    def __call__(self, *_signal):
        worker = threading.Thread(target=self._cancel, daemon=True)
        worker.start()
        worker.join(_JVM_PATIENCE_S)
        raise KeyboardInterrupt

    def _cancel(self):
        try:
            self._context.cancelAllJobs()
        except Exception:
            return  # the context has stopped: there is nothing to cancel


def run_program(code, names):
    """Run a program to its end; returns the exit code."""
    try:
        exec(code, names)
    except SystemExit as error:
        if isinstance(error.code, str):
            sys.stderr.write(error.code + "\n")
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        sys.stderr.write("KeyboardInterrupt\n")
        return _INTERRUPTED
    except BaseException as error:
        show_error(error, error.__traceback__.tb_next)
        return 1
    return 0


def show_error(error, trace):
    """A traceback of the program's own frames: those of PySpark and Java's stack say nothing about it."""
    import traceback

    told = traceback.TracebackException(type(error), error, trace)
    told.stack[:] = [frame for frame in told.stack if not is_library(frame.filename)]
    lines = "".join(told.format(chain=False)).splitlines()
    sys.stderr.write("\n".join(line for line in lines if not line.startswith("\tat ")) + "\n")


def is_library(path):
    """Whether a frame's file is PySpark's, py4j's, IPython's or this one."""
    return path == __file__ or bool({"pyspark", "py4j", "IPython"} & set(path.replace("\\", "/").split("/")))


def hide_broken_calls(record):
    """py4j logs a traceback of its own for a call that Ctrl-C has cut short."""
    return record.getMessage() not in ("KeyboardInterrupt while sending command.", "Exception while sending command.")


def converse(names, banner, plain):
    """A prompt until Ctrl-D or exit(); returns the exit code."""
    if not plain:
        try:
            return converse_in_ipython(names, banner)
        except ImportError:
            pass
    import code
    import contextlib

    class Console(code.InteractiveConsole):
        def showtraceback(self):
            error = sys.exc_info()[1]
            if isinstance(error, KeyboardInterrupt):
                self.write("KeyboardInterrupt\n")
            else:
                show_error(error, error.__traceback__.tb_next)

    with contextlib.suppress(ImportError):
        import readline
        import rlcompleter

        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    try:
        Console(names).interact(banner=banner, exitmsg="")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return 0


def converse_in_ipython(names, banner):
    """The same in IPython, with its history and completion."""
    from IPython.terminal.ipapp import TerminalIPythonApp, load_default_config

    config = load_default_config()
    config.TerminalIPythonApp.display_banner = True
    config.TerminalInteractiveShell.banner1 = banner + "\n"
    config.TerminalInteractiveShell.banner2 = ""
    config.TerminalInteractiveShell.enable_tip = False
    config.TerminalInteractiveShell.confirm_exit = False
    # Completion by running code would ask the JVM at every Tab.
    config.IPCompleter.use_jedi = False
    app = TerminalIPythonApp.instance(user_ns=names, config=config)
    app.initialize([])

    def show(_shell, _kind, error, trace, tb_offset=None):
        if isinstance(error, KeyboardInterrupt):
            sys.stderr.write("KeyboardInterrupt\n")
        else:
            show_error(error, trace)

    app.shell.set_custom_exc((Exception, KeyboardInterrupt), show)
    app.start()
    return 0


def stop(jvm):
    """End the JVM: it ends when its standard input closes."""
    sys.stderr.flush()
    # PySpark's threads and objects say goodbye to a JVM that is gone, and complain: nobody needs to read that.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    try:
        jvm.stdin.close()
        jvm.wait(_JVM_PATIENCE_S)
    except Exception:
        jvm.kill()


def read_program(settings):
    """The program to run, compiled before anything is started; None for a prompt."""
    source, name = settings["code"], "<string>"
    if source is None:
        if sys.stdin.isatty():
            return None
        source, name = sys.stdin.read(), "<stdin>"
        if not source.strip():
            sys.exit(0)  # nothing came through the pipe
    import linecache

    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for tracebacks
    return compile(source, name, "exec", dont_inherit=True)


def main():
    """Read what to do, start Spark, do it; returns the exit code."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = ["", *(entry for entry in sys.path if os.path.abspath(entry or ".") != here)]
    settings = json.loads(os.environ.pop("LABKIT_SHELL"))
    module = types.ModuleType("__main__")
    try:
        program = read_program(settings)
    except SyntaxError as error:
        show_error(error, None)
        return 1
    sys.argv = ["labkit glue shell", *settings["argv"]]
    sys.modules["__main__"] = module
    try:
        jvm, names = start(settings)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        show_error(error, None)
        return 1
    module.__dict__.update(names, __name__="__main__")
    try:
        if program is not None:
            return run_program(program, module.__dict__)
        return converse(module.__dict__, settings["banner"], settings["plain"])
    finally:
        sys.stdout.flush()
        stop(jvm)


if __name__ == "__main__":
    for _name in ("main", "progress", "rounds", "failures"):
        sys.modules.pop(_name, None)  # a module of the user's may have such a name
    sys.exit(main())
