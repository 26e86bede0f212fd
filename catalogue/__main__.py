"""`python -m catalogue` writes the catalogue's files; with `--check` it writes nothing and fails where they differ.

Either fails, with a sentence for each thing that a subscriber would find broken, where a published form was changed by
anything but an added optional field.
"""

import argparse
import sys
from pathlib import Path

from catalogue.places import Places
from catalogue.plan import carry_out, differences, plan

_HOW_ON = (
    "What is published stays as it is: take the change back, or make it a new event version beside an upcaster "
    "(medonline_contracts/upcasting.py)."
)


def main(places: Places, *, check: bool) -> int:
    """The exit status: 1 where something is broken or, with `check`, not written yet."""
    planned = plan(places)
    if planned.faults:
        print("The catalogue breaks what subscribers rely on:", file=sys.stderr)
        print(*(f"  {fault}" for fault in planned.faults), _HOW_ON, sep="\n", file=sys.stderr)
        return 1
    if check:
        found = [f"  {places.shown(path)} {matter}" for path, matter in differences(places, planned)]
        if found:
            print("The catalogue is not as the code says; write it: python -m catalogue", *found, sep="\n")
        return 1 if found else 0
    written = [f"written: {places.shown(path)}" for path in carry_out(places, planned)]
    print(*written or ["Everything is as the code says."], sep="\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser("catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where anything differs")
    sys.exit(main(Places(Path(__file__).parents[1]), check=parser.parse_args().check))
