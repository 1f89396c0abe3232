"""Kill the program with SIGKILL at random instants, and look at what is left.

After each kill the history must open and be whole, every side, rating and note that the program had printed must be in
it, a session that was not over must be one that can be gone on with, and no temporary file may be left.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.faults.killing import Killer


def main() -> None:
    """Kill, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moved", type=int, default=100, help="how many on a moved clock, one after the other")
    parser.add_argument("--real", type=int, default=20, help="how many on the real clock")
    parser.add_argument("--at-once", type=int, default=10, help="how many of these at once")
    parser.add_argument("--seed", type=int, default=1, help="of the instants; another one for each part of a long run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings into a file")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        killer = Killer(Path(folder), arguments.seed)
        killer.kill_one_by_one(arguments.moved)
        killer.kill_together(arguments.real, arguments.at_once)
    findings = killer.findings
    for way, kills in findings.kills.items():
        print(f"{kills:6} kills: {way}")
    print(f"{findings.killed_before:6} before the session was in the history")
    print(f"{findings.resumable:6} left a session to go on with")
    print(f"{findings.gone_on_with:6} of these were gone on with to their end")
    print(f"{findings.over:6} came after the end of the session")
    print(f"{findings.rows:6} sides, ratings and notes printed before a kill, all found in the history")
    print(f"{len(findings.faults):6} faults, in {time.monotonic() - began:.0f} s")
    for fault in findings.faults:
        print(fault)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(asdict(findings), indent=1), encoding="utf-8")
    sys.exit(1 if findings.faults else 0)


if __name__ == "__main__":
    main()
