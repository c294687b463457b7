"""A network for media between browsers that tests can cut: every packet passes through a forwarder."""

import asyncio
from typing import Any

from playwright.async_api import BrowserContext

REROUTE = """
(() => {
  const CANDIDATE = /(candidate:\\S+ \\d+ udp \\d+) (\\S+) (\\d+)/gi;
  async function rerouted(text) {
    const found = [...text.matchAll(CANDIDATE)];
    for (const [whole, head, address, port] of found) {
      text = text.replace(whole, `${head} ${address} ${await window.forwarderPort(address, Number(port))}`);
    }
    return text;
  }
  const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addIceCandidate = async function (candidate) {
    if (!candidate?.candidate) return addIceCandidate.call(this, candidate);
    return addIceCandidate.call(this, { ...candidate, candidate: await rerouted(candidate.candidate) });
  };
  RTCPeerConnection.prototype.setRemoteDescription = async function ({ type, sdp }) {
    return setRemoteDescription.call(this, { type, sdp: await rerouted(sdp) });
  };
})();
"""
"""Replaces the ports of ICE candidates by those of the forwarder."""
DISCARD_PORT = 9


class MediaNetwork:
    """Carries media between the browser contexts that were attached to it."""

    def __init__(self) -> None:
        self.cut = False
        self.carried = 0
        self._forwarders: dict[tuple[str, int], asyncio.Future[int]] = {}
        self._transports: list[asyncio.DatagramTransport] = []

    async def attach(self, *contexts: BrowserContext) -> None:
        for context in contexts:
            await context.expose_function("forwarderPort", self.forwarder_port)
            await context.add_init_script(REROUTE)

    async def forwarder_port(self, address: str, port: int) -> int:
        """The port, at the same address, that forwards to the other browser."""
        if ":" in address:
            return DISCARD_PORT  # IPv4 is enough
        known = self._forwarders.get((address, port))
        if known is None:
            known = self._forwarders[(address, port)] = asyncio.get_running_loop().create_future()
            forwarder = await self.open(Forwarder(self, (address, port)), local_addr=(address, 0))
            known.set_result(int(forwarder.get_extra_info("sockname")[1]))
        return await known

    async def open(self, protocol: asyncio.DatagramProtocol, **where: Any) -> asyncio.DatagramTransport:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: protocol, **where)
        self._transports.append(transport)
        return transport

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


class Forwarder(asyncio.DatagramProtocol):
    """Forwards packets to one browser. Each sender has its own return path for the answers."""

    def __init__(self, network: MediaNetwork, target: tuple[str, int]) -> None:
        self._network = network
        self._target = target
        self._return_paths: dict[Any, asyncio.Task[asyncio.DatagramTransport]] = {}
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._network.cut:
            return
        self._network.carried += 1
        return_path = self._return_paths.get(addr)
        if return_path is None:
            opening = self._network.open(ReturnPath(self, addr), remote_addr=self._target)
            self._return_paths[addr] = asyncio.ensure_future(opening)
        elif return_path.done():
            return_path.result().sendto(data)  # packets that arrive earlier are lost, and are sent again

    def send_back(self, data: bytes, addr: Any) -> None:
        if not self._network.cut:
            self._transport.sendto(data, addr)


class ReturnPath(asyncio.DatagramProtocol):
    def __init__(self, forwarder: Forwarder, sender: Any) -> None:
        self._forwarder = forwarder
        self._sender = sender

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._forwarder.send_back(data, self._sender)
