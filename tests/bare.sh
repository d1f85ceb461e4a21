#!/bin/sh
# Tries both commands on a bare Debian: git, make, curl and Python 3, made by debootstrap, and gone afterwards.
#   sh tests/bare.sh trixie                 `make run` until it is ready, then `make test`
#   sh tests/bare.sh bookworm 'make check'  another command in place of `make test`
# Needs root and debootstrap. Mirror, name servers, certificates and the settings of pip and npm are this machine's.
# SEEN names a folder of this machine that is seen in there too: SEEN=$HOME/.pyenv, where uv can fetch no Python.
set -eu
release=${1:-trixie}
try=${2:-make test}
say() { printf '\n--- %s\n' "$*"; }

if [ -z "${INSIDE:-}" ]; then
  [ "$(id -u)" = 0 ] || { say "A bare Debian can be made by root only."; exit 1; }
  command -v debootstrap >/dev/null || { say "Install it with: apt-get install debootstrap"; exit 1; }
  cd "$(dirname "$0")/.."
  INSIDE=$(mktemp -d /var/tmp/bare.XXXXXX)
  export INSIDE
  trap 'rm -rf --one-file-system "$INSIDE"' EXIT
  # Mounts and processes of the trial end with its name spaces.
  unshare --mount --pid --fork --kill-child sh tests/bare.sh "$release" "$try"
  exit
fi

say "Debian $release"
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)
debootstrap --variant=minbase --include=git,make,curl,ca-certificates,python3 "$release" "$INSIDE" "$mirror" >"$INSIDE.log" 2>&1 ||
  { tail -n 5 "$INSIDE.log"; say "$release could not be had from $mirror"; exit 1; }
rm -f "$INSIDE.log"

copy() { if [ -e "$1" ]; then mkdir -p "$INSIDE$(dirname "$1")" && cp -RL "$1" "$INSIDE$(dirname "$1")"; fi; }
for settings in /etc/resolv.conf /etc/hosts /usr/local/share/ca-certificates /etc/pip.conf "$HOME/.config/pip" "$HOME/.npmrc"; do
  copy "$settings"
done
apt-config dump | grep -E '^Acquire::(https?|Check)' >"$INSIDE/etc/apt/apt.conf.d/99machine" || true
git clone -q . "$INSIDE/root/healthcare-id"
mount -t proc proc "$INSIDE/proc"
mount --rbind /dev "$INSIDE/dev"
for folder in ${SEEN:-}; do
  mkdir -p "$INSIDE$folder"
  mount --bind "$folder" "$INSIDE$folder"
done

network=$(env | grep -iE '^(https?_proxy|no_proxy|ssl_cert_file|pip_[a-z_]+|uv_[a-z_]+|npm_config_[a-z_]+|node_extra_ca_certs)=' || true)
inside() { # word splitting: none of these values holds a space
  # shellcheck disable=SC2086
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 $network \
    chroot "$INSIDE" sh -c "cd /root/healthcare-id && $1"
}
inside 'update-ca-certificates >/dev/null 2>&1'

say "make run, until it is ready"
began=$(date +%s)
inside '
  setsid make run PORT=8790 SAMPLE_PORT=8791 >/tmp/run.log 2>&1 & run=$!
  until grep -q "^Ready" /tmp/run.log; do
    kill -0 $run 2>/dev/null || { cat /tmp/run.log; exit 1; }
    sleep 1
  done
  sed "/^People/,\$d" /tmp/run.log
  curl -fsS -o /dev/null -w "%{http_code} from the front page\n" http://localhost:8790/p/optum-connect/ || exit 1
  kill -TERM -$run; wait $run || true
  grep "^Stopped" /tmp/run.log'
say "$(($(date +%s) - began)) s; $try"
inside "$try"
