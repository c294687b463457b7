"""Timing of the simulated people: they wait for the API, then act after random delays."""

import asyncio
from random import Random

import aiohttp


async def until_ready(http: aiohttp.ClientSession, api_url: str, poll_seconds: float) -> None:
    """Returns when the API reports that it is ready. Never raises while the API cannot be reached."""
    while True:
        try:
            async with http.get(f"{api_url}/health/ready") as response:
                if response.ok:
                    return
        except (aiohttp.ClientError, TimeoutError):
            pass  # not started yet
        await asyncio.sleep(poll_seconds)


def random_delay(rng: Random, mean_seconds: float, min_seconds: float, max_seconds: float, speed: float) -> float:
    """Exponentially distributed, bounded, and shorter by the factor `speed`."""
    return min(max(rng.expovariate(1 / mean_seconds), min_seconds), max_seconds) / speed
