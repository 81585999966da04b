"""Frames to SVG: one file per chart, each with the sentence it supports and the numbers behind it."""
