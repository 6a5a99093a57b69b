"""Coming in by an organization's own sign-in: OpenID Connect Core 1.0, authorization code flow.

With PKCE (RFC 7636), state and nonce, each made for one try and kept in the visitor's session. An
id token opens a room only when all of it is right: signed by a key of the issuer, for us, now, for
this try, of an address that the issuer has verified and the organization has invited, and with a
second factor. Its session opens that organization's rooms and no others.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

from models.domain.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from models.domain.identity import IdentityProvider, SignedIn, has_second_factor
from models.domain.ids import Prefix, read, show
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff, StaffStatus
from service.said import say
from service.services import Services
from service.steps.staff_doors import Beginning, Caller, Inside, let_in, staff_actor

# Symmetric ones would let whoever knows our secret sign; "none" signs nothing.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_LEEWAY = 60


class SignInError(ForbiddenError):
    """The sign-in's answer opens nothing; the reason is a word for the log, without a person."""


@dataclass(frozen=True, slots=True, repr=False)
class Try:
    """What belongs to one try, kept where only the visitor's own session has it."""

    organization: str
    state: str
    nonce: str
    verifier: str

    def as_dict(self) -> dict[str, str]:
        """Write it down."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a sign-in is, as it says itself."""

    authorization: str
    token: str
    keys: str


def begin_sign_in(services: Services, organization_id: UUID) -> tuple[str, Try]:
    """Make a try: the address to send the browser to, and what to keep until it comes back.

    Raises:
        NotFoundError: when the organization has no sign-in of its own.
        UnavailableError: when it does not answer.
    """
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415 - rarely used
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    provider = _provider(services, organization_id)
    addresses = discover(services, provider.issuer)
    made = Try(
        show(Prefix.ORGANIZATION, organization_id), *(secrets.token_urlsafe(32) for _ in range(3))
    )
    address = prepare_grant_uri(
        addresses.authorization,
        provider.client_id,
        "code",
        redirect_uri=_way_back(services, organization_id),
        scope="openid email",
        state=made.state,
        nonce=made.nonce,
        code_challenge=create_s256_code_challenge(made.verifier),
        code_challenge_method="S256",
    )
    return address, made


def finish_sign_in(
    services: Services, made: Try, answered: Mapping[str, str], caller: Caller
) -> Inside:
    """Come in by what the browser brought back.

    Args:
        services: the outside.
        made: the try that this browser began; it is used up, whatever comes of it.
        answered: the query that the browser came back with.
        caller: where it comes from.

    Raises:
        SignInError: when anything of it is not right.
        NotFoundError: when the organization has no sign-in of its own any more.
        UnavailableError: when the sign-in does not answer.
    """
    organization_id = read(Prefix.ORGANIZATION, made.organization)
    provider = _provider(services, organization_id)
    # As bytes: texts with other letters than ASCII's cannot be compared so.
    if not secrets.compare_digest(answered.get("state", "").encode(), made.state.encode()):
        raise SignInError("state")
    if answered.get("iss", provider.issuer) != provider.issuer or "code" not in answered:
        raise SignInError("answer")
    signed = _redeem(services, provider, made, answered["code"])
    if not has_second_factor(signed.methods, promised=provider.promises_second_factor):
        raise SignInError("second_factor")
    with services.unit_of_work() as work:
        staff = _invited(work, organization_id, signed)
        now = services.clock.now()
        if staff.status is StaffStatus.INVITED:
            # Who was shut out and invited again has an old password, and shall set a new one.
            work.accounts.forget_lock(staff.id)
            work.staff.set_status(staff.id, StaffStatus.ACTIVE)
        detail = {"organization": made.organization}
        work.organizations.record_audit(
            staff_actor(staff), "staff.sign_in", show(Prefix.STAFF, staff.id), detail, now
        )
        return let_in(services, work, staff, caller, Beginning({}, organization_id))


def discover(services: Services, issuer: str) -> Addresses:
    """Ask a sign-in where its parts are.

    Raises:
        UnavailableError: when it does not answer as one.
    """
    found = _json(services.identity.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    parts = [found.get(name) for name in names]
    if found.get("issuer") != issuer or not all(isinstance(part, str) for part in parts):
        raise UnavailableError("the sign-in")
    if urlsplit(str(parts[0])).scheme != urlsplit(issuer).scheme:
        raise UnavailableError("the sign-in")
    return Addresses(*map(str, parts))


def check_issuer(services: Services, issuer: str) -> None:
    """Refuse an address that does not answer as a sign-in.

    Raises:
        InvalidInputError: saying what to do.
    """
    try:
        discover(services, issuer)
    except UnavailableError as error:
        raise InvalidInputError({"issuer": [say("issuer_unknown")]}) from error


def _provider(services: Services, organization_id: UUID) -> IdentityProvider:
    with services.unit_of_work() as work:
        found = work.identity_providers.get(organization_id)
    if found is None:
        raise NotFoundError("there is no such sign-in")
    return found


def _redeem(services: Services, provider: IdentityProvider, made: Try, code: str) -> SignedIn:
    addresses = discover(services, provider.issuer)
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _way_back(services, provider.organization_id),
        "code_verifier": made.verifier,
    }
    authorization = f"Basic {b64encode(pair.encode()).decode()}"
    try:
        answer = _json(services.identity.post(addresses.token, form, authorization))
    except UnavailableError as error:
        raise SignInError("code") from error
    keys = _json(services.identity.get(addresses.keys))
    return _read_token(services, provider, made.nonce, answer.get("id_token"), keys)


def _read_token(
    services: Services, provider: IdentityProvider, nonce: str, token: object, keys: dict[str, Any]
) -> SignedIn:
    from joserfc import jwt  # noqa: PLC0415 - rarely used
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    registry = jwt.JWTClaimsRegistry(
        now=int(services.clock.now().timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        email={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        key_set = KeySet.import_key_set(cast("Any", keys))
        claims = jwt.decode(str(token), key_set, algorithms=_ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SignInError("token") from error
    # Of several audiences the one it was made for is named.
    many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if many else provider.client_id) != provider.client_id:
        raise SignInError("audience")
    subject, email = str(claims["sub"]), str(claims["email"])
    if not (subject.isprintable() and email.isprintable()):
        raise SignInError("token")
    if claims.get("email_verified") is not True:
        raise SignInError("email")
    methods = claims.get("amr")
    used = frozenset(map(str, methods)) if isinstance(methods, list) else frozenset()
    return SignedIn(subject, email, used)


def _invited(work: UnitOfWork, organization_id: UUID, signed: SignedIn) -> Staff:
    staff = work.staff.with_email(signed.email)
    if staff is None or staff.status is StaffStatus.DISABLED:
        raise SignInError("nobody")
    if work.accounts.role_of(staff.id, organization_id) is None:
        raise SignInError("nobody")
    if not work.accounts.bind_subject(staff.id, organization_id, signed.subject):
        raise SignInError("somebody_else")
    return staff


def _way_back(services: Services, organization_id: UUID) -> str:
    shown = show(Prefix.ORGANIZATION, organization_id)
    return f"{services.public_url}/staff/login/with/{shown}/back"


def _json(document: bytes) -> dict[str, Any]:
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise UnavailableError("the sign-in") from error
    if not isinstance(found, dict):
        raise UnavailableError("the sign-in")
    return found
