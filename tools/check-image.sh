#!/bin/bash
# Try the steps of the Dockerfile without Docker: in a bare Debian root, made by debootstrap in a
# temporary folder, as the user that the image has. Needs root, debootstrap and Python 3.11.
#
# What differs from the image: Debian's Python 3.11 instead of the one of the python images, and
# packages are downloaded outside of the root, with this machine's settings.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'check-image: %s\n' "$*" >&2
    exit 1
}
step() { printf '\n== %s\n' "$*"; }

[ "$(id -u)" = 0 ] || fail "only root can make another root"
command -v debootstrap >/dev/null || fail "debootstrap is missing (apt-get install debootstrap)"
python=${PYTHON:-.venv/bin/python}
[ "$("$python" -c 'import sys; print(sys.version_info[:2])')" = "(3, 11)" ] ||
    fail "$python is no Python 3.11, which Debian 12 has"
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Component: main' |
    grep -v security | sort -u | head -n 1)}
[ -n "$mirror" ] || fail "which Debian mirror is this machine's? Say so: MIRROR=... $0"

work=$(mktemp -d)
root=$work/root
proc=
clean_up() {
    [ -z "$proc" ] || umount "$root/proc"
    rm -rf "$work"
}
trap clean_up EXIT

step "a bare Debian 12"
# libmagic1 is what the image installs, Python what the python image has.
debootstrap --variant=minbase --include=python3,python3-venv,libmagic1 \
    bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || {
    tail -n 20 "$work/debootstrap.log" >&2
    fail "debootstrap failed"
}
if mount -t proc proc "$root/proc" 2>/dev/null; then proc=mounted; fi

step "what the builder is given"
mkdir -p "$root/build" "$work/wheels"
grep '^!' .dockerignore | cut -c2- | tar --create --exclude=__pycache__ --files-from=- |
    tar --extract --directory "$root/build"
ls "$root/build"
"$python" -m pip wheel -qq --wheel-dir "$work/wheels" "$root/build[postgres,speed]"
cp -r "$work/wheels" "$root/wheels"

inside() { chroot "$root" env -i PATH=/opt/sluice/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/data "$@"; }
as_sluice() {
    chroot --userspec=10001:10001 "$root" env -i PATH=/opt/sluice/bin:/usr/bin:/bin HOME=/data \
        TMPDIR=/data PYTHONDONTWRITEBYTECODE=1 SLUICE_XMPP_SECRET=s SLUICE_DATABASE_URL=sqlite:////data/s.sqlite "$@"
}

step "installing"
inside python3 -m venv /opt/sluice
inside pip install --quiet --no-index --find-links /wheels 'sluice-gateway[postgres,speed]'
inside python -m compileall -q /opt/sluice
inside useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sluice
inside install --directory --owner=sluice --group=sluice --mode=0750 /data
install -D contrib/healthcheck.py "$root/usr/local/lib/sluice/healthcheck.py"
cp contrib/compose/config.toml "$root/data/config.toml"
rm -rf "$root/build" "$root/wheels"

step "as user 10001"
as_sluice sluice version
as_sluice sluice check -c /data/config.toml
as_sluice python -c 'import magic; print("libmagic says", magic.from_buffer(b"%PDF-1.4", mime=True))'
as_sluice python -c 'import migrations, pathlib; p = pathlib.Path(migrations.__path__[0]); assert any((p / "versions").glob("*.py")), p'
as_sluice sluice migrate -c /data/config.toml
if as_sluice python /usr/local/lib/sluice/healthcheck.py /data/config.toml; then
    fail "the health check is content with a gateway that does not run"
fi

step "nothing but /data was written to"
written=$(find "$root" -xdev -uid 10001 -not -path "$root/data*" -not -path "$root/proc/*")
[ -z "$written" ] || fail "written: $written"
echo "all is well"
