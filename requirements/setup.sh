#!/bin/sh
# Brings a machine from "git, make, curl and some Python 3" to a ready .venv. Says what is missing where it can't.
#   sh requirements/setup.sh run    what the product needs
#   sh requirements/setup.sh test   and what the tests need (Chromium, PostgreSQL)
set -eu
cd "$(dirname "$0")/.."
need=${1:-run}
say() { printf '%s\n' "$*" >&2; }

# --- Debian packages -------------------------------------------------------------------------------------------
# Looked for by what they provide, so that a machine that has them in another way is left alone.
packages=""
want() { packages="$packages $1"; }
has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
has_library libpango-1.0.so || want libpango-1.0-0
has_library libpangoft2-1.0.so || want libpangoft2-1.0-0
has_library libharfbuzz-subset.so || want libharfbuzz-subset0
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || want fonts-dejavu-core
[ -e /usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf ] || want fonts-droid-fallback
if [ "$need" = test ]; then
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || want chromium
  if [ -z "${DATABASE_URL:-}" ]; then
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || want postgresql
  fi
  [ -x /usr/sbin/slapd ] || command -v slapd >/dev/null || want slapd
  # python-ldap is built from source.
  command -v gcc >/dev/null || { want gcc; want libc6-dev; }
  [ -e /usr/include/ldap.h ] || want libldap-dev
  [ -e /usr/include/sasl/sasl.h ] || want libsasl2-dev
  for tool in pdftotext:poppler-utils qpdf:qpdf oathtool:oathtool; do
    command -v "${tool%%:*}" >/dev/null || want "${tool##*:}"
  done
fi
if [ -n "$packages" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing$packages"
    export DEBIAN_FRONTEND=noninteractive
    # A package that is already there (a library in another folder) costs nothing.
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >/dev/null 2>.apt.log ||
      { say "apt-get could not install$packages:"; tail -n 3 .apt.log >&2; }
    rm -f .apt.log
  else
    say "Missing:$packages. Without them some parts are left out (forms are not printed as PDF). Install them with:"
    say "  sudo apt-get install --no-install-recommends$packages"
  fi
fi

# --- Python 3.13 or 3.12 ---------------------------------------------------------------------------------------
python=""
for version in 3.13 3.12; do
  if "python$version" -c pass >/dev/null 2>&1; then python="python$version"; break; fi
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/$version.*/bin/python; do
    if [ -x "$candidate" ]; then python=$candidate; break 2; fi
  done
done

# --- uv --------------------------------------------------------------------------------------------------------
if [ ! -x .tools/bin/uv ]; then
  base=${python:-python3}
  if ! "$base" -m venv .tools >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv; } >/dev/null 2>&1 || true
      rm -rf .tools
    fi
    "$base" -m venv .tools || { say "python3 -m venv does not work here. Install it with: sudo apt-get install python3-venv"; exit 1; }
  fi
  .tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14' ||
    { say "uv could not be installed from the package index. Check the network and pip's settings."; exit 1; }
fi

# --- the environment -------------------------------------------------------------------------------------------
if [ ! -x .venv/bin/python ]; then
  if [ -n "$python" ]; then
    UV_PYTHON_DOWNLOADS=never .tools/bin/uv venv -q --python "$python" .venv
  else
    .tools/bin/uv venv -q --python 3.13 .venv ||
      { say "No Python 3.13 or 3.12 was found, and uv could not fetch one. Install python3.13 and run this again."; exit 1; }
  fi
fi
stamp=.venv/.synced
if [ ! -f "$stamp" ] || ! cmp -s requirements/development.txt "$stamp"; then
  say "Installing Python packages"
  .tools/bin/uv pip sync -q --python .venv/bin/python requirements/development.txt
  cp requirements/development.txt "$stamp"
  rm -f .venv/.ldap  # the sync took it away
fi
if [ "$need" = test ] && ! cmp -s requirements/ldap.txt .venv/.ldap; then
  if .tools/bin/uv pip install -q --python .venv/bin/python -r requirements/ldap.txt; then
    cp requirements/ldap.txt .venv/.ldap
  else
    say "python-ldap could not be built: the tests of LDAP are left out. It needs gcc, libldap-dev and libsasl2-dev."
  fi
fi

# --- what is made from the repository --------------------------------------------------------------------------
newest=$(ls -t locale/*/LC_MESSAGES/django.po locale/*/LC_MESSAGES/django.mo 2>/dev/null | head -n 1)
case "$newest" in *.mo) ;; *) .venv/bin/pybabel -q compile -D django -d locale 2>/dev/null ;; esac
if [ ! config/static/vendor/cms/version -nt config/assets.py ]; then .venv/bin/python manage.py fetch_assets; fi
