#!/bin/sh
# live: the server answers anything at all; a full disk or memory, or data being loaded, is nothing that a restart would cure.
# ready: it takes a write, or refuses it for want of memory alone: those who would make room have to reach it.
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
