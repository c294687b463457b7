#!/bin/sh
# Writes the settings to a file, because every process of the host can read a command line, and starts the relay.
set -eu
umask 077
{
  cat <<SETTINGS
use-auth-secret
static-auth-secret=${TURN_SECRET:?set TURN_SECRET}
realm=${TURN_REALM:-homecare}
listening-port=3478
min-port=${TURN_MIN_PORT:-49160}
max-port=${TURN_MAX_PORT:-49359}
fingerprint
stale-nonce=600
user-quota=12
total-quota=${TURN_MAX_RELAYS:-400}
no-cli
no-tls
no-dtls
no-tcp-relay
no-multicast-peers
no-rfc5780
no-stun-backward-compatibility
pidfile=/tmp/turnserver.pid
userdb=/tmp/turndb
log-file=stdout
simple-log
SETTINGS
  # While the secret is rotated, credentials of the former one are accepted for their last hour.
  if [ -n "${TURN_PREVIOUS_SECRET:-}" ]; then echo "static-auth-secret=$TURN_PREVIOUS_SECRET"; fi
  # Behind NAT: the public address.
  if [ -n "${TURN_EXTERNAL_IP:-}" ]; then echo "external-ip=$TURN_EXTERNAL_IP"; fi
  # A caller must not reach the machines behind the relay: the stores, the app processes, a cloud's metadata service.
  for range in 0.0.0.0-0.255.255.255 10.0.0.0-10.255.255.255 100.64.0.0-100.127.255.255 127.0.0.0-127.255.255.255 \
    169.254.0.0-169.254.255.255 172.16.0.0-172.31.255.255 192.0.0.0-192.0.0.255 192.168.0.0-192.168.255.255 \
    198.18.0.0-198.19.255.255 240.0.0.0-255.255.255.255 \
    ::-::1 64:ff9b::-64:ff9b::ffff:ffff fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
    fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff; do
    echo "denied-peer-ip=$range"
  done
} > /tmp/turnserver.conf
exec turnserver -n -c /tmp/turnserver.conf
