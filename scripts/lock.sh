#!/bin/sh
# Renew the lock files from pyproject.toml. Called by `make lock`; UPGRADE=1 takes newer versions.
# The locks hold names, versions and hashes: no index, no path, so that they install from any mirror.
set -eu
cd "$(dirname "$0")/.."
uv=.tools/bin/uv
UV_VERSION=0.13.9

compile() {
    "$uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header ${UPGRADE:+--upgrade} "$@"
}
compile pyproject.toml --all-extras --output-file requirements.txt
# One resolution for both: the tests must run on the versions that are shipped.
compile pyproject.toml --all-extras --group dev --constraint requirements.txt \
    --output-file requirements-dev.txt
echo "uv==$UV_VERSION" | compile - --output-file scripts/uv.txt

if grep -nE '://|^/|^-' requirements.txt requirements-dev.txt scripts/uv.txt; then
    echo "lock: the lines above name an index, a path or an option; they must not be committed" >&2
    exit 1
fi
