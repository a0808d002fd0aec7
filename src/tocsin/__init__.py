"""Tocsin: the report management system of a child-protection hotline."""

__version__ = "0.1.0"
