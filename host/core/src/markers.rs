//! vCluster's labels and annotations: what says that a physical object is the copy of a virtual one.

use crate::object::Pairs;

/// What all of vCluster's keys begin with.
pub const PREFIX: &str = "vcluster.loft.sh/";

/// Label on a copy: the virtual cluster that manages it.
pub const MANAGED_BY: &str = "vcluster.loft.sh/managed-by";
/// Label on a copy of a namespaced object: its virtual namespace.
pub const NAMESPACE: &str = "vcluster.loft.sh/namespace";
/// Label or annotation on either side: who takes care of the object instead. The ignore label.
pub const CONTROLLED_BY: &str = "vcluster.loft.sh/controlled-by";
/// Annotation on a copy: name of the virtual object.
pub const OBJECT_NAME: &str = "vcluster.loft.sh/object-name";
/// Annotation on a copy: namespace of the virtual object.
pub const OBJECT_NAMESPACE: &str = "vcluster.loft.sh/object-namespace";
/// Annotation on a copy: uid of the virtual object.
pub const OBJECT_UID: &str = "vcluster.loft.sh/object-uid";
/// Annotation on a copy: kind of both, as `<group>/<version>, Kind=<kind>`.
pub const OBJECT_KIND: &str = "vcluster.loft.sh/object-kind";
/// Annotation on a copy: its own name, so that a copy of the copy is told apart.
pub const HOST_NAME: &str = "vcluster.loft.sh/object-host-name";
/// Annotation on a copy: its own namespace.
pub const HOST_NAMESPACE: &str = "vcluster.loft.sh/object-host-namespace";
/// Annotation on a copy: the keys of the virtual object's annotations, sorted, a line each.
pub const MANAGED_ANNOTATIONS: &str = "vcluster.loft.sh/managed-annotations";
/// Annotation on a copy: the same for labels; only vCluster's node copies carry it.
pub const MANAGED_LABELS: &str = "vcluster.loft.sh/managed-labels";
/// Annotation on a virtual copy: that it was brought up. `true`, as vCluster has it.
pub const IMPORTED: &str = "vcluster.loft.sh/object-imported";
/// Annotation on a copy: plugin and syncer that keep it, as `plugin/syncer`. Not vCluster's.
pub const SYNCER: &str = "vcluster.loft.sh/object-syncer";
/// Annotation on both halves: the finalizers that came from the other side, a line each. Not vCluster's.
pub const SYNCED_FINALIZERS: &str = "vcluster.loft.sh/synced-finalizers";

/// Annotations by which somebody wishes something of vCluster: to copy an object that nothing names, to leave what was
/// brought up alone. They are anybody's to write.
pub const WISHES: [&str; 2] = ["vcluster.loft.sh/force-sync", "vcluster.loft.sh/skip-backsync"];

/// Annotations that only the runtime writes.
pub const SYSTEM_ANNOTATIONS: [&str; 11] = [
    OBJECT_NAME,
    OBJECT_NAMESPACE,
    OBJECT_UID,
    OBJECT_KIND,
    HOST_NAME,
    HOST_NAMESPACE,
    MANAGED_ANNOTATIONS,
    MANAGED_LABELS,
    IMPORTED,
    SYNCER,
    SYNCED_FINALIZERS,
];

/// The markers that an object carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// Label [`MANAGED_BY`].
    pub managed_by: Option<Box<str>>,
    /// Label [`NAMESPACE`].
    pub namespace: Option<Box<str>>,
    /// Label [`CONTROLLED_BY`]: every syncer keeps its hands off.
    pub ignored: bool,
    /// Annotation [`CONTROLLED_BY`]: every syncer but the one of this name keeps its hands off.
    pub controlled_by: Option<Box<str>>,
    /// Annotation [`OBJECT_NAME`].
    pub object_name: Option<Box<str>>,
    /// Annotation [`OBJECT_NAMESPACE`].
    pub object_namespace: Option<Box<str>>,
    /// Annotation [`OBJECT_UID`].
    pub object_uid: Option<Box<str>>,
    /// Annotation [`OBJECT_KIND`].
    pub object_kind: Option<Box<str>>,
    /// Annotation [`HOST_NAME`].
    pub host_name: Option<Box<str>>,
    /// Annotation [`HOST_NAMESPACE`].
    pub host_namespace: Option<Box<str>>,
    /// Annotation [`IMPORTED`].
    pub imported: bool,
    /// Annotation [`SYNCER`].
    pub syncer: Option<Box<str>>,
}

impl Markers {
    /// From the pairs that begin with [`PREFIX`]; none if none of them is a marker.
    pub(crate) fn new(labels: Pairs<'_>, annotations: Pairs<'_>) -> Option<Self> {
        let mut markers = Self::default();
        for (key, value) in labels {
            match &*key {
                MANAGED_BY => markers.managed_by = Some(value.into()),
                NAMESPACE => markers.namespace = Some(value.into()),
                CONTROLLED_BY => markers.ignored = !value.is_empty(),
                _ => {}
            }
        }
        for (key, value) in annotations {
            let field = match &*key {
                CONTROLLED_BY => &mut markers.controlled_by,
                OBJECT_NAME => &mut markers.object_name,
                OBJECT_NAMESPACE => &mut markers.object_namespace,
                OBJECT_UID => &mut markers.object_uid,
                OBJECT_KIND => &mut markers.object_kind,
                HOST_NAME => &mut markers.host_name,
                HOST_NAMESPACE => &mut markers.host_namespace,
                SYNCER => &mut markers.syncer,
                IMPORTED => {
                    markers.imported = value == "true";
                    continue;
                }
                _ => continue,
            };
            *field = (!value.is_empty()).then(|| value.into());
        }
        (markers != Self::default()).then_some(markers)
    }

    /// Whether the syncer of this name keeps its hands off.
    pub fn ignored_by(&self, syncer: &str) -> bool {
        self.ignored || self.controlled_by.as_deref().is_some_and(|by| by != syncer)
    }
}
