"""The machine of all approvals for a long time, as a program.

``python -m office_kit.approval_torture <calls> <processes>`` prints one JSON object: calls, accepted, refused, answers
accepted by a device's signature, reads of ``fully_approved``, how many of them said yes, bypasses (the office took what
the model refuses), mismatches (the other way round), seconds, calls per second and the seeds, with which a run can be
repeated.
"""

import json
import random
import subprocess
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from office_kit.approval_machine import COUNTS, Approvals


def torture(calls: int, first: int) -> Counter[str]:
    """Runs machine after machine, from the seed ``first`` on, until so many calls were made or one went wrong."""
    terms = settings(max_examples=200, stateful_step_count=50, database=None, deadline=None, phases=[Phase.generate],
                     suppress_health_check=list(HealthCheck))  # fmt: skip
    number = first
    COUNTS.clear()
    while COUNTS["calls"] < calls and not COUNTS["bypasses"] + COUNTS["mismatches"]:
        try:
            run_state_machine_as_test(seed(number)(Approvals), settings=terms)
        except AssertionError as error:
            COUNTS["mismatches"] += not COUNTS["bypasses"] + COUNTS["mismatches"]
            sys.stderr.write(f"bibit {number}: {error}\n")
        number += 1
    return COUNTS


def main(calls: str, processes: str = "2", first: str = "") -> None:
    """Splits the calls over processes with seeds of their own, adds up what they counted, and prints it."""
    if first:
        sys.stdout.write(json.dumps(torture(int(calls), int(first))))
        return
    begun, share = time.monotonic(), str(-(-int(calls) // int(processes)))
    seeds = [random.SystemRandom().randrange(10**12) for _ in range(int(processes))]
    command = [sys.executable, "-m", "office_kit.approval_torture", share, "1"]
    started = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in seeds]
    total: Counter[str] = Counter()
    for process in started:
        total.update(json.loads(process.communicate()[0]))
    seconds = time.monotonic() - begun
    names = ("calls", "accepted", "refused", "by_device", "reads", "approved", "bypasses", "mismatches")
    facts = {name: total[name] for name in names}
    speed = {"seconds": round(seconds), "calls_per_second": round(total["calls"] / seconds), "seeds": seeds}
    sys.stdout.write(json.dumps(facts | speed) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
