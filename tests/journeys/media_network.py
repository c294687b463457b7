"""A network for media between browsers that can be cut: every packet goes by way of a forwarder of ours, or nowhere."""

import asyncio
from typing import Any

from playwright.async_api import BrowserContext

REROUTE = """
(() => {
  const CANDIDATE = /(candidate:\\S+ \\d+ udp \\d+) (\\S+) (\\d+)/gi;
  async function rerouted(text) {
    const found = [...text.matchAll(CANDIDATE)];
    for (const [whole, head, address, port] of found) {
      text = text.replace(whole, `${head} ${address} ${await window.wayTo(address, Number(port))}`);
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
"""What a browser learns of the other's addresses leads to the forwarder."""
NOWHERE = 9


class MediaNetwork:
    """Carries media between the contexts that were put on it."""

    def __init__(self) -> None:
        self.cut = False
        self.carried = 0
        self._ways: dict[tuple[str, int], asyncio.Future[int]] = {}
        self._transports: list[asyncio.DatagramTransport] = []

    async def put_on(self, *contexts: BrowserContext) -> None:
        for context in contexts:
            await context.expose_function("wayTo", self.way_to)
            await context.add_init_script(REROUTE)

    async def way_to(self, address: str, port: int) -> int:
        """The port, at the same address, behind which the other browser is reached."""
        if ":" in address:
            return NOWHERE  # one family is enough
        known = self._ways.get((address, port))
        if known is None:
            known = self._ways[(address, port)] = asyncio.get_running_loop().create_future()
            entrance = await self.open(Entrance(self, (address, port)), local_addr=(address, 0))
            known.set_result(int(entrance.get_extra_info("sockname")[1]))
        return await known

    async def open(self, protocol: asyncio.DatagramProtocol, **where: Any) -> asyncio.DatagramTransport:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: protocol, **where)
        self._transports.append(transport)
        return transport

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


class Entrance(asyncio.DatagramProtocol):
    """Takes packets for one browser. Each sender has an exit of its own, so that answers find their way back."""

    def __init__(self, network: MediaNetwork, target: tuple[str, int]) -> None:
        self._network = network
        self._target = target
        self._exits: dict[Any, asyncio.Task[asyncio.DatagramTransport]] = {}
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._network.cut:
            return
        self._network.carried += 1
        way_out = self._exits.get(addr)
        if way_out is None:
            opening = self._network.open(Exit(self, addr), remote_addr=self._target)
            self._exits[addr] = asyncio.ensure_future(opening)
        elif way_out.done():
            way_out.result().sendto(data)  # what comes before it is open is sent again, as on any network

    def answer(self, data: bytes, addr: Any) -> None:
        if not self._network.cut:
            self._transport.sendto(data, addr)


class Exit(asyncio.DatagramProtocol):
    def __init__(self, entrance: Entrance, sender: Any) -> None:
        self._entrance = entrance
        self._sender = sender

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._entrance.answer(data, self._sender)
