"""Monitoring, made files: writes the dashboards and the PrometheusRules, or with `--check` says which differ."""

import sys

from deploy.monitoring.made import made_files


def main(check: bool) -> int:
    """0, or 1 where a file was not what it would be made."""
    differing = 0
    for path, text in made_files().items():
        if path.exists() and path.read_text() == text:
            continue
        differing += 1
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        sys.stdout.write(f"{'differs from what makes it' if check else 'written'}: {path}\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
