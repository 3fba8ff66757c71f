//! What `deploy` of a service may hold.

use super::{Object, STRINGS, Ty};

/// `deployment placement preferences item`.
static DEPLOYMENT_PLACEMENT_PREFERENCES_ITEM: Object =
    Object { keys: &[("spread", Ty::Text)], required: &[], extensions: true };

/// `deployment placement`.
static DEPLOYMENT_PLACEMENT: Object = Object {
    keys: &[
        ("constraints", Ty::List(&Ty::Text, false)),
        ("max_replicas_per_node", Ty::Any(&[Ty::Int, Ty::Text])),
        ("preferences", Ty::List(&Ty::Object(&DEPLOYMENT_PLACEMENT_PREFERENCES_ITEM), false)),
    ],
    required: &[],
    extensions: true,
};

/// `deployment resources limits`.
static DEPLOYMENT_RESOURCES_LIMITS: Object = Object {
    keys: &[("cpus", Ty::Any(&[Ty::Number, Ty::Text])), ("memory", Ty::Text), ("pids", Ty::Any(&[Ty::Int, Ty::Text]))],
    required: &[],
    extensions: true,
};

/// `devices item`.
static DEVICES_ITEM: Object = Object {
    keys: &[
        ("capabilities", STRINGS),
        ("count", Ty::Any(&[Ty::Text, Ty::Int])),
        ("device_ids", STRINGS),
        ("driver", Ty::Text),
        ("options", Ty::Pairs),
    ],
    required: &["capabilities"],
    extensions: true,
};

/// `generic resources item discrete resource spec`.
static GENERIC_RESOURCES_ITEM_DISCRETE_RESOURCE_SPEC: Object = Object {
    keys: &[("kind", Ty::Text), ("value", Ty::Any(&[Ty::Number, Ty::Text]))],
    required: &[],
    extensions: true,
};

/// `generic resources item`.
static GENERIC_RESOURCES_ITEM: Object = Object {
    keys: &[("discrete_resource_spec", Ty::Object(&GENERIC_RESOURCES_ITEM_DISCRETE_RESOURCE_SPEC))],
    required: &[],
    extensions: true,
};

/// `deployment resources reservations`.
static DEPLOYMENT_RESOURCES_RESERVATIONS: Object = Object {
    keys: &[
        ("cpus", Ty::Any(&[Ty::Number, Ty::Text])),
        ("devices", Ty::List(&Ty::Object(&DEVICES_ITEM), false)),
        ("generic_resources", Ty::List(&Ty::Object(&GENERIC_RESOURCES_ITEM), false)),
        ("memory", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `deployment resources`.
static DEPLOYMENT_RESOURCES: Object = Object {
    keys: &[
        ("limits", Ty::Object(&DEPLOYMENT_RESOURCES_LIMITS)),
        ("reservations", Ty::Object(&DEPLOYMENT_RESOURCES_RESERVATIONS)),
    ],
    required: &[],
    extensions: true,
};

/// `deployment restart policy`.
static DEPLOYMENT_RESTART_POLICY: Object = Object {
    keys: &[
        ("condition", Ty::Text),
        ("delay", Ty::Text),
        ("max_attempts", Ty::Any(&[Ty::Int, Ty::Text])),
        ("window", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `deployment rollback config`.
static DEPLOYMENT_ROLLBACK_CONFIG: Object = Object {
    keys: &[
        ("delay", Ty::Text),
        ("failure_action", Ty::Text),
        ("max_failure_ratio", Ty::Any(&[Ty::Number, Ty::Text])),
        ("monitor", Ty::Text),
        ("order", Ty::Word(&["start-first", "stop-first"])),
        ("parallelism", Ty::Any(&[Ty::Int, Ty::Text])),
    ],
    required: &[],
    extensions: true,
};

/// `deployment update config`.
static DEPLOYMENT_UPDATE_CONFIG: Object = Object {
    keys: &[
        ("delay", Ty::Text),
        ("failure_action", Ty::Text),
        ("max_failure_ratio", Ty::Any(&[Ty::Number, Ty::Text])),
        ("monitor", Ty::Text),
        ("order", Ty::Word(&["start-first", "stop-first"])),
        ("parallelism", Ty::Any(&[Ty::Int, Ty::Text])),
    ],
    required: &[],
    extensions: true,
};

/// `deployment`.
pub(super) static DEPLOYMENT: Object = Object {
    keys: &[
        ("endpoint_mode", Ty::Text),
        ("labels", Ty::Pairs),
        ("mode", Ty::Text),
        ("placement", Ty::Object(&DEPLOYMENT_PLACEMENT)),
        ("replicas", Ty::Any(&[Ty::Int, Ty::Text])),
        ("resources", Ty::Object(&DEPLOYMENT_RESOURCES)),
        ("restart_policy", Ty::Object(&DEPLOYMENT_RESTART_POLICY)),
        ("rollback_config", Ty::Object(&DEPLOYMENT_ROLLBACK_CONFIG)),
        ("update_config", Ty::Object(&DEPLOYMENT_UPDATE_CONFIG)),
    ],
    required: &[],
    extensions: true,
};
