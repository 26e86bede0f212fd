#!/bin/sh
# What is in the image besides Python itself, installed into the given folder from the repository's root:
# the locked packages and our own, as wheels, without a compiler; and nothing that could install more.
set -eu
: "${PYTHON:=python}" "${UV:=uv}"
prefix=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_locked() { # into a folder, from a lock
  "$UV" venv --quiet --no-project --python "$PYTHON" "$1"
  "$UV" pip sync --quiet --python "$1/bin/python" --require-hashes --no-build --link-mode copy "$2"
}
install_locked "$prefix" deploy/images/run.lock
install_locked "$work/build" deploy/images/build.lock
for project in contracts .; do
  (cd "$project" && "$work/build/bin/python" -m hatchling build --target wheel --directory "$work/wheels")
done
"$UV" pip install --quiet --python "$prefix/bin/python" --no-index --no-deps --link-mode copy "$work"/wheels/*.whl
chmod -R a+rX,go-w "$prefix"
