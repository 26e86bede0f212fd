"""Bare Argon2id: as many threads as the settings service has verify a password, for so many seconds (the argument)."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from services.settings.passwords import WORKERS, argon2id


def verified(seconds: float) -> int:
    """How often one thread verifies a password."""
    hasher, count = argon2id(), 0
    kept = hasher.hash("Ozerov7Lug")
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        hasher.verify(kept, "Ozerov7Lug")
        count += 1
    return count


if __name__ == "__main__":
    for_so_long = float(sys.argv[1])
    with ThreadPoolExecutor(WORKERS) as threads:
        print(sum(threads.map(verified, [for_so_long] * WORKERS)) / for_so_long)
