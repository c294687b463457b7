#!/bin/sh
# Writes the settings to a file, because every process of the host can read a command line. The entry point of the
# image then drops root and starts the server.
set -eu
umask 077
cat > /tmp/redis.conf <<SETTINGS
requirepass ${REDISCLI_AUTH:?}
dir /data
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
SETTINGS
chown redis:redis /tmp/redis.conf
exec docker-entrypoint.sh redis-server /tmp/redis.conf
