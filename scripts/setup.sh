#!/bin/sh
# Make .venv: the locked packages and this project, editable. Called by `make setup`.
# Needs Python 3.11+ with pip, and nothing else: no venv module, no git, no compiler.
set -eu
cd "$(dirname "$0")/.."

# The first Python that really runs: pyenv leaves shims for versions that are not there.
find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        "$name" -c 'import sys, pip; assert sys.version_info >= (3, 11); print(sys.executable)' \
            2>/dev/null && return
    done
    echo "setup: no Python 3.11 or newer with pip among: ${PYTHON:-python3.11 ... python3}." >&2
    echo "setup: install one (on Debian: apt-get install python3 python3-pip) or name it: make setup PYTHON=..." >&2
    return 1
}
python=$(find_python)

# uv does not read pip's settings, but a mirror or a certificate that pip needs, uv needs as well.
pip_setting() { "$python" -m pip config get "global.$1" 2>/dev/null || true; }
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(pip_setting index-url)}}
if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
certificates=${SSL_CERT_FILE:-${PIP_CERT:-$(pip_setting cert)}}
if [ -n "$certificates" ]; then export SSL_CERT_FILE="$certificates"; fi
# Where the system keeps certificates, an authority of the house is among them; uv's own list lacks it.
for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    if [ -s "$bundle" ]; then export UV_SYSTEM_CERTS=true; fi
done

# `--target` works where PEP 668 forbids a plain `pip install`. pip does not clean a target before
# it installs another version into it, hence the fresh folder and the stamp.
if ! cmp -s scripts/uv.txt .tools/uv.txt || ! .tools/bin/uv --version >/dev/null 2>&1; then
    rm -rf .tools
    PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$python" -m pip install --quiet --target .tools --require-hashes --requirement scripts/uv.txt
    cp scripts/uv.txt .tools/uv.txt
fi
uv() { .tools/bin/uv --quiet --no-config "$@"; }

# A .venv whose Python has gone (an upgrade, a moved folder) is made anew.
if ! .venv/bin/python -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null; then
    uv venv --clear --no-python-downloads --python "$python" .venv
fi
export VIRTUAL_ENV="$PWD/.venv"
uv pip sync --require-hashes requirements-dev.txt
# No isolation: the build backend comes from the lock, not from a second, unpinned download.
uv pip install --no-deps --no-build-isolation --editable .
# With its bytecode a program starts in half the time; where PYTHONDONTWRITEBYTECODE is set, it would never come to be.
.venv/bin/python -m compileall -q -j 0 .venv/lib maild
touch .venv/.stamp
