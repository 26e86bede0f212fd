"""`make manifests`: builds each overlay and says what is wrong with it; ends with 1 where something is.

With `bring` it only brings what it needs, for `make test`, which does so beside other things.
"""

import sys

from deploy.kubernetes.check.checks import KUBERNETES, OVERLAYS, Broken, Checker
from deploy.kubernetes.check.golang import Unavailable
from deploy.kubernetes.check.pins import read_pins
from deploy.kubernetes.check.schemas import bring_schemas
from deploy.kubernetes.check.tools import bring_tools
from deploy.local.servers import CACHE


def main() -> int:
    pins = read_pins()
    try:
        checker = Checker(bring_tools(CACHE, pins), bring_schemas(CACHE, pins), pins)
    except Unavailable as error:
        print(f"The manifests were NOT checked, for what checks them could not be brought: {error}", file=sys.stderr)
        return 1
    return sum(_wrong(checker, overlay) for overlay in OVERLAYS) and 1


def _wrong(checker: Checker, overlay: str) -> int:
    """Say what is wrong with an overlay; how much it is."""
    try:
        manifests = checker.build(KUBERNETES / "overlays" / overlay)
        found = [str(finding) for finding in (*checker.against_schemas(manifests), *checker.scored(manifests))]
    except Broken as error:
        found = [str(error)]
    print("\n".join([f"overlays/{overlay}: {f'{len(found)} wrong' if found else 'nothing wrong'}", *found]))
    return len(found)


def bring() -> int:
    """Bring what checks the manifests; a test says loudly where that failed, so here it is only told."""
    pins = read_pins()
    try:
        bring_tools(CACHE, pins)
        bring_schemas(CACHE, pins)
    except Unavailable as error:
        print(f"What checks the Kubernetes manifests could not be brought: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(bring() if sys.argv[1:] == ["bring"] else main())
