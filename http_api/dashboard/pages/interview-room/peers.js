// The mesh: one media connection to every other person in the room, negotiated over the signaling.
//
// Each connection has three channels in a fixed order (microphone, camera, screen), so switching a device never needs a
// negotiation. The person with the lower rank begins, restarts ICE, and is the only one of the two who ever offers: offers
// cannot meet. The other one asks for a new connection when this one stays broken.
import { createStore } from "../../lib/store.js";
import { randomId } from "./signaling.js";

const CHANNELS = ["mic", "camera", "screen"];
const KINDS = { mic: "audio", camera: "video", screen: "video" };
const PATIENCE_MS = 4_000;
const RESTART_AGAIN_MS = 8_000;
const POLITE_PATIENCE_MS = 15_000;
const MOST_RESTARTS = 2;
const ASK_AGAIN_MS = 2_000;
/** How long a connection may be so before it is tried anew. */
const PATIENCE = { new: RESTART_AGAIN_MS, connecting: RESTART_AGAIN_MS, disconnected: PATIENCE_MS };

/** participantId -> { state, streams: { camera, screen } }. */
export const peers = createStore({});

export class Mesh {
  /** `send(event, payload)` relays, and may fail; `renewServers()` answers fresh ICE servers. */
  constructor({ send, renewServers }) {
    this.send = send;
    this.renewServers = renewServers;
    this.servers = [];
    this.tracks = { mic: null, camera: null, screen: null };
    this.you = null;
    this.connections = new Map();
    this.here = new Set();
    this.asked = new Map(); // participantId -> timer
  }

  /** Everybody who is here now: connections to those who left are closed, to newcomers they are opened. */
  meet(you, participants) {
    this.you = you;
    this.here = new Set(participants.map(({ participantId }) => participantId));
    for (const id of [...this.connections.keys()]) if (!this.here.has(id)) this.part(id);
    for (const person of participants) {
      const id = person.participantId;
      if (id === you.participantId || person.reconnecting || this.connections.has(id)) continue;
      if (you.rank < person.rank) this.begin(id);
    }
  }

  /** We have just joined, whatever went before: all connections are made anew, by whoever begins. */
  introduce(you, participants) {
    this.close();
    this.you = you;
    this.here = new Set(participants.map(({ participantId }) => participantId));
    for (const { participantId: id, rank, reconnecting } of participants) {
      if (id === you.participantId || reconnecting) continue;
      if (you.rank < rank) this.begin(id);
      else this.ask(id);
    }
  }

  /** To begin; and again, until they have: they may be away right now. */
  ask(id) {
    clearTimeout(this.asked.get(id));
    this.relay("bye", { to: id, connId: "fresh", reason: "fresh" });
    this.asked.set(id, setTimeout(() => this.here.has(id) && !this.connections.has(id) && this.ask(id), ASK_AGAIN_MS));
  }

  /** What cannot be mended is made anew: the other one may have lost its half of the connection. */
  anew({ peerId, polite }) {
    if (!polite) return this.begin(peerId);
    this.part(peerId);
    return this.ask(peerId);
  }

  begin(id) {
    this.part(id);
    const connection = new Connection(this, id, randomId(), false);
    this.connections.set(id, connection);
    connection.offerChannels();
  }

  part(id) {
    this.connections.get(id)?.close();
    this.connections.delete(id);
    const { [id]: gone, ...others } = peers.get();
    if (gone) peers.set(others);
  }

  close() {
    this.here = new Set();
    for (const timer of this.asked.values()) clearTimeout(timer);
    for (const id of [...this.connections.keys()]) this.part(id);
  }

  use(tracks) {
    this.tracks = tracks;
    for (const connection of this.connections.values()) connection.use(tracks);
  }

  /** Our signaling was away, or theirs: whatever does not flow is restarted. */
  mend(id) {
    const all = id ? [this.connections.get(id)].filter(Boolean) : [...this.connections.values()];
    for (const connection of all) connection.mend();
  }

  async heard(event, payload) {
    const id = payload.from;
    let connection = this.connections.get(id);
    if (event === "offer" && connection?.id !== payload.connId) {
      this.part(id);
      connection = new Connection(this, id, payload.connId, true);
      this.connections.set(id, connection);
    }
    if (event === "bye") {
      this.part(id);
      if (payload.reason === "fresh") this.begin(id);
      return;
    }
    if (connection?.id === payload.connId) await connection.heard(event, payload);
  }

  relay(event, payload) {
    // Not there right now: when they return, or we do, the connection is mended.
    return this.send(event, payload).catch(() => undefined);
  }
}

class Connection {
  constructor(mesh, peerId, id, polite) {
    this.mesh = mesh;
    this.peerId = peerId;
    this.id = id;
    this.polite = polite;
    this.early = []; // candidates that came before the description they belong to
    this.turn = Promise.resolve();
    this.timer = null;
    this.startedAt = Date.now(); // for the last time
    this.restarts = 0;
    this.streams = { camera: new MediaStream(), screen: new MediaStream() };
    this.pc = new RTCPeerConnection({ iceServers: mesh.servers, bundlePolicy: "max-bundle" });
    if (!polite) this.pc.onnegotiationneeded = () => this.offer();
    this.pc.onicecandidate = ({ candidate }) => this.tellCandidate(candidate);
    this.pc.ontrack = ({ transceiver, track }) => this.show(transceiver, track);
    this.pc.onconnectionstatechange = () => this.judge();
    // An offer or its answer may be lost while one of the two is away.
    this.judge();
  }

  offerChannels() {
    for (const channel of CHANNELS) this.pc.addTransceiver(KINDS[channel], { direction: "sendrecv" });
    this.use(this.mesh.tracks);
  }

  /** In the order in which whoever began made them. */
  use(tracks) {
    this.pc.getTransceivers().forEach((transceiver, index) => {
      transceiver.sender.replaceTrack(tracks[CHANNELS[index]] ?? null).catch(() => undefined);
    });
  }

  async offer() {
    if (this.pc.signalingState === "closed") return;
    try {
      await this.pc.setLocalDescription();
      await this.tellDescription();
    } catch {
      this.judge();
    }
  }

  tellDescription() {
    const { type, sdp } = this.pc.localDescription;
    return this.mesh.relay(type, { to: this.peerId, connId: this.id, sdp });
  }

  tellCandidate(candidate) {
    const { candidate: text, sdpMid, sdpMLineIndex, usernameFragment } = candidate ?? { candidate: null };
    this.mesh.relay("candidate", { to: this.peerId, connId: this.id, candidate: text || null, sdpMid, sdpMLineIndex, usernameFragment });
  }

  /** One after the other: a candidate must not overtake the description before it. */
  heard(event, payload) {
    this.turn = this.turn.then(() => (event === "candidate" ? this.addCandidate(payload) : this.describe(event, payload)))
      .catch(() => this.judge());
    return this.turn;
  }

  async describe(type, { sdp }) {
    await this.pc.setRemoteDescription({ type, sdp });
    if (type === "offer") {
      for (const transceiver of this.pc.getTransceivers()) transceiver.direction = "sendrecv";
      this.use(this.mesh.tracks);
      await this.pc.setLocalDescription();
      await this.tellDescription();
    }
    for (const candidate of this.early.splice(0)) await this.addCandidate(candidate);
  }

  async addCandidate(payload) {
    if (!this.pc.remoteDescription) return void this.early.push(payload);
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = payload;
    await this.pc.addIceCandidate(candidate ? { candidate, sdpMid, sdpMLineIndex, usernameFragment } : null);
  }

  show(transceiver, track) {
    const channel = CHANNELS[this.pc.getTransceivers().indexOf(transceiver)];
    this.streams[channel === "screen" ? "screen" : "camera"].addTrack(track);
    this.tell();
  }

  judge() {
    clearTimeout(this.timer);
    const state = this.pc.connectionState;
    if (state === "connected") this.restarts = 0;
    if (state === "failed") this.restart();
    // The polite one leaves the first tries to the other.
    else if (PATIENCE[state]) this.timer = setTimeout(() => this.mend(), this.polite ? POLITE_PATIENCE_MS : PATIENCE[state]);
    this.tell();
  }

  mend() {
    if (!["connected", "closed"].includes(this.pc.connectionState)) this.restart();
  }

  async restart() {
    clearTimeout(this.timer);
    if (Date.now() - this.startedAt < PATIENCE_MS) return void (this.timer = setTimeout(() => this.mend(), PATIENCE_MS));
    this.startedAt = Date.now();
    this.restarts += 1;
    if (this.polite || this.restarts > MOST_RESTARTS) return void this.mesh.anew(this);
    const servers = await this.mesh.renewServers().catch(() => null);
    if (this.pc.signalingState === "closed") return;
    if (servers) this.pc.setConfiguration({ iceServers: servers, bundlePolicy: "max-bundle" });
    // An offer that got no answer, because one of the two was away, would stand in the way of a new one.
    // Should the answer come in this very moment, there is nothing to take back.
    if (this.pc.signalingState === "have-local-offer") await this.pc.setLocalDescription({ type: "rollback" }).catch(() => undefined);
    this.pc.restartIce();
    this.timer = setTimeout(() => this.mend(), RESTART_AGAIN_MS);
  }

  tell() {
    const state = this.pc.connectionState;
    if (state === "closed") return; // the other one has parted from us, and may have begun anew
    peers.patch({ [this.peerId]: { state, streams: this.streams } });
  }

  close() {
    clearTimeout(this.timer);
    this.pc.close();
  }
}
