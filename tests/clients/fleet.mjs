// Unmodified official clients, many in one process, driven over standard input and output, one JSON line each.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const { url, namespace, token, tokens, clients: count, event, field = "version", transports, keep } = JSON.parse(process.argv[2]);

const kept = (payload) => (keep ? Object.fromEntries(keep.map((name) => [name, payload?.[name]])) : payload);

const clients = Array.from({ length: count }, (_, index) => {
  const client = { token: tokens?.[index], versions: [], last: null, connects: 0, recovered: 0, lost: [], refused: [], others: [] };
  const socket = io(url + namespace, {
    auth: (answer) => answer({ token: client.token ?? token }), transports, forceNew: true, reconnectionDelay: 30, reconnectionDelayMax: 400,
  });
  client.socket = socket;
  client.connected = () => socket.connected;
  socket.on("connect", () => {
    client.connects += 1;
    if (client.connects > 1) socket.recovered ? (client.recovered += 1) : client.lost.push(client.versions.length);
  });
  socket.on("connect_error", (error) => {
    if (socket.active) return; // it tries again by itself
    client.refused.push(error.data?.code ?? error.message);
  });
  socket.onAny((name, payload) => {
    if (name === event) client.versions.push(payload[field]);
    else client.others.push([name, kept(payload)]);
    if (name === event || name === "snapshot") client.last = payload;
  });
  socket.on("disconnect", (reason) => client.others.push(["disconnect", reason]));
  return client;
});

const commands = {
  drop({ client }) {
    const { engine } = clients[client].socket.io;
    engine?.transport?.ws?.terminate?.();
  },
  report() {
    return clients.map(({ socket, token: _, ...rest }) => ({ ...rest, connected: socket.connected, recoveredNow: socket.recovered }));
  },
  counts() {
    return clients.map(({ socket, versions }) => [socket.connected, versions.length]);
  },
  last() {
    return clients.map(({ socket, last }) => [socket.connected, last]);
  },
  async ask({ client, name, payload }) {
    return clients[client].socket.timeout(5000).emitWithAck(name, payload);
  },
  token({ client, value }) {
    clients[client].token = value;
  },
  quit() {
    process.exit(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const answer = await Promise.resolve(commands[command.do](command)).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
