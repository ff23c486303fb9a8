#!/bin/sh
# live: the server answers, even if only that it is starting. ready: it takes a write and confirms it.
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
