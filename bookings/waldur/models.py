"""What the server says, as values. Tolerant: every field may be missing.

A field that the server did not send is absent from `model_fields_set`; one it sent as null is
None, or empty where the field is a text or a list. Unknown fields are kept in `model_extra`.
Enum values are plain text, so that a value this product does not know is shown as it came.
Prices are Decimal whether they came as a number or as a decimal string. Field names are
Waldur's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from bookings.waldur.fieldsets import NEVER
from bookings.waldur.protocol import normal_uuid


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a truth value is not a number")
    return value


def _modest(value: Decimal) -> Decimal:
    if value and abs(value.adjusted()) > LARGEST_EXPONENT:
        raise ValueError("the number is beyond any amount")
    return value


def _text(value: Any) -> Any:
    return "" if value is None else value


def _many(value: Any) -> Any:
    return () if value is None else value


def _by_key(value: Any) -> Any:
    return {} if value is None else value


def _flag(value: Any) -> Any:
    return False if value is None else value


def _uuid(value: Any) -> Any:
    return normal_uuid(value) or value


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is beyond the calendar") from None


LARGEST_EXPONENT = 60
"""Of a Decimal. The server keeps 22 digits; a price of 1E+999999 would be a megabyte of text."""
REASON_PLACE_LIMIT = 120

Member = TypeVar("Member")
Money = Annotated[Decimal, BeforeValidator(_number), AfterValidator(_modest)]
"""An amount of the server's currency, which the item does not name."""
Whole = Annotated[int, BeforeValidator(_number), Field(ge=-(2**63), lt=2**63)]
"""What fits a column of 64 bits; the server stores no more."""
Degrees = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Uuid = Annotated[str | None, BeforeValidator(_uuid)]
"""In the server's own spelling, or as it came where it is none."""
Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""Always with a zone, so that any two can be compared; one without is UTC."""
Many = Annotated[tuple[Member, ...], BeforeValidator(_many)]
ByKey = Annotated[dict[str, Member], BeforeValidator(_by_key)]
ByType = ByKey[Money | None]
"""Amounts by component type."""


class Record(BaseModel):
    """A JSON object of the server: immutable, unknown keys kept."""

    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True)


class GoogleCalendar(Record):
    """The Google calendar of an offering; `http_link` is set only while it is public."""

    backend_id: str | None = None
    public: bool | None = None
    http_link: str | None = None


class Endpoint(Record):
    """An address where the service is used."""

    uuid: Uuid = None
    name: Text = ""
    url: Text = ""


class Role(Record):
    """A role a user can have in the offering (gone from releases after 8.0.7)."""

    uuid: Uuid = None
    name: Text = ""
    url: Text = ""


class OrganizationGroup(Record):
    """A group of organisations that an offering or a plan is limited to."""

    uuid: Uuid = None
    url: Text = ""
    name: Text = ""
    parent_uuid: Uuid = None
    parent_name: Text = ""
    parent: str | None = None
    customers_count: Whole | None = None
    type: str | None = None
    type_name: str | None = None


class Tag(Record):
    """A label set on an offering."""

    uuid: Uuid = None
    name: Text = ""


class Quota(Record):
    """A counted resource of the offering's scope."""

    name: Text = ""
    usage: Whole | None = None
    limit: Whole | None = None


class OfferingFile(Record):
    """A document attached to an offering."""

    name: Text = ""
    created: Moment | None = None
    file: Text = ""


class Screenshot(Record):
    """A picture of an offering."""

    uuid: Uuid = None
    name: Text = ""
    description: Text = ""
    image: Text = ""
    thumbnail: str | None = None
    created: Moment | None = None


class Partition(Record):
    """Limits of one SLURM partition as recorded in Waldur, which does not enforce them.

    Memory is in MB, `default_time` and `max_time` in minutes, `grace_time` in seconds,
    `cpu_bind` is SLURM's bit mask. None means that no limit is recorded, not "unlimited". A
    limit that cannot be read costs neither the partition nor the offering: it is None, and
    stands in `unread` as it came.
    """

    uuid: Uuid = None
    partition_name: Text = ""
    cpu_bind: Whole | None = None
    def_cpu_per_gpu: Whole | None = None
    max_cpus_per_node: Whole | None = None
    max_cpus_per_socket: Whole | None = None
    def_mem_per_cpu: Whole | None = None
    def_mem_per_gpu: Whole | None = None
    def_mem_per_node: Whole | None = None
    max_mem_per_cpu: Whole | None = None
    max_mem_per_node: Whole | None = None
    default_time: Whole | None = None
    max_time: Whole | None = None
    grace_time: Whole | None = None
    max_nodes: Whole | None = None
    min_nodes: Whole | None = None
    exclusive_topo: bool | None = None
    exclusive_user: bool | None = None
    priority_tier: Whole | None = None
    qos: str | None = None
    req_resv: bool | None = None
    cpu_arch: str | None = None
    gpu_arch: str | None = None
    qos_options: Any = None
    _unread: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def unread(self) -> Mapping[str, Any]:
        """Limits that were sent but cannot be read, by field, as they came."""
        return self._unread

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_fits(cls, value: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return read(value)
        except ValidationError as error:
            if not isinstance(value, Mapping):
                raise
            misfits = {str(each["loc"][0]) for each in error.errors(include_url=False)}
            found = read({key: kept for key, kept in value.items() if key not in misfits})
            found._unread = {field: value[field] for field in sorted(misfits)}
            return found


class SoftwareCatalog(Record):
    """A catalogue of software that the offering provides, perhaps in one partition only."""

    uuid: Uuid = None
    catalog: Any = None
    enabled_cpu_family: Any = None
    enabled_cpu_microarchitectures: Any = None
    package_count: Whole | None = None
    partition: Any = None


class PlanComponent(Record):
    """What one component costs in one plan. `discount_rate` is per cent."""

    type: Text = ""
    name: Text = ""
    measured_unit: Text = ""
    amount: Whole | None = None
    price: Money | None = None
    future_price: Money | None = None
    discount_threshold: Whole | None = None
    discount_rate: Whole | None = None


class Plan(Record):
    """A price list. `prices`, `future_prices` and `quotas` are by component type.

    A future price replaces the price at the start of the next month.
    """

    url: Text = ""
    uuid: Uuid = None
    name: Text = ""
    description: Text = ""
    article_code: Text = ""
    max_amount: Whole | None = None
    archived: bool | None = None
    is_active: bool | None = None
    unit_price: Money | None = None
    unit: Text = ""
    init_price: Money | None = None
    switch_price: Money | None = None
    backend_id: Text = ""
    organization_groups: Many[OrganizationGroup] = ()
    components: Many[PlanComponent] = ()
    prices: ByType = Field(default_factory=dict)
    future_prices: ByType = Field(default_factory=dict)
    quotas: ByType = Field(default_factory=dict)
    resources_count: Whole | None = None
    plan_type: str | None = None
    minimal_price: Money | None = None


class OfferingComponent(Record):
    """Something the offering counts and may bill. `billing_type`: fixed, usage, limit, one, few."""

    uuid: Uuid = None
    billing_type: Text = ""
    type: Text = ""
    name: Text = ""
    description: Text = ""
    measured_unit: Text = ""
    unit_factor: Whole | None = None
    limit_period: str | None = None
    limit_amount: Whole | None = None
    article_code: Text = ""
    max_value: Whole | None = None
    min_value: Whole | None = None
    max_available_limit: Whole | None = None
    is_boolean: bool | None = None
    default_limit: Whole | None = None
    factor: Whole | None = None
    is_builtin: bool | None = None
    is_prepaid: bool | None = None
    overage_component: Uuid = None
    min_prepaid_duration: Whole | None = None
    max_prepaid_duration: Whole | None = None


class Offering(Record):
    """A bookable service. A list item may hold any part of it, see fieldsets."""

    uuid: str
    url: Text = ""
    created: Moment | None = None
    name: Text = ""
    slug: Text = ""
    description: Text = ""
    full_description: Text = ""
    terms_of_service: Text = ""
    terms_of_service_link: Text = ""
    privacy_policy_link: Text = ""
    access_url: Text = ""
    endpoints: Many[Endpoint] = ()
    software_catalogs: Many[SoftwareCatalog] = ()
    partitions: Many[Partition] = ()
    roles: Many[Role] = ()
    customer: str | None = None
    customer_uuid: Uuid = None
    customer_name: str | None = None
    project: str | None = None
    project_uuid: Uuid = None
    project_name: str | None = None
    category: str | None = None
    category_uuid: Uuid = None
    category_title: Text = ""
    rating: Whole | None = None
    attributes: Any = None
    options: Any = None
    resource_options: Any = None
    components: Many[OfferingComponent] = ()
    plugin_options: Any = None
    state: Text = ""
    native_name: Text = ""
    native_description: Text = ""
    vendor_details: Text = ""
    getting_started: Text = ""
    integration_guide: Text = ""
    thumbnail: str | None = None
    order_count: Whole | None = None
    plans: Many[Plan] = ()
    screenshots: Many[Screenshot] = ()
    type: Text = ""
    shared: bool | None = None
    billable: bool | None = None
    scope: str | None = None
    scope_uuid: Uuid = None
    scope_name: str | None = None
    scope_state: str | None = None
    scope_error_message: str | None = None
    files: Many[OfferingFile] = ()
    quotas: Many[Quota] = ()
    paused_reason: Text = ""
    datacite_doi: Text = ""
    citation_count: Whole | None = None
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    country: Text = ""
    backend_id: Text = ""
    organization_groups: Many[OrganizationGroup] = ()
    tags: Many[Tag] = ()
    image: str | None = None
    total_customers: Whole | None = None
    total_cost: Money | None = None
    total_cost_estimated: Money | None = None
    parent_description: str | None = None
    parent_uuid: Uuid = None
    parent_name: str | None = None
    backend_metadata: Any = None
    has_compliance_requirements: bool | None = None
    billing_type_classification: str | None = None
    compliance_checklist: str | None = None
    user_has_consent: bool | None = None
    is_accessible: bool | None = None
    googlecalendar: GoogleCalendar | None = None
    google_calendar_is_public: bool | None = None
    google_calendar_link: str | None = None


class Permission(Record):
    """One role of a person, such as CUSTOMER.OWNER of an organisation."""

    role_name: Text = ""
    scope_type: Text = ""
    scope_uuid: Uuid = None
    scope_name: Text = ""


class Person(Record):
    """Who is signed in. `is_staff` and `is_support` are absent for people who are neither."""

    # `users/me` answers with the token in clear: unknown keys are dropped here, not kept.
    model_config = ConfigDict(extra="ignore", frozen=True)

    uuid: str
    username: Text = ""
    full_name: Text = ""
    email: Text = ""
    is_staff: Flag = False
    is_support: Flag = False
    permissions: Many[Permission] = ()

    @property
    def shown_name(self) -> str:
        """Full name, or the username where no full name is set."""
        return self.full_name or self.username

    @property
    def named(self) -> str:
        """Username, or the full name where the server gives no username; for the record."""
        return self.username or self.full_name


class Slot(Record):
    """A stretch of time that is booked."""

    start: Moment | None = None
    end: Moment | None = None
    backend_id: str | None = None
    created_by_full_name: Text = ""
    """In an offering's list of taken times: who booked it, for people of their organisation, or
    "google calendar" for a busy time of its calendar."""


class Booking(Record):
    """A booking of an offering. `state`: Creating (waits for an answer), OK, Erred, …"""

    uuid: str
    name: Text = ""
    state: Text = ""
    offering_uuid: Uuid = None
    offering_name: Text = ""
    customer_name: Text = ""
    project_name: Text = ""
    created: Moment | None = None
    modified: Moment | None = None
    created_by_full_name: Text = ""
    created_by_username: Text = ""
    description: Text = ""
    slots: Many[Slot] = ()


class GoogleCredentials(Record):
    """Whether a provider's calendars have a Google account behind them. It holds no token."""

    # What the server sends along with these fields are tokens in clear.
    model_config = ConfigDict(extra="ignore", frozen=True)

    uuid: str
    """Of the service provider, which is what the account is connected to."""
    customer_uuid: Uuid = None
    customer_name: Text = ""
    offering_count: Whole | None = None
    connected: bool | None = None
    """None where the server does not tell."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of a list that could not be read, and why. Unknown uuid or name: ""."""

    uuid: str
    name: str
    reason: str


Item = TypeVar("Item", bound=Record)


def read_item(model: type[Item], item: Any) -> Item | Unreadable:
    """One list item as a value. An item that does not fit costs only itself.

    The uuid is brought to the server's own spelling, so that items join whatever the dashes.
    """
    if not isinstance(item, Mapping):
        return Unreadable("", "", f"The item is {type(item).__name__}, not an object.")
    fields = {key: value for key, value in item.items() if key not in NEVER}
    uuid = normal_uuid(fields.get("uuid"))
    if "uuid" in model.model_fields:
        if uuid is None:
            return Unreadable("", _name(fields), "It has no usable uuid.")
        fields["uuid"] = uuid
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        return Unreadable(uuid or "", _name(fields), reason_of(error))


def read_items(model: type[Item], items: Iterable[Any]) -> tuple[list[Item], list[Unreadable]]:
    """The readable items and the unreadable ones, each in the order they came."""
    good: list[Item] = []
    bad: list[Unreadable] = []
    for item in items:
        read = read_item(model, item)
        if isinstance(read, Unreadable):
            bad.append(read)
        else:
            good.append(read)
    return good, bad


def reason_of(error: ValidationError) -> str:
    """The first misfit as a sentence. It names the field and the rule, not the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])[:REASON_PLACE_LIMIT] or "item"
    # Pydantic names the Python class that it wants.
    message = "Input should be an object" if first["type"] == "model_type" else first["msg"]
    return f"Field {place}: {message}."


def _name(fields: Mapping[str, Any]) -> str:
    name = fields.get("name")
    return name if isinstance(name, str) else ""
