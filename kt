#!/usr/bin/env bash
# The launcher: installs what is missing, builds what is stale, runs it.
#   ./kt up [--once]   simulator and gateway, with a few requests shown     ./kt test [--long]   everything CI runs
#   ./kt which         prints the binary's path                             ./kt <command> ...   runs the binary
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build="$root/build/release"
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*" >&2; }
die() { say "kt: $*"; exit 1; }

# The packages of the given groups that are not installed, one per line; of alternatives the first that exists.
missing_packages() {
  local group names name found
  while read -r group names _; do
    [[ " $* " == *" $group "* ]] || continue
    found=""
    for name in ${names//|/ }; do
      if dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then found=yes; break; fi
    done
    [[ -n "$found" ]] || printf '%s\n' "$names"
  done < <(grep -vE '^#|^$' "$root/cmake/packages.txt")
}

install_packages() {
  local wanted sudo="" names name list=()
  wanted=$(missing_packages "$@")
  [[ -n "$wanted" ]] || return 0
  command -v apt-get >/dev/null || die "these packages are missing and this is not Debian: ${wanted//$'\n'/ }"
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "run as root (or install sudo) so that these can be installed: ${wanted//$'\n'/ }"
    sudo=sudo
  fi
  $sudo apt-get update -qq >&2
  while read -r names; do
    for name in ${names//|/ }; do
      # A name that others only mention has no record, and apt-cache succeeds all the same.
      if [[ -n "$(apt-cache show "$name" 2>/dev/null)" ]]; then list+=("$name"); break; fi
    done
  done <<<"$wanted"
  say "kt: installing ${list[*]}"
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${list[@]}" >&2
}

# build <preset> <cmake option...> -- <ninja target...>
build() {
  local preset=$1 options=() log="$root/build/build.log"; shift
  while [[ $# -gt 0 && $1 != -- ]]; do options+=("$1"); shift; done
  shift || true
  mkdir -p "$root/build"
  if [[ ! -f "$root/build/$preset/build.ninja" || ${#options[@]} -gt 0 ]]; then
    (cd "$root" && cmake --preset "$preset" "${options[@]}") >"$log" 2>&1 || { cat "$log" >&2; die "configuring failed"; }
  fi
  if [[ -t 2 ]]; then ninja -C "$root/build/$preset" "$@" >&2
  else ninja -C "$root/build/$preset" "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; die "the build failed"; }
  fi
}

case "${1:-help}" in
  up) shift; install_packages build run; build release -- kt; exec "$root/tests/support/up.sh" "$build/kt" "$@" ;;
  test) shift; install_packages build run test; build release -DKT_TESTS=ON -- all
        exec python3 "$root/tests/support/run_all.py" --build "$build" "$@" ;;
  bench) shift; install_packages build run bench; build release -DKT_BENCH=ON -- all; exec python3 "$root/bench/run.py" "$build" "$@" ;;
  which) install_packages build; build release -- kt; printf '%s\n' "$build/kt" ;;
  help|-h|--help) install_packages build; build release -- kt; sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exec "$build/kt" --help ;;
  *) install_packages build; build release -- kt; exec "$build/kt" "$@" ;;
esac
