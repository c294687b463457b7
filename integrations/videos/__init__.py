"""Conversion of videos that nobody can trust, by ffmpeg in a process with limits."""
