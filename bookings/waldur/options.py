"""The nested settings of an offering as values: its forms and what its plugin allows.

`Offering` keeps `options`, `resource_options` and `plugin_options` as they came, since anybody
may have stored anything in them. What fits is read here; what does not is shown raw.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from bookings.waldur.models import ByKey, Many, Money, Record, Text, Whole


class CascadeStep(Record):
    """One list of a chain of lists, where each choice narrows the next."""

    name: Text = ""
    label: Text = ""
    type: str | None = None
    depends_on: str | None = None
    choices: Any = None
    choices_map: Any = None


class CascadeConfig(Record):
    """A chain of lists, first to last."""

    steps: Many[CascadeStep] = ()


class ComponentMultiplierConfig(Record):
    """An option whose number, times `factor`, becomes a component's limit."""

    component_type: str | None = None
    factor: Whole | None = None
    min_limit: Whole | None = None
    max_limit: Whole | None = None


class StorageDataType(Record):
    """A kind of data that a storage folder may hold."""

    key: Text = ""
    label: Text = ""


class StorageFolderConfig(Record):
    """How the folders of a storage are sized and opened."""

    component_type: str | None = None
    default_hard_quota_multiplier: Money | None = None
    inode_soft_multiplier: Whole | None = None
    inode_hard_multiplier: Whole | None = None
    storage_data_types: Many[StorageDataType] = ()
    default_permission: str | None = None


class K8sDefaultConfiguration(Record):
    """Sizes that a Kubernetes cluster starts from."""

    default_controller_vcpus: Whole | None = None
    default_controller_ram_gb: Whole | None = None
    default_controller_system_disk_gb: Whole | None = None
    default_controller_etcd_disk_gb: Whole | None = None
    default_lb_vcpus: Whole | None = None
    default_lb_ram_gb: Whole | None = None
    default_lb_system_disk_gb: Whole | None = None
    default_lb_logs_disk_gb: Whole | None = None
    minimal_worker_vcpus: Whole | None = None
    minimal_worker_ram_gb: Whole | None = None
    default_worker_data_disk_gb: Whole | None = None
    default_storage_data_disk_gb: Whole | None = None
    default_storage_san_disk_gb: Whole | None = None
    available_kubernetes_versions: str | None = None


class OptionValidator(Record):
    """A comparison with another field of the form: gt, gte, lt or lte."""

    type: str | None = None
    target_field: str | None = None


class OptionField(Record):
    """One question of the order form."""

    type: str | None = None
    label: Text = ""
    help_text: Text = ""
    required: bool | None = None
    choices: Many[str] = ()
    default: Any = None
    min: Money | None = None
    max: Money | None = None
    cascade_config: CascadeConfig | None = None
    component_multiplier_config: ComponentMultiplierConfig | None = None
    storage_folder_config: StorageFolderConfig | None = None
    default_configs: K8sDefaultConfiguration | None = None
    validators: Many[OptionValidator] = ()


class OfferingOptions(Record):
    """The questions of an order or resource form; `order` names them in sequence."""

    order: Many[str] = ()
    options: ByKey[OptionField] = Field(default_factory=dict)


class PluginOptions(Record):
    """What the offering's plugin allows and assumes. None means that the server does not say."""

    auto_approve_remote_orders: bool | None = None
    resource_expiration_threshold: Whole | None = None
    service_provider_can_create_offering_user: bool | None = None
    max_resource_termination_offset_in_days: Whole | None = None
    default_resource_termination_offset_in_days: Whole | None = None
    is_resource_termination_date_required: bool | None = None
    latest_date_for_resource_termination: str | None = None
    auto_approve_in_service_provider_projects: bool | None = None
    disable_autoapprove: bool | None = None
    supports_downscaling: bool | None = None
    supports_pausing: bool | None = None
    minimal_team_count_for_provisioning: Whole | None = None
    maximal_resource_count_per_project: Whole | None = None
    unique_resource_per_attribute: str | None = None
    required_team_role_for_provisioning: str | None = None
    enable_purchase_order_upload: bool | None = None
    require_purchase_order_upload: bool | None = None
    conceal_billing_data: bool | None = None
    create_orders_on_resource_option_change: bool | None = None
    can_restore_resource: bool | None = None
    default_internal_network_mtu: Whole | None = None
    max_instances: Whole | None = None
    max_volumes: Whole | None = None
    max_security_groups: Whole | None = None
    storage_mode: str | None = None
    snapshot_size_limit_gb: Whole | None = None
    heappe_cluster_id: str | None = None
    heappe_local_base_path: str | None = None
    heappe_url: str | None = None
    heappe_username: str | None = None
    homedir_prefix: str | None = None
    scratch_project_directory: str | None = None
    project_permanent_directory: str | None = None
    initial_primarygroup_number: Whole | None = None
    initial_uidnumber: Whole | None = None
    initial_usergroup_number: Whole | None = None
    username_anonymized_prefix: str | None = None
    username_generation_policy: str | None = None
    enable_issues_for_membership_changes: bool | None = None
    deployment_mode: str | None = None
    flavors_regex: str | None = None
    openstack_offering_uuid_list: Many[str] = ()
    managed_rancher_server_flavor_name: str | None = None
    managed_rancher_server_system_volume_size_gb: Whole | None = None
    managed_rancher_server_system_volume_type_name: str | None = None
    managed_rancher_server_data_volume_size_gb: Whole | None = None
    managed_rancher_server_data_volume_type_name: str | None = None
    managed_rancher_worker_system_volume_size_gb: Whole | None = None
    managed_rancher_worker_system_volume_type_name: str | None = None
    managed_rancher_load_balancer_flavor_name: str | None = None
    managed_rancher_load_balancer_system_volume_size_gb: Whole | None = None
    managed_rancher_load_balancer_system_volume_type_name: str | None = None
    managed_rancher_load_balancer_data_volume_size_gb: Whole | None = None
    managed_rancher_load_balancer_data_volume_type_name: str | None = None
    managed_rancher_tenant_max_cpu: Whole | None = None
    managed_rancher_tenant_max_ram: Whole | None = None
    managed_rancher_tenant_max_disk: Whole | None = None
    account_name_generation_policy: str | None = None
    enable_display_of_order_actions_for_service_provider: bool | None = None
    slurm_periodic_policy_enabled: bool | None = None
    auto_approve_marketplace_script: bool | None = None
    highlight_backend_id_display: bool | None = None
    backend_id_display_label: str | None = None


Settings = TypeVar("Settings", bound=Record)


def read_options(value: Any) -> OfferingOptions | None:
    """`options` or `resource_options` of an offering, or None for what does not fit."""
    return _read(OfferingOptions, value)


def read_plugin_options(value: Any) -> PluginOptions | None:
    """`plugin_options` of an offering, or None for what does not fit."""
    return _read(PluginOptions, value)


def _read(model: type[Settings], value: Any) -> Settings | None:
    if not isinstance(value, Mapping):
        return None
    try:
        return model.model_validate(value)
    except ValidationError:
        return None
