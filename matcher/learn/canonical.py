"""Makes a skops file depend on nothing but the estimator in it.

skops names objects after their memory addresses and stamps its archive with the time, so that the
same estimator gives other bytes each time. Here addresses are renumbered in order of appearance
and the archive is packed again with a fixed date.
"""

import io
import json
import zipfile
from typing import Any

import skops.io
from skops.io import get_untrusted_types

# What our estimators are made of beyond skops's own trusted list; reading refuses anything else.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)

_DATE = (1980, 1, 1, 0, 0, 0)


def dump(estimator: Any) -> bytes:
    """Write an estimator; the same one always gives the same bytes."""
    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator)))
    schema = json.loads(source.read("schema.json"))
    numbers: dict[int, int] = {}
    names: dict[str, str] = {}
    _renumber(schema, numbers, names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for old, new in sorted(names.items(), key=lambda pair: pair[1]):
            archive.writestr(zipfile.ZipInfo(new, _DATE), source.read(old), zipfile.ZIP_DEFLATED)
        text = json.dumps(schema, indent=1, sort_keys=True)
        archive.writestr(zipfile.ZipInfo("schema.json", _DATE), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def load(data: bytes) -> Any:
    """Read an estimator back.

    Raises:
        TypeError: when the file holds a type that is not on our list.
    """
    return skops.io.loads(data, trusted=list(TRUSTED))


def untrusted_types(data: bytes) -> list[str]:
    """Types in the file that neither skops nor we trust."""
    return sorted(set(get_untrusted_types(data=data)) - set(TRUSTED))


def _renumber(node: Any, numbers: dict[int, int], names: dict[str, str]) -> None:
    if isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if isinstance(node.get("file"), str):
            old = node["file"]
            suffix = old.partition(".")[2]
            node["file"] = names.setdefault(old, f"{len(names):06d}.{suffix}")
        for value in node.values():
            _renumber(value, numbers, names)
    elif isinstance(node, list):
        for value in node:
            _renumber(value, numbers, names)
