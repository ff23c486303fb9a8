#!/bin/sh
# Initializes the database cluster if there is none, sets the superuser's password from the Secret, and runs Postgres.
set -eu
umask 077
data=/data/postgres

if [ ! -s "$data/PG_VERSION" ]; then
  # Initialized in another directory and renamed: an interrupted start leaves no half-initialized cluster.
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

# Applies the password of the Secret at every start. In single-user mode, one line is one command.
password=$(tr -d '\r\n' < /passwords/postgres | sed "s/'/''/g")
printf '%s\n' "ALTER ROLE postgres PASSWORD '$password'" |
  postgres --single -c config_file=/etc/postgres/postgresql.conf postgres > /dev/null

# SIGTERM would wait for all clients to disconnect; SIGINT ends their sessions and shuts down cleanly.
postgres -c config_file=/etc/postgres/postgresql.conf \
  -c "max_connections=$POSTGRES_MAX_CONNECTIONS" -c "shared_buffers=$POSTGRES_SHARED_BUFFERS" &
server=$!
trap 'kill -INT "$server"' TERM INT
status=0
wait "$server" || status=$?
# A signal interrupts `wait` before the server has exited.
while kill -0 "$server" 2> /dev/null; do
  status=0
  wait "$server" || status=$?
done
exit "$status"
