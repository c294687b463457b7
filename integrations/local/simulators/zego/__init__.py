"""A local simulator of ZEGO's cloud (即构) for development, demonstrations and tests.

It has the server API with real signatures, nonces and limits; rooms that users enter with a real token04; signed
callbacks with the real retry delays; and faults that tests inject. It carries no media.
"""
