#!/bin/bash
# Members of a replica set prove who they are with a key file; it is made of an environment variable, because secrets
# of this installation come from nowhere else. The image's own entry point then makes the root user and starts mongod.
set -euo pipefail
umask 077
printf '%s' "${MONGODB_REPLICA_KEY:?}" > /tmp/replica.key
chown mongodb:mongodb /tmp/replica.key
chmod 0400 /tmp/replica.key
unset MONGODB_REPLICA_KEY
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/replica.key --bind_ip_all
