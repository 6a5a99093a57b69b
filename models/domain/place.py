"""Where a student is: a postal code as typed made normal, and the place it stands for."""

from dataclasses import dataclass

from models.domain.matching import PlacePrecision

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PostalCode:
    """A code in normal form: ``10940``, ``K1A0B1``, or ``K1A`` when only that much was given."""

    text: str
    country: str

    @property
    def shown(self) -> str:
        """The code as people write it, such as ``K1A 0B1``."""
        return f"{self.text[:3]} {self.text[3:]}" if len(self.text) == 6 else self.text


@dataclass(frozen=True, slots=True)
class Region:
    """A state, territory or province; ``military`` ones are postal regions without a land."""

    code: str
    name: str
    country: str
    military: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A point, or only a region when nothing better is known.

    ``xyz`` is the unit vector of the point; it, ``latitude`` and ``longitude`` (degrees) are None
    together, and then ``precision`` is ``state``: no distance may be shown.
    """

    latitude: float | None
    longitude: float | None
    xyz: Vector | None
    region: str | None
    country: str
    precision: PlacePrecision
