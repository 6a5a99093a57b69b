"""Ed25519 signatures (RFC 8032), checked slowly and without any library.

Dispute packs check themselves with it, where there is nothing but Python; here
``models.proof.signing`` does the same a hundred times faster.
"""

import hashlib

_Point = tuple[int, int, int, int]
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P


def is_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check an Ed25519 signature (RFC 8032, section 5.1.7), slowly and without any library."""
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or a is None or r is None or s >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    right = _add(r, _times(int.from_bytes(digest, "little") % _L, a))
    left = _times(s, _B)
    return all((left[i] * right[2] - right[i] * left[2]) % _P == 0 for i in (0, 1))


def _point(encoded: bytes) -> _Point | None:
    """Read a point of the curve; None where there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(encoded) != 32 or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return (x, y, 1, x * y % _P)


def _add(p: _Point, q: _Point) -> _Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(n: int, p: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while n:
        total = _add(total, p) if n & 1 else total
        p, n = _add(p, p), n >> 1
    return total


_B = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)
