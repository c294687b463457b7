// Node's socket.io as it comes out of the box, driven by the same commands as the Python servers (control.py).
"use strict";

const { createServer } = require("node:http");
const readline = require("node:readline");
const { Server } = require("socket.io");

const EVENT = "tick";
const PAYLOAD = {
  id: "64f0c2a9e1d4b8a7c6f5e4d3",
  contractId: "64f0c2a9e1d4b8a7c6f5e4d4",
  contractNumber: "HT-2024-000123",
  from: "signing",
  to: "signed",
  customerName: "Customer Name",
  workerName: "Worker Name",
  actor: "staff-0001",
  version: 12,
  at: "2024-06-01T08:00:00.000Z",
};

const http = createServer();
const bench = new Server(http, { connectTimeout: 60000 }).of("/bench");
bench.on("connection", (socket) => socket.join("everybody"));
http.listen({ port: 0, host: "127.0.0.1", backlog: 8192 }, () => console.log(http.address().port));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function emit(rounds, burst, pause) {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < burst; i++) bench.to("everybody").emit(EVENT, PAYLOAD);
    await sleep(pause);
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [command, ...figures] = line.split(" ");
  if (command === "emit") emit(...figures.map(Number));
  if (command === "cpu") {
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1e6);
  }
  if (command === "rss") console.log(process.memoryUsage().rss / 1024);
}).on("close", () => process.exit(0));
