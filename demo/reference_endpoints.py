"""What surrounds the offerings: Google credentials, categories, configuration, version."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from demo.data import World
from demo.links import BASE, link
from demo.providers import PROVIDERS, Provider
from demo.wire import Call, detail, not_found, paginate, parse_uuid

VERSION = "7.0.7+demo"


class ReferenceEndpoints:
    """`google-auth`, `marketplace-categories`, `configuration` and `version`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list_google_credentials(self, call: Call) -> Any:
        """The credentials of the viewer's providers, in clear; `field` is ignored (observed)."""
        rows = [provider for provider in PROVIDERS if call.viewer.may_provide(provider)]
        wanted = call.argument("has_credentials")
        if wanted:
            rows = [row for row in rows if row.has_row == (wanted.lower() == "true")]
        page, _, _ = paginate(call, rows)
        return [self._credentials_item(provider) for provider in page]

    async def retrieve_google_credentials(self, call: Call) -> Any:
        """The credentials of one provider."""
        return self._credentials_item(self._provider(call))

    async def authorize_google(self, call: Call) -> Any:
        """Where to grant access; here, unlike elsewhere, with a redirect address that works."""
        self._provider(call)
        return {"request_url": _google_address("/api/google-auth/callback/", call.base)}

    def _provider(self, call: Call) -> Provider:
        identifier = parse_uuid(call.request.path_params["uuid"], "ServiceProvider")
        for provider in PROVIDERS:
            if provider.service_provider_uuid == identifier and call.viewer.may_provide(provider):
                return provider
        raise not_found("ServiceProvider")

    def _credentials_item(self, provider: Provider) -> dict[str, Any]:
        identifier = provider.service_provider_uuid
        offerings = self._world.offerings.values()
        return {
            "url": link("marketplace-service-providers", identifier),
            "uuid": identifier,
            "created": "2024-02-05T08:00:00.000000Z",
            "description": "",
            "enable_notifications": True,
            "customer": link("customers", provider.uuid),
            "customer_name": provider.name,
            "customer_uuid": provider.uuid,
            "customer_abbreviation": provider.abbreviation,
            "customer_country": provider.country,
            "image": None,
            "organization_groups": [],
            "offering_count": sum(row.provider is provider for row in offerings),
            "calendar_token": provider.calendar_token,
            "calendar_refresh_token": provider.calendar_refresh_token,
            "google_auth_url": _google_address("/callback/", BASE),
        }

    async def list_categories(self, call: Call) -> Any:
        """All categories, for anybody who is signed in."""
        page, _, _ = paginate(call, self._world.categories())
        return [call.select(item) for item in page]

    async def retrieve_category(self, call: Call) -> Any:
        """One category."""
        identifier = parse_uuid(call.request.path_params["uuid"], "Category")
        for item in self._world.categories():
            if item["uuid"] == identifier:
                return call.select(item)
        raise not_found("Category")

    async def show_configuration(self, call: Call) -> Any:
        """What anybody may know about the server; needs no token."""
        return {
            "WALDUR_CORE": {
                "SITE_NAME": "Demo Waldur",
                "SITE_DESCRIPTION": "Bookable services of six invented organisations",
                "SITE_EMAIL": "",
                "HOMEPORT_URL": "https://portal.demo.invalid/",
                "CURRENCY_NAME": "EUR",
                "AUTHENTICATION_METHODS": ["LOCAL_SIGNIN"],
                "TRANSLATION_DOMAIN": "",
                "ENFORCE_LATIN_NAME": False,
            },
            "WALDUR_MARKETPLACE": {"ANONYMOUS_USER_CAN_VIEW_OFFERINGS": True},
            "FEATURES": {"marketplace": {"show_call_management_functionality": False}},
            "LANGUAGES": [["en", "English"], ["et", "Eesti"], ["de", "Deutsch"]],
            "LANGUAGE_CODE": "en",
            "USE_TZ": True,
        }

    async def show_version(self, call: Call) -> Any:
        """The server's version, for staff only."""
        if not call.viewer.is_staff:
            raise detail(403, "You do not have permission to perform this action.")
        return {"version": VERSION}


def _google_address(path: str, base: str) -> str:
    redirect = quote(base + path, safe="")
    return (
        "https://accounts.google.com/o/oauth2/auth?response_type=code&client_id=demo"
        f"&redirect_uri={redirect}&access_type=offline"
    )
