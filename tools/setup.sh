#!/bin/bash
# Make this checkout ready to work in: the system's packages that are missing, and .venv.
# Does nothing, and fast, when all is there. `tools/setup.sh --no-system` leaves the system alone.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# --- Python ------------------------------------------------------------------------------------

python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "there is no $python here; Python 3.11 or newer is needed"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, and $python is $("$python" --version 2>&1 | cut -d' ' -f2)." \
        "If you have a newer one, say so: make setup PYTHON=python3.12"

# --- what the system has to have ---------------------------------------------------------------

missing=()

# need PACKAGE COMMAND: the command is there, or the package is to be installed.
need() {
    PATH="$PATH:/usr/sbin:/sbin" command -v "$2" >/dev/null || missing+=("$1")
}

# need_file PACKAGE GLOB: a file is there, or the package is to be installed.
need_file() {
    compgen -G "$2" >/dev/null || missing+=("$1")
}

need prosody prosody
need_file prosody-modules '/usr/*/prosody*/modules/mod_privilege*'
need ejabberd ejabberdctl
need_file postgresql '/usr/lib/postgresql/*/bin/initdb'
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then
    missing+=(chromium)
fi
need profanity profanity
need nodejs node
need npm npm
need util-linux setpriv
need_file libmagic1 '/usr/lib/*/libmagic.so.1'
# Playwright brings a node of its own, which wants it.
need_file libatomic1 '/usr/lib/*/libatomic.so.1'
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)

# --- packages that bring a service are installed without starting it ------------------------------

# Debian's packages ask policy-rc.d whether they may start what they bring; 101 is "no". A guard that
# somebody else has put there stays, and so does a service that was running before: nothing is stopped.
guard=/usr/sbin/policy-rc.d
guarded=

install_guard() {
    [ -e "$guard" ] && return
    printf '#!/bin/sh\n# Put here by the setup of Sluice, which removes it again.\nexit 101\n' |
        as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
    guarded=yes
}

remove_guard() {
    [ -z "$guarded" ] || as_root rm -f "$guard"
    guarded=
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() {
    command -v apt-get >/dev/null ||
        fail "these are missing, and there is no apt-get to install them: ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            fail "these are missing: ${missing[*]}." \
                "Neither are you root nor is there sudo. As root: apt-get install ${missing[*]}"
        # Without a terminal nobody could type a password.
        [ -t 0 ] || sudo -n true 2>/dev/null ||
            fail "these are missing, and sudo wants a password: ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    local had_epmd # ejabberd brings it
    had_epmd=$(command -v epmd || true)
    trap remove_guard EXIT
    install_guard
    local apt=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -y -q
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
    as_root "${apt[@]}" update
    # Ubuntu's Chromium has another name, and is a snap in truth.
    if [ -z "$(apt-cache madison chromium)" ]; then
        local index
        for index in "${!missing[@]}"; do
            if [ "${missing[index]}" = chromium ]; then missing[index]=chromium-browser; fi
        done
    fi
    as_root "${apt[@]}" install --no-install-recommends "${missing[@]}"
    remove_guard
    trap - EXIT
    local service
    for service in prosody ejabberd postgresql; do
        if [[ " ${missing[*]} " == *" $service "* ]]; then keep_off "$service"; fi
    done
    if [ -z "$had_epmd" ] && command -v epmd >/dev/null; then keep_off epmd; fi
}

# What we have installed for tests is not to start with the machine.
keep_off() {
    as_root systemctl disable --quiet "$1" 2>/dev/null ||
        as_root update-rc.d "$1" disable 2>/dev/null ||
        say "$1 may start when the machine does"
}

if [ "${1:-}" != --no-system ] && [ ${#missing[@]} -gt 0 ]; then
    install_missing
fi

# --- .venv -------------------------------------------------------------------------------------

stamp=.venv/sluice-setup
wanted=$("$python" --version; sha256sum pyproject.toml tools/setup.sh)

if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    if [ -x .venv/bin/python ]; then
        [ "$(.venv/bin/python --version)" = "$("$python" --version)" ] || rm -rf .venv
    fi
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    say "installing Python packages"
    # pip understands dependency groups since 25.1.
    .venv/bin/python -m pip install -qq --upgrade 'pip>=25.1'
    .venv/bin/python -m pip install -qq --editable '.[postgres,speed]' --group dev
    printf '%s' "$wanted" >"$stamp"
fi

# --- Converse.js, for the demo and the browser tests -------------------------------------------

# Its package has the finished program in it, so that nothing it depends on is needed. Unpacking it
# ourselves also spares us what versions of npm think of its dependencies (9.2 fails on them).
converse=14.0.0
sha512=2c5520d37d230da955e3bbc8fefc953ea60f65f2585c56ee6eaf2fd1c1437b6cd735e786124dd4a74163fd64f34fab7ee9da3e700213a32ef77808fb44d0e3d9

# Returns 0 once it is in demo/node_modules. (Called after `||`, it cannot rely on `set -e`.)
install_converse() {
    local work place=demo/node_modules/converse.js
    work=$(mktemp -d) &&
        npm pack --silent --pack-destination "$work" "converse.js@$converse" >/dev/null &&
        echo "$sha512  $work/converse.js-$converse.tgz" | sha512sum --check --quiet &&
        tar --extract --gzip --file "$work/converse.js-$converse.tgz" --directory "$work" &&
        rm -rf "$place" && mkdir -p "$place" &&
        mv "$work/package/dist" "$work/package/package.json" "$place/"
    local result=$?
    rm -rf "$work"
    return $result
}

if ! grep -qs "\"version\": \"$converse\"" demo/node_modules/converse.js/package.json; then
    if command -v npm >/dev/null; then
        say "installing Converse.js"
        install_converse || say "Converse.js cannot be installed; the demo will do without it"
    else
        say "there is no npm to install Converse.js with; the demo will do without it"
    fi
fi

say "ready"
