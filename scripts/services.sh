#!/bin/sh
# Install the servers that the integration tests start for themselves: Dovecot, Redis, PostgreSQL.
# Called by `make services`, and by `make test` with --if-root: then trouble is said but not fatal,
# because the tests that miss a server skip (on CI they fail, and say which).
set -eu

missing=""
command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
    || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

give_up() {
    echo "services: $1" >&2
    [ "${2:-}" = "--if-root" ] || exit 1
    exit 0
}
install="apt-get install --yes --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
    give_up "missing:$missing; this is no Debian or Ubuntu, install them in your system's own way" "${1:-}"
elif [ "$(id -u)" -ne 0 ]; then
    [ "${1:-}" = "--if-root" ] && exit 0
    give_up "not root; run: sudo apt-get update && sudo $install"
fi

# The packages would start their servers and, on a laptop, take port 143 or 5432. The tests start
# private ones, so forbid that for this installation (invoke-rc.d asks policy-rc.d; 101 is "no").
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

echo "services: installing$missing"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# A list of packages can be half a day old, a mirror busy for a moment: once more, then give up.
for attempt in 1 2; do
    if { apt-get update && $install; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        # Nor at the next boot; works, and changes nothing, where systemd does not run.
        for package in $missing; do
            systemctl disable --quiet "${package%-imapd}.service" >/dev/null 2>&1 || true
        done
        exit 0
    fi
    [ "$attempt" = 2 ] || sleep 5
done
tail -n 5 "$log" >&2
give_up "apt-get could not install$missing (whole log: $log)" "${1:-}"
