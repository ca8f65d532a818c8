"""Georgia and its peers on the same files, in turn, on the same machine.

    python -m benchmarks W1 ... [--rounds 5] [--only NAME ...] [--once NAME ...] [--json FILE]

W1: training with a frozen ResNet-101. W2: training all of a ResNet. W5: answers of ResNet-50.
W6: the loader alone. W7: training with an evaluation after each epoch. Ratios hold within one run
and on one machine; the rate of its matrix products stands beside them. Peers are what is installed;
the table names who is absent.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import contest, machine

_WORKLOADS = {
    "W1": "benchmarks.w1_frozen",
    "W2": "benchmarks.w2_full",
    "W5": "benchmarks.w5_predict",
    "W6": "benchmarks.w6_loader",
    "W7": "benchmarks.w7_evaluation",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="+", choices=_WORKLOADS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="of the contenders")
    parser.add_argument("--once", nargs="*", default=[], metavar="NAME", help="in one round alone")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    print(machine.described())
    results: dict[str, Any] = {}
    for name in arguments.workloads:
        module = __import__(_WORKLOADS[name], fromlist=["WORKLOAD"])
        for contender in {*arguments.only, *arguments.once} - {*module.WORKLOAD.contenders}:
            parser.error(f"{name} has no contender {contender!r}")
        with tempfile.TemporaryDirectory() as folder:
            module.WORKLOAD.prepare(Path(folder))
            figures = contest.hold(
                _WORKLOADS[name],
                Path(folder),
                arguments.rounds,
                only=arguments.only,
                once=arguments.once,
            )
        print(f"\n{contest.table(module.WORKLOAD, figures)}")
        results[name] = module.ratios(figures) | {"figures": figures}
    if "exact_step" in results.get("W1", {}):
        results["ratio_to_best_fair_peer"] = results["W1"]["exact_step"]
    if arguments.json:
        arguments.json.write_text(json.dumps(results | machine.facts(), indent=1))


if __name__ == "__main__":
    main()
