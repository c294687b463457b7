#!/bin/bash
# Writes the key file, by which members of a replica set authenticate each other, from an environment variable, because
# all secrets come from the environment. The entry point of the image then creates the root user and starts mongod.
set -euo pipefail
umask 077
printf '%s' "${MONGODB_REPLICA_KEY:?}" > /tmp/replica.key
chown mongodb:mongodb /tmp/replica.key
chmod 0400 /tmp/replica.key
unset MONGODB_REPLICA_KEY
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/replica.key --bind_ip_all
