#!/bin/sh
# Writes the ACL file from the mounted rules and passwords, and starts redis-server. The default user is off.
set -eu
umask 077
users=/run/redis/users.acl

hash() {
  tr -d '\r\n' < "/passwords/$1" | sha256sum | cut -d' ' -f1
}

{
  echo 'user default off resetkeys resetchannels -@all'
  echo "user admin on #$(hash admin) ~* &* +@all"
  echo "user probe on #$(hash probe) resetchannels %RW~probe:* -@all +ping +set"
  for rules in /etc/redis/users/*; do
    name=${rules##*/}
    echo "user $name on #$(hash "$name") $(cat "$rules")"
  done
} > "$users"

exec redis-server /etc/redis/redis.conf --maxmemory "$REDIS_MAXMEMORY" --aclfile "$users"
