"""Conversion of untrusted videos, by ffmpeg in a process with limits."""
