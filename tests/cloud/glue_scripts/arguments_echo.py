import json
import sys
from awsglue.utils import getResolvedOptions

names = ["JOB_NAME", "config", "empty", "dash", "with-hyphen", "unicode", "path", "twice"]
args = getResolvedOptions(sys.argv, names)
print("echo " + json.dumps({k: args[k] for k in (n.replace("-", "_") for n in names) if k != "JOB_NAME"}, ensure_ascii=False, sort_keys=True))
print("parsed", json.loads(args["config"])["ñ"])
print("reserved", sorted(k for k in args if k.startswith("JOB_") or k == "TempDir"), args["TempDir"])
print("run", args["JOB_RUN_ID"].startswith("jr_"), args["JOB_NAME"].startswith("arguments_echo"))
print("optional", "--maybe" in sys.argv, "--never" in sys.argv)
