#!/bin/bash
# Make what `make test-plugins` needs: slidge plugins beside the gateway in .venv-plugins, and a
# Matrix server in .venv-synapse. Does nothing, and fast, when both are there.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
plugins=(matridge==0.4.1 matteridge==0.4.1 slidcord==0.4.1 slidgram==0.4.1)
synapse=matrix-synapse==1.163.2

# What matridge's encryption is compiled with.
missing=()
for package in build-essential cmake libolm-dev python3-dev; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q install --no-install-recommends \
        "${missing[@]}"
fi

# environment FOLDER PACKAGE...: a virtual environment with these packages.
environment() {
    local folder=$1
    shift
    local wanted
    wanted=$("$python" --version; printf '%s\n' "$@"; sha256sum pyproject.toml)
    [ "$(cat "$folder/sluice-setup" 2>/dev/null)" = "$wanted" ] && return
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install -qq "$@"
    printf '%s' "$wanted" >"$folder/sluice-setup"
}

environment .venv-plugins --editable . "${plugins[@]}"
environment .venv-synapse "$synapse"
