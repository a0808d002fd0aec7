"""Free text -> canonical identifiers, for every platform that is described as data in `platforms/`.

Takes any text; gives identifiers with spans and strength, and the fees and counts that stand beside them.
Never opens a connection, never imports Django or another room, and never decides who somebody is.
"""

from .catalogue import Catalogue, CatalogueError, load_catalogue
from .engine import extract
from .model import Extraction, Found, Observation
from .outward import canonical_from, display, location

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Extraction",
    "Found",
    "Observation",
    "canonical_from",
    "display",
    "extract",
    "load_catalogue",
    "location",
]
