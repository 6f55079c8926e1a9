"""Software catalogues installed on a cluster."""

from __future__ import annotations

from random import Random
from typing import Any

from demo.links import fresh_uuid, named_uuid

_CATALOGS = (
    ("EESSI", "2023.06", "European Environment for Scientific Software Installations", 1327),
    ("EESSI", "2025.06", "", 1684),
    ("Spack", "0.23", "Packages built for this cluster", 412),
    ("Site modules", "2026a", "Licensed software, on request", 88),
)
_CPU_TARGETS: tuple[tuple[list[str], list[str]], ...] = (
    (["x86_64"], ["generic", "zen3"]),
    (["x86_64", "aarch64"], ["generic", "zen4", "neoverse_v1"]),
    (["aarch64"], ["nvidia/grace"]),
    ([], []),
)


def software_catalogs(rng: Random, partitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One to three catalogues; some belong to one partition, the others to the whole cluster."""
    items = []
    for name, version, description, packages in rng.sample(_CATALOGS, rng.randint(1, 3)):
        families, targets = rng.choice(_CPU_TARGETS)
        bound = rng.choice(partitions) if partitions and rng.random() < 0.4 else None
        items.append(
            {
                "uuid": fresh_uuid(rng),
                "catalog": {
                    "uuid": named_uuid("catalog", name, version),
                    "name": name,
                    "version": version,
                    "description": description,
                },
                "enabled_cpu_family": families,
                "enabled_cpu_microarchitectures": targets,
                "package_count": packages + rng.randint(-40, 60),
                "partition": bound
                and {key: bound[key] for key in ("uuid", "partition_name", "priority_tier", "qos")},
            }
        )
    return items
