#!/bin/sh
# live: the server replies at all. A restart would not help a full disk, full memory, or data that is still loading.
# ready: the server accepts a write, or rejects it only for lack of memory: consumers must connect to free some.
set -u
REDISCLI_AUTH=$(cat /passwords/probe)
export REDISCLI_AUTH REDISCLI_HISTFILE=/dev/null

ask() {
  redis-cli --no-auth-warning --user probe -h 127.0.0.1 "$@" 2>&1
}

case "$1" in
  live)
    answer=$(ask PING)
    case "$answer" in
      '' | 'Could not connect'* | 'Error: '*) echo "no answer: $answer"; exit 1 ;;
    esac
    ;;
  ready)
    answer=$(ask SET "probe:$HOSTNAME" 1 EX 60)
    case "$answer" in
      OK | OOM*) ;;
      *) echo "takes no write: $answer"; exit 1 ;;
    esac
    ;;
esac
