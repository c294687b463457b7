// The mesh: one media connection to every other participant, negotiated over the signaling connection.
//
// Each connection has three channels in a fixed order (microphone, camera, screen), so switching a device never needs a
// negotiation. The participant with the lower rank opens it, restarts ICE, and is the only one of the two who offers,
// so offers cannot collide. The other one requests a new connection when this one stays broken.
import { createStore } from "../../lib/store.js";
import { randomId } from "./signaling.js";

const CHANNELS = ["mic", "camera", "screen"];
/** @type {Record<string, string>} */
const KINDS = { mic: "audio", camera: "video", screen: "video" };
const PATIENCE_MS = 4_000;
const RESTART_AGAIN_MS = 8_000;
const POLITE_PATIENCE_MS = 15_000;
const MOST_RESTARTS = 2;
const REQUEST_AGAIN_MS = 2_000;
/**
 * How long a connection may be in a state before it is restarted.
 * @type {Partial<Record<RTCPeerConnectionState, number>>}
 */
const PATIENCE = { new: RESTART_AGAIN_MS, connecting: RESTART_AGAIN_MS, disconnected: PATIENCE_MS };

/** @typedef {{ state: RTCPeerConnectionState, streams: { camera: MediaStream, screen: MediaStream } }} Peer */

/** By participant id. */
export const peers = createStore(/** @type {Record<string, Peer>} */ ({}));

export class Mesh {
  /**
   * `send(event, payload)` relays to a participant, and may fail; `renewServers()` answers fresh ICE servers.
   * @param {{ send: (event: string, payload: object) => Promise<unknown>,
   *   renewServers: () => Promise<RTCIceServer[]> }} options
   */
  constructor({ send, renewServers }) {
    this.send = send;
    this.renewServers = renewServers;
    /** @type {RTCIceServer[]} */
    this.servers = [];
    /** @type {Record<string, MediaStreamTrack | null>} */
    this.tracks = { mic: null, camera: null, screen: null };
    /** @type {Map<string, Connection>} by participant id */
    this.connections = new Map();
    /** @type {Set<string>} ids of the participants in the room */
    this.present = new Set();
    /** @type {Map<string, number>} timers of requests for a new connection, by participant id */
    this.requested = new Map();
  }

  /**
   * Closes the connections to participants who left, and opens those to newcomers.
   * @param {Participant} you
   * @param {Participant[]} participants all who are in the room now
   * @typedef {{ participantId: string, rank: number, reconnecting: boolean }} Participant
   */
  meet(you, participants) {
    this.present = new Set(participants.map(({ participantId }) => participantId));
    for (const id of [...this.connections.keys()]) if (!this.present.has(id)) this.drop(id);
    for (const person of participants) {
      const id = person.participantId;
      if (id === you.participantId || person.reconnecting || this.connections.has(id)) continue;
      if (you.rank < person.rank) this.open(id);
    }
  }

  /**
   * After joining: all connections are opened anew, each by the participant who opens it.
   * @param {Participant} you
   * @param {Participant[]} participants
   */
  introduce(you, participants) {
    this.close();
    this.present = new Set(participants.map(({ participantId }) => participantId));
    for (const { participantId: id, rank, reconnecting } of participants) {
      if (id === you.participantId || reconnecting) continue;
      if (you.rank < rank) this.open(id);
      else this.request(id);
    }
  }

  /**
   * Asks the other one to open a connection, again and again until they do: they may be reconnecting.
   * @param {string} id
   */
  request(id) {
    clearTimeout(this.requested.get(id));
    this.relay("bye", { to: id, connId: "fresh", reason: "fresh" });
    const isMissing = () => this.present.has(id) && !this.connections.has(id);
    this.requested.set(id, setTimeout(() => { if (isMissing()) this.request(id); }, REQUEST_AGAIN_MS));
  }

  /**
   * Replaces a connection that restarts did not repair: the other side may have lost its half.
   * @param {Connection} connection
   */
  replace({ peerId, polite }) {
    if (!polite) return this.open(peerId);
    this.drop(peerId);
    return this.request(peerId);
  }

  /** @param {string} id */
  open(id) {
    this.drop(id);
    const connection = new Connection(this, id, randomId(), false);
    this.connections.set(id, connection);
    connection.offerChannels();
  }

  /** @param {string} id */
  drop(id) {
    this.connections.get(id)?.close();
    this.connections.delete(id);
    const { [id]: gone, ...others } = peers.get();
    if (gone) peers.set(others);
  }

  close() {
    this.present = new Set();
    for (const timer of this.requested.values()) clearTimeout(timer);
    for (const id of [...this.connections.keys()]) this.drop(id);
  }

  /** @param {Record<string, MediaStreamTrack | null>} tracks */
  use(tracks) {
    this.tracks = tracks;
    for (const connection of this.connections.values()) connection.use(tracks);
  }

  /**
   * Restarts what is not connected, after the signaling of this or the other participant was interrupted.
   * @param {string} [id] all without it
   */
  repair(id) {
    const all = id ? [this.connections.get(id)] : [...this.connections.values()];
    for (const connection of all) connection?.repair();
  }

  /**
   * @param {string} event
   * @param {any} payload
   */
  async receive(event, payload) {
    const id = payload.from;
    let connection = this.connections.get(id);
    if (event === "offer" && connection?.id !== payload.connId) {
      this.drop(id);
      connection = new Connection(this, id, payload.connId, true);
      this.connections.set(id, connection);
    }
    if (event === "bye") {
      this.drop(id);
      if (payload.reason === "fresh") this.open(id);
      return;
    }
    if (connection && connection.id === payload.connId) await connection.receive(event, payload);
  }

  /**
   * @param {string} event
   * @param {object} payload
   */
  relay(event, payload) {
    // It fails when one of the two is disconnected; the connection is repaired when they return.
    return this.send(event, payload).catch(() => undefined);
  }
}

class Connection {
  /**
   * @param {Mesh} mesh
   * @param {string} peerId
   * @param {string} id
   * @param {boolean} polite whether the other participant offers
   */
  constructor(mesh, peerId, id, polite) {
    this.mesh = mesh;
    this.peerId = peerId;
    this.id = id;
    this.polite = polite;
    /** @type {any[]} candidates that arrived before the description they belong to */
    this.early = [];
    this.queue = Promise.resolve();
    /** @type {number | undefined} */
    this.timer = undefined;
    this.startedAt = Date.now(); // the last time
    this.restarts = 0;
    this.streams = { camera: new MediaStream(), screen: new MediaStream() };
    this.pc = new RTCPeerConnection({ iceServers: mesh.servers, bundlePolicy: "max-bundle" });
    if (!polite) this.pc.onnegotiationneeded = () => this.offer();
    this.pc.onicecandidate = ({ candidate }) => this.sendCandidate(candidate);
    this.pc.ontrack = ({ transceiver, track }) => this.show(transceiver, track);
    this.pc.onconnectionstatechange = () => this.checkState();
    // An offer or its answer may be lost while one of the two is disconnected.
    this.checkState();
  }

  offerChannels() {
    for (const channel of CHANNELS) this.pc.addTransceiver(KINDS[channel], { direction: "sendrecv" });
    this.use(this.mesh.tracks);
  }

  /**
   * Sends these tracks, in the order of the channels.
   * @param {Record<string, MediaStreamTrack | null>} tracks
   */
  use(tracks) {
    this.pc.getTransceivers().forEach((transceiver, index) => {
      transceiver.sender.replaceTrack(tracks[CHANNELS[index]] ?? null).catch(() => undefined);
    });
  }

  async offer() {
    if (this.pc.signalingState === "closed") return;
    try {
      await this.pc.setLocalDescription();
      await this.sendDescription();
    } catch {
      this.checkState();
    }
  }

  sendDescription() {
    const { type, sdp } = /** @type {RTCSessionDescription} */ (this.pc.localDescription);
    return this.mesh.relay(type, { to: this.peerId, connId: this.id, sdp });
  }

  /** @param {RTCIceCandidate | null} candidate */
  sendCandidate(candidate) {
    this.mesh.relay("candidate", {
      to: this.peerId, connId: this.id, candidate: candidate?.candidate || null, sdpMid: candidate?.sdpMid,
      sdpMLineIndex: candidate?.sdpMLineIndex, usernameFragment: candidate?.usernameFragment,
    });
  }

  /**
   * One after the other: a candidate must not overtake the description before it.
   * @param {string} event
   * @param {any} payload
   */
  receive(event, payload) {
    const work = () => (event === "candidate" ? this.addCandidate(payload) : this.describe(event, payload));
    this.queue = this.queue.then(work).catch(() => this.checkState());
    return this.queue;
  }

  /** @param {string} type @param {{ sdp: string }} payload */
  async describe(type, { sdp }) {
    await this.pc.setRemoteDescription({ type: /** @type {RTCSdpType} */ (type), sdp });
    if (type === "offer") {
      for (const transceiver of this.pc.getTransceivers()) transceiver.direction = "sendrecv";
      this.use(this.mesh.tracks);
      await this.pc.setLocalDescription();
      await this.sendDescription();
    }
    for (const candidate of this.early.splice(0)) await this.addCandidate(candidate);
  }

  /** @param {any} payload */
  async addCandidate(payload) {
    if (!this.pc.remoteDescription) return void this.early.push(payload);
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = payload;
    return this.pc.addIceCandidate(candidate ? { candidate, sdpMid, sdpMLineIndex, usernameFragment } : null);
  }

  /** @param {RTCRtpTransceiver} transceiver @param {MediaStreamTrack} track */
  show(transceiver, track) {
    const channel = CHANNELS[this.pc.getTransceivers().indexOf(transceiver)];
    this.streams[channel === "screen" ? "screen" : "camera"].addTrack(track);
    this.publish();
  }

  checkState() {
    clearTimeout(this.timer);
    const state = this.pc.connectionState;
    if (state === "connected") this.restarts = 0;
    if (state === "failed") this.restart();
    // The polite side leaves the first attempts to the other.
    else if (PATIENCE[state]) this.repairIn(this.polite ? POLITE_PATIENCE_MS : PATIENCE[state]);
    this.publish();
  }

  /** @param {number | undefined} delayMs */
  repairIn(delayMs) {
    this.timer = setTimeout(() => this.repair(), delayMs);
  }

  repair() {
    if (!["connected", "closed"].includes(this.pc.connectionState)) this.restart();
  }

  async restart() {
    clearTimeout(this.timer);
    if (Date.now() - this.startedAt < PATIENCE_MS) return this.repairIn(PATIENCE_MS);
    this.startedAt = Date.now();
    this.restarts += 1;
    if (this.polite || this.restarts > MOST_RESTARTS) return void this.mesh.replace(this);
    const servers = await this.mesh.renewServers().catch(() => null);
    if (this.pc.signalingState === "closed") return undefined;
    if (servers) this.pc.setConfiguration({ iceServers: servers, bundlePolicy: "max-bundle" });
    // An offer without an answer, because one of the two was disconnected, would block a new one. The rollback fails
    // when the answer arrives right now, and then is not needed.
    if (this.pc.signalingState === "have-local-offer") {
      await this.pc.setLocalDescription({ type: "rollback" }).catch(() => undefined);
    }
    this.pc.restartIce();
    return this.repairIn(RESTART_AGAIN_MS);
  }

  publish() {
    const state = this.pc.connectionState;
    if (state === "closed") return; // the other side closed it, and may have opened another
    peers.patch({ [this.peerId]: { state, streams: this.streams } });
  }

  close() {
    clearTimeout(this.timer);
    this.pc.close();
  }
}
