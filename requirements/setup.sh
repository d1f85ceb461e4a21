#!/bin/sh
# Brings a machine from "git, make, curl and some Python 3" to a ready .venv. Says what is missing where it can't.
#   sh requirements/setup.sh run    what the product needs
#   sh requirements/setup.sh test   and what the tests need (Chromium, PostgreSQL, Apache, nginx, OpenLDAP)
set -eu
cd "$(dirname "$0")/.."
need=${1:-run}
say() { printf '%s\n' "$*" >&2; }

# --- Python 3.13 or 3.12 ---------------------------------------------------------------------------------------
python=""
for version in 3.13 3.12; do
  if "python$version" -c pass >/dev/null 2>&1; then python="python$version"; break; fi
  for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/$version.*/bin/python; do
    if [ -x "$candidate" ]; then python=$candidate; break 2; fi
  done
done
if [ -x .venv/bin/python ]; then python=.venv/bin/python; fi
base=${python:-python3} # where there is neither, uv fetches one, headers and all
says() { "$base" -c "$1" 2>/dev/null; }

# --- Debian packages -------------------------------------------------------------------------------------------
# Looked for by what they provide, so that a machine that has them in another way is left alone.
packages=""
want() { packages="$packages $1"; }
has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
[ -x .tools/bin/uv ] || says 'import ensurepip, venv' || want python3-venv
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
  for tool in pdftotext:poppler-utils qpdf:qpdf oathtool:oathtool; do
    command -v "${tool%%:*}" >/dev/null || want "${tool##*:}"
  done
  # Web servers that trust the ID in the tests. Their own services are not used: they may start or not.
  [ -x /usr/sbin/apache2 ] || want apache2
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || want libapache2-mod-auth-openidc
  [ -x /usr/sbin/nginx ] || want nginx-light
  # A virus scanner, which the tests give one signature of their own.
  [ -x /usr/sbin/clamd ] || want clamav-daemon
  # An old system behind LDAP, and what python-ldap is built with: it has no wheels, and Debian's Python no headers.
  [ -x /usr/sbin/slapd ] || want slapd
  if ! cmp -s requirements/ldap.txt .venv/.ldap; then
    [ -e /usr/include/ldap.h ] || want libldap-dev
    [ -e /usr/include/sasl/sasl.h ] || want libsasl2-dev
    command -v cc >/dev/null || { want gcc; want libc6-dev; }
    if [ -n "$python" ]; then
      headers=$(says 'import sysconfig; print(sysconfig.get_path("include"))')
      [ -e "$headers/Python.h" ] || want "$(says 'import sys; print("python%d.%d-dev" % sys.version_info[:2])')"
    fi
  fi
fi

# What apt says of itself on descriptor 3 (kind:package:percent:text), as a line each tenth of the way.
show_percent() {
  before=""
  while IFS=: read -r kind _ percent _; do
    case $kind in dlstatus) what=fetched ;; pmstatus) what=unpacked ;; *) continue ;; esac
    case $percent in "" | *[!0-9.]*) continue ;; esac
    now="  $what $((${percent%%.*} / 10 * 10)) %"
    if [ "$now" != "$before" ]; then say "$now"; before=$now; fi
  done
}
if [ -n "$packages" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing Debian packages:$packages"
    export DEBIAN_FRONTEND=noninteractive
    # A package that is already there (a library in another folder) costs nothing.
    { apt-get update -qq >.apt.log 2>&1 && apt-get install -y -qq --no-install-recommends -o APT::Status-Fd=3 \
        $packages 3>&1 >.apt.log 2>&1 || echo failed >.apt.failed; } | show_percent
    if [ -e .apt.failed ]; then say "apt-get could not install$packages:"; tail -n 3 .apt.log >&2; fi
    rm -f .apt.log .apt.failed
  else
    say "Missing:$packages. Without them some parts are left out (forms are not printed as PDF). Install them with:"
    say "  sudo apt-get install --no-install-recommends$packages"
  fi
fi

# --- uv --------------------------------------------------------------------------------------------------------
if [ ! -x .tools/bin/uv ]; then
  say "Installing uv, which installs the rest"
  "$base" -m venv .tools >/dev/null 2>&1 ||
    { rm -rf .tools; say "python3 -m venv does not work here. Install it with: sudo apt-get install python3-venv"; exit 1; }
  .tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14' ||
    { say "uv could not be installed from the package index. Check the network and pip's settings."; exit 1; }
fi

# --- the environment -------------------------------------------------------------------------------------------
if [ ! -x .venv/bin/python ]; then
  if [ -n "$python" ]; then
    UV_PYTHON_DOWNLOADS=never .tools/bin/uv venv -q --python "$python" .venv
  else
    say "Fetching Python 3.13"
    .tools/bin/uv venv -q --python 3.13 .venv ||
      { say "No Python 3.13 or 3.12 was found, and uv could not fetch one. Install one and run this again: Debian 13 has"
        say "python3.13 (apt-get install python3.13-venv); Debian 12 has 3.11 only, there take pyenv install 3.13."; exit 1; }
  fi
fi
# uv says what it fetches and how far it is; the list of all that it installed at the end is left out.
with_uv() {
  { .tools/bin/uv pip "$@" 2>&1 || echo failed >.venv/.failed; } | sed -u '/^ [-+~] /d' >&2
  ! rm .venv/.failed 2>/dev/null
}
stamp=.venv/.synced
if [ ! -f "$stamp" ] || ! cmp -s requirements/development.txt "$stamp"; then
  say "Installing $(grep -c '==' requirements/development.txt) Python packages"
  with_uv sync --python .venv/bin/python requirements/development.txt
  cp requirements/development.txt "$stamp"
  rm -f .venv/.ldap  # the sync took it away
fi
if [ "$need" = test ] && ! cmp -s requirements/ldap.txt .venv/.ldap; then
  say "Building python-ldap"
  if with_uv install --python .venv/bin/python -r requirements/ldap.txt; then
    cp requirements/ldap.txt .venv/.ldap
  else
    say "python-ldap could not be built: the tests of LDAP are left out. It needs gcc, libldap-dev, libsasl2-dev and"
    say "the headers of Python ($(.venv/bin/python -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])'))."
  fi
fi

# --- what is made from the repository --------------------------------------------------------------------------
newest=$(ls -t locale/*/LC_MESSAGES/django.po locale/*/LC_MESSAGES/django.mo 2>/dev/null | head -n 1)
case "$newest" in *.mo) ;; *) .venv/bin/pybabel -q compile -D django -d locale 2>/dev/null ;; esac
if [ ! config/static/vendor/cms/version -nt config/assets.py ]; then
  say "Fetching the design system's stylesheets and fonts"
  .venv/bin/python manage.py fetch_assets
fi
