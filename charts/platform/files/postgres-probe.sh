#!/bin/sh
# live: the server replies, even while it starts. ready: it accepts and confirms a write.
set -u
case "$1" in
  live)
    pg_isready --host /run/postgres --timeout 3
    [ $? -ne 2 ]
    ;;
  ready)
    psql --host /run/postgres --username postgres --dbname postgres --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 << SQL
SET statement_timeout = '4s';
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS probe (id integer PRIMARY KEY, at timestamptz NOT NULL);
INSERT INTO probe VALUES (1, clock_timestamp()) ON CONFLICT (id) DO UPDATE SET at = excluded.at;
SQL
    ;;
esac
