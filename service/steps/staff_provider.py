"""An organization's own sign-in, as its admins set it up; its secret is written and never shown."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from models.domain.errors import InvalidInputError
from models.domain.identity import IdentityProvider
from models.domain.ids import Prefix, show
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.staff_doors import staff_actor
from service.steps.staff_sign_in import check_issuer

_LONGEST = 500


@dataclass(frozen=True, slots=True, repr=False)
class ProviderWanted:
    """A sign-in as typed; an empty secret keeps the one that is there."""

    issuer: str
    client_id: str
    client_secret: str
    promises_second_factor: bool


def look_at_provider(services: Services, organization_id: UUID) -> IdentityProvider | None:
    """Read an organization's own sign-in."""
    with services.unit_of_work() as work:
        return work.identity_providers.get(organization_id)


def set_provider(
    services: Services, by: Staff, organization_id: UUID, wanted: ProviderWanted
) -> None:
    """Keep an organization's own sign-in, once it answers; what another one opened ends.

    Raises:
        InvalidInputError: when something of it cannot be used, or nobody answers there.
    """
    kept = look_at_provider(services, organization_id)
    same = kept is not None and kept.issuer == wanted.issuer
    # A secret is sent to the issuer: to another one goes only what was typed for it.
    secret = wanted.client_secret or (kept.client_secret if kept and same else "")
    _check(wanted, secret)
    check_issuer(services, wanted.issuer)
    now = services.clock.now()
    with services.unit_of_work() as work:
        work.identity_providers.set(
            IdentityProvider(
                organization_id,
                wanted.issuer,
                wanted.client_id,
                secret,
                wanted.promises_second_factor,
                now,
            )
        )
        ended = 0 if same else work.staff_sessions.end_begun_by(organization_id)
        detail = {
            "sessions": ended,
            "issuer": wanted.issuer,
            "promises_second_factor": wanted.promises_second_factor,
            "secret_changed": bool(wanted.client_secret),
        }
        shown = show(Prefix.ORGANIZATION, organization_id)
        work.organizations.record_audit(staff_actor(by), "sign_in.set", shown, detail, now)


def remove_provider(services: Services, by: Staff, organization_id: UUID) -> None:
    """Forget an organization's own sign-in; the sessions that it began end."""
    with services.unit_of_work() as work:
        if work.identity_providers.remove(organization_id):
            ended = work.staff_sessions.end_begun_by(organization_id)
            work.organizations.record_audit(
                staff_actor(by),
                "sign_in.remove",
                show(Prefix.ORGANIZATION, organization_id),
                {"sessions": ended},
                services.clock.now(),
            )


def _check(wanted: ProviderWanted, secret: str) -> None:
    problems = {}
    if not _is_address(wanted.issuer):
        problems["issuer"] = [say("issuer_format")]
    if not wanted.client_id or len(wanted.client_id) > _LONGEST:
        problems["client_id"] = [say("client_empty")]
    if not secret or len(secret) > _LONGEST:
        problems["client_secret"] = [say("secret_empty")]
    if problems:
        raise InvalidInputError(problems)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = not parts.query and not parts.fragment and parts.username is None
    # The guard lets http through to this machine only, where it lets anything through to it.
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and plain and len(text) < 500
