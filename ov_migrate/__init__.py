"""Rewrites programs from OpenVINO's Inference Engine Python API to API 2.0 and proves the result by running both."""

__version__ = "0.1.0"
