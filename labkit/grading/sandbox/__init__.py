"""What keeps a student's code in, and what does not.

Two walls: the outer one around a whole run (a network of its own with nothing but loopback), the inner ones around the
notebook's kernel and around its cloud (own processes, own view of the files, no capability, a user of its own), and inside the
cloud one around each job and function (nothing of the cloud's own files). What is believed of a student's code comes as JSON
values, through the AWS API of its own cloud, or from its journal; checks run in nbval's process, outside.

Not stopped, and to be known:

- Without bubblewrap and unprivileged user namespaces (macOS; Ubuntu 24.04 while AppArmor restricts them; many containers) there
  is less: with `unshare` the network and the processes are apart, the files are not; with neither, only limits, a clean
  environment and empty homes. Then a student's code may do what the instructor may do. The report says which walls were on.
- A value is a claim, an artefact is a claim: who hands over the right value or writes the right Parquet or log line by other
  means than the lab's has solved the task. Data differ from student to student, so a neighbour's value is wrong; a neighbour's
  method is not.
- The journal (predictions locked, pandas measured) is written in the kernel: its chain of digests shows a careless change, not
  a thorough one.
- Checks are public code. Inside a run they are not to be seen, so nothing can be asked of them there; at home a student can
  read them.
- A job or a function can end the processes of its own cloud. Every check then says `grading.cloud_ended`, and a person has to
  look.
- Process bounds do not hold for root, and before Linux 5.14 not in a room either: then a watch ends what it finds, four times a
  second.
- Memory is what the watch sees resident; what two processes share counts twice, what the system caches not at all. A disk may
  hold more than its bound for two seconds.
- Students' code shares the processor with other runs and can slow them down; a fault of the kernel or of bubblewrap is not our
  wall any more.
"""
