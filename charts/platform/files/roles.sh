#!/bin/sh
# Creates or updates the database, schemas, roles and passwords of the release. A repeated run changes only what
# differs.
set -eu
password() {
  tr -d '\r\n' < "/passwords/$1"
}
PGPASSWORD=$(password admin)
export PGPASSWORD PGHOST PGUSER="$POSTGRES_ADMIN" PGCONNECT_TIMEOUT=5 PGAPPNAME=platform-roles
export PSQL_HISTORY=/dev/null

end() {
  echo "$2" >&2
  echo "$1: $2" > /dev/termination-log
  exit 1
}

waited=0
until answer=$(psql --no-psqlrc --quiet --dbname postgres --command 'SELECT 1' 2>&1); do
  [ "$waited" -ge "$WAIT_SECONDS" ] && end PostgresUnreachable "no answer from Postgres for $waited s: $answer"
  echo "waiting for Postgres ($waited s): $answer"
  sleep 2
  waited=$((waited + 2))
done

run() {
  psql --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 "$@" || end RolesFailed "see this job's log"
}

# Passed in the environment, because other processes can read a command line.
while read -r role; do
  ROLE=$role PASSWORD=$(password "$role") run --dbname postgres --file /scripts/role.sql < /dev/null
done < /scripts/roles
run --dbname postgres --set "database=$DATABASE" --file /scripts/database.sql
while read -r schema; do
  run --dbname "$DATABASE" --set "schema=$schema" --file /scripts/schema.sql < /dev/null
done < /scripts/schemas
run --dbname "$DATABASE" --file /scripts/health.sql
echo 'roles, passwords, database and schemas are up to date'
