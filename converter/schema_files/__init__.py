"""Field types that a user declares: a mapping, a data view or `fields.yml`, one module for each format.

The format is told by content, never by the file's name. What a file says of a field counts as it stands there;
where files or indices contradict each other, nothing is chosen: the field is refused by name.
"""

from .declared import NOTHING_DECLARED, DeclaredTypes
from .reading import read_schema_files

__all__ = ["NOTHING_DECLARED", "DeclaredTypes", "read_schema_files"]
