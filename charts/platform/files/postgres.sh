#!/bin/sh
# Makes the cluster where there is none, sets the superuser's password to the mounted one, and runs the server.
set -eu
umask 077
data=/data/postgres

if [ ! -s "$data/PG_VERSION" ]; then
  # Made beside its place and moved there whole: an interrupted start leaves nothing that looks finished.
  rm -rf "$data.new"
  initdb --pgdata "$data.new" --username postgres --auth scram-sha-256 --pwfile /passwords/postgres \
    --encoding UTF8 --locale C --data-checksums
  mv "$data.new" "$data"
fi

have=$(cat "$data/PG_VERSION")
program=$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
if [ "$have" != "$program" ]; then
  message="the data is of Postgres $have, the image holds $program: dump with the old image and restore with the new one"
  echo "$message" >&2
  echo "$message" > /dev/termination-log
  exit 78
fi

# The password in the Secret counts, also after it was changed there. One line is one command in single-user mode.
password=$(tr -d '\r\n' < /passwords/postgres | sed "s/'/''/g")
printf '%s\n' "ALTER ROLE postgres PASSWORD '$password'" |
  postgres --single -c config_file=/etc/postgres/postgresql.conf postgres > /dev/null

# SIGTERM would wait for every client to leave; SIGINT ends their sessions and closes the data.
postgres -c config_file=/etc/postgres/postgresql.conf \
  -c "max_connections=$POSTGRES_MAX_CONNECTIONS" -c "shared_buffers=$POSTGRES_SHARED_BUFFERS" &
server=$!
trap 'kill -INT "$server"' TERM INT
status=0
wait "$server" || status=$?
# A signal ends the wait before the server has ended.
while kill -0 "$server" 2> /dev/null; do
  status=0
  wait "$server" || status=$?
done
exit "$status"
