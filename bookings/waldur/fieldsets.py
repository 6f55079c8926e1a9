"""Which fields are asked for, and when.

A full item costs a Waldur 7.0.7 server about 50 ms, 36 of them for `plans`; the light fields
cost 3 to 7 ms. So a list is loaded in groups. `attributes` is in no group: one stored schedule
without an end turns every list page that includes it into a 500. It is read with the single
offering only.
"""

LIGHT = (
    "url", "uuid", "created", "name", "slug", "description", "state", "type",
    "customer", "customer_uuid", "customer_name",
    "project", "project_uuid", "project_name",
    "category", "category_uuid", "category_title",
    "shared", "billable", "paused_reason", "is_accessible",
    "latitude", "longitude", "country", "googlecalendar",
)  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    "light": LIGHT,
    "partitions": ("partitions",),
    "plans": ("plans", "components", "billing_type_classification"),
    "software": ("software_catalogs", "tags"),
    "texts": (
        "full_description", "terms_of_service", "terms_of_service_link", "privacy_policy_link",
        "access_url", "native_name", "native_description", "vendor_details", "getting_started",
        "integration_guide", "datacite_doi", "citation_count", "rating", "order_count",
        "parent_uuid", "parent_name", "parent_description", "backend_id", "backend_metadata",
        "scope", "scope_uuid", "scope_name", "scope_state", "scope_error_message",
        "total_customers", "total_cost", "total_cost_estimated", "quotas",
    ),
    "access": (
        "endpoints", "roles", "organization_groups", "options", "resource_options",
        "plugin_options", "has_compliance_requirements", "compliance_checklist",
        "user_has_consent",
    ),
    "documents": ("files", "screenshots", "thumbnail", "image"),
}  # fmt: skip
"""Group name -> fields. Together with SINGLE_ONLY they are every field of an offering."""

SINGLE_ONLY = ("attributes",)

PROVIDER_ONLY = ("google_calendar_is_public", "google_calendar_link")
"""What `/api/marketplace-provider-offerings/` gives in place of `googlecalendar`."""

NEVER = frozenset({"secret_options", "service_attributes"})
"""Credentials of the service, in clear for an owner. They are never asked for."""


def asked_of(source: str, group: str) -> tuple[str, ...]:
    """The fields of `group` to ask of a list: "booking-offerings" or "provider-offerings".

    The uuid is always among them: it is what the groups are joined by.
    """
    fields = GROUPS[group]
    if source == "provider-offerings":
        fields = tuple(f for f in fields if f != "googlecalendar")
        if group == "light":
            fields += PROVIDER_ONLY
    return fields if "uuid" in fields else ("uuid", *fields)


def every_field(source: str, *, attributes: bool = True) -> tuple[str, ...]:
    """All fields of a single offering, named one by one so that no secret comes along."""
    fields = [f for group in GROUPS for f in asked_of(source, group)]
    if attributes:
        fields += SINGLE_ONLY
    return tuple(dict.fromkeys(fields))
